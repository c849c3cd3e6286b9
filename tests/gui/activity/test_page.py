"""The activity page tells events in sentences, filters them, and follows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from core.domain.event import Event
from gui.activity.page import ActivityPage
from gui.event_sentences import tell
from gui.navigation import Navigation
from gui.widgets.message_bar import MessageBar
from tests.gui.fakes import NOW
from tests.gui.recording_client import RecordingClient

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot
    from qasync import QEventLoop


def event(number: int, kind: str, **data: Any) -> Event:
    return Event(number, NOW, kind, "/r", "task-1", "agent-ada", "run-1", "person", data)


EVENTS = (
    event(1, "task.added", title="Totals"),
    event(2, "task.claimed"),
    event(3, "run.ended", status="failed", reason="It fell over."),
    event(4, "merge.landed", base="main"),
)


@pytest.fixture
def page(qtbot: QtBot, qt_loop: QEventLoop) -> ActivityPage:
    bar = MessageBar()
    qtbot.addWidget(bar)
    made = ActivityPage(RecordingClient(answers={"events": EVENTS}), bar, Navigation())
    qtbot.addWidget(made)
    made.resize(900, 500)
    made.show()
    qtbot.waitUntil(lambda: made.model.rowCount() == 4)
    return made


def shown(page: ActivityPage) -> list[str]:
    model = page.view.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_events_are_sentences_the_newest_on_top(page: ActivityPage) -> None:
    assert shown(page) == [
        "A merge landed on main",
        "agent-ada's run of task-1 failed: It fell over.",
        "agent-ada claimed task-1",
        "You added task-1: Totals",
    ]


def test_words_and_kinds_filter(page: ActivityPage) -> None:
    page.search.setText("task-1 ada")
    assert len(shown(page)) == 2
    page.search.clear()

    page.areas.segment(3).click()

    assert shown(page) == ["A merge landed on main"]


def test_a_start_is_one_line_and_its_steps_are_details(page: ActivityPage) -> None:
    steps = ("run.created", "run.taken", "worktree.ready", "run.started", "task.started")
    news = [event(number, kind) for number, kind in enumerate(steps, start=5)]
    by_hand = replace(event(10, "task.started"), run=None, worker="human-ana")
    before = len(shown(page))

    page.on_events([*news, by_hand])

    assert shown(page)[:2] == ["human-ana began task-1", "agent-ada is at work on task-1"]
    assert len(shown(page)) == before + 2
    page.details.click()
    assert len(shown(page)) == before + 6


def test_a_filter_that_fits_nothing_says_so(page: ActivityPage) -> None:
    page.search.setText("nothing of the kind")

    assert page.empty_sentence() == "No event fits the filter."


def test_later_events_come_on_top_each_once(page: ActivityPage) -> None:
    later = replace(event(5, "worker.added"), worker="agent-bo")

    page.on_events([EVENTS[3], later])

    assert shown(page)[0] == "You registered agent-bo"
    assert len(shown(page)) == 5


def test_an_unknown_kind_is_told_by_its_own_words() -> None:
    assert tell(event(9, "comet.seen_twice")).sentence == "Comet seen twice: task-1 · agent-ada"


@pytest.mark.parametrize(
    "kind",
    [
        "task.added", "task.claimed", "task.started", "task.review", "task.done", "task.returned",
        "task.edited", "task.removed", "task.approved", "task.retried", "task.ordered",
        "run.created", "run.taken", "run.started", "run.paused", "run.waiting", "run.ended",
        "run.stopping", "run.asked",
        "merge.started", "merge.landed", "merge.failed", "merge.undone",
        "worker.added", "worker.removed", "worktree.ready", "repo.registered", "setting.changed",
    ],
)  # fmt: skip
def test_every_kind_has_a_sentence_with_its_subject(kind: str) -> None:
    sentence = tell(event(1, kind)).sentence

    assert len(sentence) > 5
    assert kind.startswith("merge.") or "task-1" in sentence or "agent-ada" in sentence
