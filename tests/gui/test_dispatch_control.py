"""The dispatcher in the top bar, on idle cards, and while a card is held."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest

from core.domain.dispatch import DispatchMode, DispatchView
from core.domain.event import Event
from core.domain.stage import Proposal, Suggestion
from core.domain.task import TaskStatus
from gui.dispatch_control import DispatchControl, words_of
from gui.task_drag import DragSession
from gui.top_bar import TopBar
from gui.widgets.message_bar import MessageBar
from gui.workers.strip import WorkerStrip
from tests.gui.fakes import NOW, make_task, sample_board
from tests.gui.recording_client import Call, RecordingClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot
    from qasync import QEventLoop

IDLE = "agent-claude-3"


def view(mode: DispatchMode = DispatchMode.SUPERVISOR, paused_by: str = "") -> DispatchView:
    return DispatchView(mode, paused_by, True, 3, 1, "", 0, 0, 0, "")


@pytest.fixture
def client() -> RecordingClient:
    return RecordingClient(
        answers={
            "dispatch_view": view(),
            "dispatch_mode": lambda mode: view(DispatchMode(mode)),
            "dispatch_pause": view(paused_by="person"),
            "dispatch_resume": view(),
            "accept": ("one", "two"),
            "suggest": (
                Suggestion("task-9", IDLE, 10, "critical path 4 h"),
                Suggestion("task-9", "human-ana", 0, "", ("human-ana lacks the skill db.",)),
            ),
        }
    )


@pytest.fixture
def session() -> DragSession:
    return DragSession()


@pytest.fixture
def control(
    qtbot: QtBot, qt_loop: QEventLoop, client: RecordingClient, session: DragSession
) -> Iterator[DispatchControl]:
    bar = MessageBar()
    qtbot.addWidget(bar)
    made = DispatchControl(client, bar, session)
    yield made
    if made.menu() is not None:
        made.menu().close()  # type: ignore[union-attr]


def labels(control: DispatchControl) -> list[str]:
    menu = control.menu()
    assert menu is not None
    return [action.text() for action in menu.actions() if action.text()]


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_the_menu_has_the_modes_a_pause_and_all_that_is_proposed(
    control: DispatchControl, client: RecordingClient, qtbot: QtBot
) -> None:
    bar = TopBar()
    qtbot.addWidget(bar)
    bar.dispatch_asked.connect(lambda below: control.open_menu(below, 2))
    bar.show()
    QTest.mouseClick(bar.dispatch, Qt.MouseButton.LeftButton)

    assert labels(control) == [
        "You assign", "Queue", "Your order", "Give out nothing for now", "Accept 2 proposals"
    ]  # fmt: skip
    control.menu().actions()[1].trigger()  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: Call("dispatch_mode", ("queue",), {}) in client.calls)
    qtbot.waitUntil(lambda: control.view == view(DispatchMode.QUEUE))


def test_a_pause_is_said_in_the_bar_and_can_be_ended(
    control: DispatchControl, qtbot: QtBot
) -> None:
    told: list[str] = []
    control.changed.connect(lambda found: told.append(words_of(found)))

    control.pause()
    qtbot.waitUntil(lambda: told == ["giving out nothing"])
    control.resume()
    qtbot.waitUntil(lambda: told[-1] == "you assign")


def test_it_is_read_again_only_after_what_concerns_it(
    control: DispatchControl, client: RecordingClient, qtbot: QtBot
) -> None:
    control.on_events([])
    qtbot.waitUntil(lambda: control.view is not None)
    reads = len(client.calls)

    control.on_events([Event(1, NOW, "task.added", "/r", "task-1", None, None, "person", {})])
    assert len(client.calls) == reads
    control.on_events([Event(2, NOW, "dispatch.paused", "/r", None, None, None, "person", {})])
    qtbot.waitUntil(lambda: len(client.calls) == reads + 1)


@pytest.fixture
def strip(qtbot: QtBot, session: DragSession) -> WorkerStrip:
    made = WorkerStrip(session)
    qtbot.addWidget(made)
    made.resize(1300, 120)
    made.show_board(sample_board())
    made.show()
    return made


def test_while_a_card_is_held_each_worker_says_how_it_fits_or_why_not(
    control: DispatchControl, strip: WorkerStrip, session: DragSession, qtbot: QtBot
) -> None:
    control.advised.connect(strip.show_advice)

    session.begin(make_task("task-9", "Index the orders", TaskStatus.BACKLOG))

    qtbot.waitUntil(lambda: "critical path 4 h" in strip.cards[IDLE].line())
    session.end()
    assert "critical path" not in strip.cards[IDLE].line()


def test_advice_on_a_card_that_was_put_down_is_not_shown(
    control: DispatchControl, client: RecordingClient, session: DragSession, qtbot: QtBot
) -> None:
    advised: list[object] = []
    control.advised.connect(advised.append)
    client.hold.add("suggest")
    session.begin(make_task("task-9", "Index the orders", TaskStatus.BACKLOG))
    qtbot.waitUntil(lambda: bool(client.calls))
    session.end()

    client.let_go()
    control.on_events([])
    qtbot.waitUntil(lambda: control.view is not None)
    assert advised == []


def test_what_is_proposed_is_one_press_away(strip: WorkerStrip) -> None:
    proposal = Proposal("issue-12", IDLE, "nobody is near it", NOW)
    strip.show_board(sample_board(proposals=(proposal,)))
    given: list[tuple[str, str]] = []
    strip.dropped.connect(lambda key, worker: given.append((key, worker)))
    card = strip.cards[IDLE]

    assert card.line() == "Next fit: issue-12, nobody is near it"
    QTest.mouseClick(card.offer, Qt.MouseButton.LeftButton)

    assert given == [("issue-12", IDLE)]


def test_what_is_proposed_is_not_covered_by_the_buttons_that_come_up(strip: WorkerStrip) -> None:
    proposal = Proposal("issue-12", IDLE, "nobody is near it", NOW)
    strip.show_board(sample_board(proposals=(proposal,)))
    card = strip.cards[IDLE]
    place = card.offer.mapTo(card, card.offer.rect().center())

    card.set_chosen(True)  # as under the pointer
    QCoreApplication.processEvents()

    assert card.childAt(place) is card.offer
    assert card.offer.mapTo(card, card.offer.rect().center()) == place
    assert card.offer in card.stops()
    covering = [button for button in card.buttons.all() if card.childAt(
        button.mapTo(card, button.rect().center())) is not button]  # fmt: skip
    assert covering == []
