"""The timeline: bars in rows, walked by keyboard, exported as CSV."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from core.domain.figures import Span
from gui.activity.export import events_csv, spans_csv
from gui.activity.page import ActivityPage
from gui.activity.timeline import NAME_WIDTH, Timeline
from gui.navigation import Navigation
from gui.widgets.message_bar import MessageBar
from tests.gui.fakes import NOW
from tests.gui.recording_client import RecordingClient

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from qasync import QEventLoop


def span(worker: str, task: str, first: int, last: int | None, outcome: str = "done") -> Span:
    """Minutes before now."""
    return Span(
        task=task,
        worker=worker,
        run=f"run-{task}" if worker.startswith("agent") else "",
        stage="build",
        outcome=outcome,
        started_at=NOW - timedelta(minutes=first),
        ended_at=None if last is None else NOW - timedelta(minutes=last),
    )


SPANS = (
    span("agent-b", "task-2", 50, 20),
    span("agent-a", "task-1", 40, 30, "failed"),
    span("agent-a", "task-3", 10, None, "working"),
    span("human-ana", "task-4", 300, 25),
)


@pytest.fixture
def timeline(qtbot: QtBot) -> Timeline:
    made = Timeline()
    qtbot.addWidget(made)
    made.resize(900, 300)
    made.show_spans(SPANS, NOW - timedelta(hours=1), NOW)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_bars_stand_in_rows_by_worker_inside_the_time_that_is_shown(timeline: Timeline) -> None:
    rows: dict[float, list[str]] = {}
    for bar in timeline.bars():
        rows.setdefault(bar.room.top(), []).append(bar.span.task)
        assert bar.room.left() >= NAME_WIDTH
        assert bar.room.right() <= timeline.width()

    assert list(rows.values()) == [["task-1", "task-3"], ["task-2"], ["task-4"]]


def test_arrows_walk_and_enter_opens_the_task(timeline: Timeline, qtbot: QtBot) -> None:
    opened: list[str] = []
    timeline.opened.connect(opened.append)
    timeline.setFocus()

    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Return):
        QTest.keyClick(timeline, key)

    assert opened == ["task-3"]
    assert timeline.accessibleDescription().startswith("agent-a on task-3: goes on, from ")


def test_a_double_click_opens_the_task(timeline: Timeline) -> None:
    opened: list[str] = []
    timeline.opened.connect(opened.append)
    place: QPoint = timeline.bars()[2].room.center().toPoint()

    QTest.mouseDClick(timeline, Qt.MouseButton.LeftButton, pos=place)

    assert opened == ["task-2"]


def test_what_was_chosen_stays_chosen_when_it_is_read_anew(timeline: Timeline) -> None:
    timeline.setFocus()
    QTest.keyClick(timeline, Qt.Key.Key_Right)

    timeline.show_spans(SPANS[:2], NOW - timedelta(hours=1), NOW)

    chosen = timeline.chosen()
    assert chosen is not None
    assert chosen.task == "task-1"


def test_the_page_exports_what_it_shows(qtbot: QtBot, qt_loop: QEventLoop, tmp_path: Path) -> None:
    message_bar = MessageBar()
    qtbot.addWidget(message_bar)
    client = RecordingClient(answers={"timeline": SPANS, "events": ()})
    page = ActivityPage(client, message_bar, Navigation())
    qtbot.addWidget(page)
    page.show()
    QTest.mouseClick(page.views.segment(1), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(page.timeline.spans()) == 4)

    page.write_export(str(tmp_path / "out.csv"))

    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert lines[0] == "started_at,ended_at,worker,task,outcome,run,stage"
    assert len(lines) == 5
    page.write_export(str(tmp_path / "no" / "out.csv"))
    assert message_bar.text().endswith("could not be written")


def test_words_of_others_are_no_formula() -> None:
    text = spans_csv([span("=cmd()", "task-1", 5, 4)])

    assert ",'=cmd()," in text
    assert events_csv(()).startswith("id,at,kind")
