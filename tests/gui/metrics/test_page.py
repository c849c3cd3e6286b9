"""The figures page tells each key figure beside its goal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from core.domain.figures import (
    Goal,
    Health,
    Latency,
    LockCount,
    Report,
    Stats,
    WorkerCount,
    WorkerFigures,
)
from gui.metrics.page import CARDS, FiguresPage
from gui.widgets.message_bar import MessageBar
from tests.gui.fakes import NOW
from tests.gui.recording_client import Call, RecordingClient

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot
    from qasync import QEventLoop


HEALTH = Health(
    workers=WorkerCount(2, 0),
    queue={"backlog": 3},
    locks=LockCount(1, 0),
    conflict_rate=0.2,
    utilization=None,
    completion_rate=1.0,
    assignment_latency_ms=Latency(12, 40),
    estimate_error=0.1,
    warnings=("agent-bo holds task-4 and has given no sign of life for too long.",),
    concurrent=3,
    since=NOW - timedelta(days=7),
)
STATS = Stats(
    since=NOW - timedelta(days=7),
    until=NOW,
    health=HEALTH,
    goals=(
        Goal("Concurrent workers", "3", "3 or more", met=True),
        Goal("Conflict rate", "20%", "0%", met=False),
        *(Goal(f"Figure {n}", "none yet", "something", met=None) for n in range(CARDS - 2)),
    ),
    workers=(
        WorkerFigures("agent-ada", 2, 1, 0, 75.0, 12_000, 800, 0.5, 1),
        WorkerFigures("agent-bo", 0, 0, 1, 3.0, 0, 0, None, 1),
    ),
    tasks_done=1,
    runs=4,
    landed=1,
    events=90,
)


@pytest.fixture
def message_bar(qtbot: QtBot) -> MessageBar:
    made = MessageBar()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def client() -> RecordingClient:
    day = NOW.date()
    return RecordingClient(
        answers={
            "stats": STATS,
            "report": lambda **more: Report(
                day, "# shop\n", ("/r/.ai/day.md", "/r/.ai/x.md") if more.get("write") else ()
            ),
        }
    )


@pytest.fixture
def page(
    qtbot: QtBot, qt_loop: QEventLoop, client: RecordingClient, message_bar: MessageBar
) -> FiguresPage:
    made = FiguresPage(client, message_bar)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    qtbot.waitUntil(lambda: made.model.rowCount() == 2)
    return made


def test_each_figure_stands_beside_its_goal(page: FiguresPage) -> None:
    assert [card.accessibleName() for card in page.cards[:2]] == [
        "Concurrent workers: 3. Goal: 3 or more",
        "Conflict rate: 20%. Goal: 0%",
    ]
    assert page.summary.text() == "1 task done · 4 runs · 1 landing"
    assert page.warnings.text() == HEALTH.warnings[0]


def test_what_is_not_known_is_not_said_to_be_nothing(page: FiguresPage) -> None:
    costs = [page.model.index(row, 7).data() for row in range(2)]

    assert costs == ["$0.50+", "unknown"]
    tip = page.model.index(0, 7).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "1 runs of unknown cost are not in it"


def test_another_stretch_of_time_is_asked_for(
    page: FiguresPage, client: RecordingClient, qtbot: QtBot
) -> None:
    QTest.mouseClick(page.ranges.segment(2), Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: Call("stats", (), {"days": 30}) in client.calls)


def test_the_report_is_copied_and_the_logs_are_written(
    page: FiguresPage, message_bar: MessageBar, qtbot: QtBot
) -> None:
    page.copy.click()
    qtbot.waitUntil(lambda: message_bar.text() == "Copied today's report")
    assert QGuiApplication.clipboard().text() == "# shop\n"

    page.write.click()
    qtbot.waitUntil(lambda: message_bar.text() == "Wrote 2 files")


def test_without_warnings_it_says_so(page: FiguresPage) -> None:
    page.show_stats(replace(STATS, health=replace(HEALTH, warnings=()), workers=()))

    assert page.warnings.text().startswith("Nothing")
    assert page.model.rowCount() == 0
