"""What is told to a person who looks elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from core.domain.event import Event
from gui.notifications.news import Notify, news_of
from gui.notifications.tray import TrayNotifier
from tests.gui.fakes import NOW

if TYPE_CHECKING:
    import pytest
    from pytestqt.qtbot import QtBot


def event(kind: str, task: str = "task-1", **data: Any) -> Event:
    return Event(1, NOW, kind, "/repo", task, "agent-ada", "run-1", "agent-ada", data)


ASKED = event("question.asked", title="Run npm install?")
FAILED = event("run.ended", status="failed", reason="It ended with exit status 3.")
DONE = event("task.review")


def test_waiting_failed_and_done_are_news_and_nothing_else() -> None:
    told = news_of([ASKED, FAILED, DONE, event("run.started"), event("task.added")], Notify.ALL)

    assert [(news.title, news.text, news.needs_person) for news in told] == [
        ("agent-ada asks you", "Run npm install?", True),
        ("task-1 failed", "It ended with exit status 3.", True),
        ("task-1 is ready for review", "By agent-ada.", False),
    ]


def test_a_run_that_ended_well_but_changed_nothing_says_so() -> None:
    (news,) = news_of([event("task.review", why="The agent changed nothing.")], Notify.ALL)

    assert news.text == "By agent-ada. The agent changed nothing."


def test_a_run_that_was_stopped_by_a_person_is_no_news() -> None:
    assert news_of([event("run.ended", status="aborted")], Notify.ALL) == []


def test_the_setting_decides() -> None:
    assert [news.title for news in news_of([ASKED, DONE], Notify.NEEDS_ME)] == [
        "agent-ada asks you"
    ]
    assert news_of([ASKED, FAILED], Notify.NONE) == []


def test_a_burst_is_told_as_a_number() -> None:
    told = news_of([event("task.review", f"task-{n}") for n in range(9)], Notify.ALL)

    assert [news.title for news in told] == [
        "task-0 is ready for review",
        "task-1 is ready for review",
        "7 more",
    ]


def test_nothing_is_told_while_the_window_is_in_front(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    notifier = TrayNotifier(window)
    alerts: list[QWidget] = []
    monkeypatch.setattr(
        "gui.notifications.tray.QApplication.alert", lambda told: alerts.append(told)
    )

    monkeypatch.setattr(window, "isActiveWindow", lambda: True)
    notifier.on_events([ASKED])
    assert alerts == []

    monkeypatch.setattr(window, "isActiveWindow", lambda: False)
    notifier.on_events([ASKED, DONE])
    assert alerts == [window, window]

    notifier.on_events([event("setting.changed", key="notify", value="none")])
    notifier.on_events([ASKED])
    assert len(alerts) == 2
