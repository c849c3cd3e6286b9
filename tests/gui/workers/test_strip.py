"""One card per worker: its state in words, its buttons always there for the keyboard."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from core.domain.run import RunStatus
from core.domain.worker import WorkerStatus
from gui.navigation import Navigation
from gui.task_drag import DragSession
from gui.theme.fonts import LINE_HEIGHTS, TextStyle
from gui.widgets.label import ElidedLabel
from gui.widgets.pill import Pill
from gui.workers.actions import WorkerActions
from gui.workers.strip import AT_ONCE, SPACING, WorkerStrip
from gui.workers.worker_card import LEAST_WIDTH, WorkerCard
from gui.workers.worker_facts import WorkerFacts, facts_of
from tests.gui.fakes import NOW, make_run, make_task, make_worker, sample_board
from tests.gui.recording_client import RecordingClient

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot
    from qasync import QEventLoop

    from core.domain.run import Run
    from gui.widgets.message_bar import MessageBar


@pytest.fixture
def strip(qtbot: QtBot) -> WorkerStrip:
    made = WorkerStrip(DragSession())
    qtbot.addWidget(made)
    made.resize(1200, 120)
    made.show_board(sample_board())
    made.show()
    qtbot.waitExposed(made)
    return made


def test_each_worker_has_a_card_with_its_state_in_words(strip: WorkerStrip) -> None:
    words = {name: card.state_word() for name, card in strip.cards.items()}

    assert words == {
        "agent-claude-1": "Working",
        "agent-codex-1": "Asks you",
        "agent-gemini-1": "Paused",
        "human-ana": "Working",
        "agent-claude-3": "Idle",
    }
    assert [card.accessibleName() for card in strip.cards.values()] == list(words)


def test_an_open_worker_wears_its_badge_before_it_is_given_anything(strip: WorkerStrip) -> None:
    bold = make_worker("agent-bold", permissions="open")
    strip.show_board(sample_board(workers=(bold, make_worker("agent-meek", permissions="watched"))))

    worn = {name: [label.text() for label in card.findChildren(QLabel) if label.isVisibleTo(card)]
            for name, card in strip.cards.items()}  # fmt: skip
    assert ["open" in words for words in worn.values()] == [True, False]


@pytest.mark.parametrize(
    ("status", "run", "word"),
    [
        (WorkerStatus.AVAILABLE, None, "Idle"),
        (WorkerStatus.OFFLINE, None, "Offline"),
        (WorkerStatus.BUSY, make_run("r", "t", "agent-x", status=RunStatus.STARTING), "Starting"),
        (
            WorkerStatus.AVAILABLE,
            make_run("r", "t", "agent-x", status=RunStatus.FAILED, ended_at=NOW),
            "Failed",
        ),
        (
            WorkerStatus.AVAILABLE,
            make_run("r", "t", "agent-x", status=RunStatus.DONE, ended_at=NOW),
            "Idle",
        ),
    ],
)
def test_states_are_said_in_the_words_of_the_screen(
    strip: WorkerStrip, status: WorkerStatus, run: Run | None, word: str
) -> None:
    worker = make_worker("agent-x", status=status)

    strip.show_board(sample_board(workers=(worker,), runs=(run,) if run else ()))

    assert strip.cards["agent-x"].state_word() == word


def test_buttons_are_in_the_tree_and_the_focus_order_though_not_painted(
    strip: WorkerStrip,
) -> None:
    strip.activateWindow()
    strip.add_button().setFocus()
    for card in strip.cards.values():
        names = []
        for button in card.buttons.all():
            interface = QAccessible.queryAccessibleInterface(button)
            assert not interface.state().invisible
            assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
            assert button.isEnabled()
            assert not button.is_revealed or card.underMouse()
            names.append(interface.text(QAccessible.Text.Name))
        paused = card.state_word() == "Paused"
        assert names == ["View", "Resume" if paused else "Pause", "Abort", "Merge"]


def test_focus_and_selection_paint_the_buttons(strip: WorkerStrip, qtbot: QtBot) -> None:
    strip.activateWindow()
    card = strip.cards["agent-claude-1"]

    card.buttons.button("Abort").setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(lambda: card.buttons.button("View").is_revealed)
    strip.choose("human-ana")

    assert strip.cards["human-ana"].buttons.button("View").is_revealed


def test_tab_stops_once_at_each_card_and_the_arrows_reach_its_buttons(
    strip: WorkerStrip, qtbot: QtBot
) -> None:
    strip.activateWindow()
    qtbot.waitUntil(strip.isActiveWindow)
    cards = list(strip.cards.values())
    first = cards[0].buttons.all()
    first[0].setFocus(Qt.FocusReason.TabFocusReason)

    QTest.keyClick(first[0], Qt.Key.Key_Right)
    QTest.keyClick(first[1], Qt.Key.Key_Right)
    assert first[2].hasFocus()
    passed = []
    for _ in cards:
        QTest.keyClick(strip.focusWidget(), Qt.Key.Key_Tab)
        passed.append(strip.focusWidget())
    assert passed == [*(card.buttons.all()[0] for card in cards[1:]), strip.add_button()]
    QTest.keyClick(strip.add_button(), Qt.Key.Key_Backtab)
    assert cards[-1].buttons.all()[0].hasFocus()


def test_space_presses_the_focused_button(strip: WorkerStrip, qtbot: QtBot) -> None:
    button = strip.cards["agent-claude-1"].buttons.button("Pause")

    with qtbot.waitSignal(strip.asked) as asked:
        QTest.keyClick(button, Qt.Key.Key_Space)

    assert asked.args == ["agent-claude-1", "Pause"]


def test_cards_stay_the_same_widgets_while_their_workers_stay(strip: WorkerStrip) -> None:
    before = dict(strip.cards)
    view = sample_board()

    strip.show_board(replace(view, workers=(*view.workers[1:], make_worker("agent-new"))))

    assert "agent-claude-1" not in strip.cards
    assert strip.cards["human-ana"] is before["human-ana"]
    assert "agent-new" in strip.cards


def test_many_cards_come_in_turns_at_the_width_that_all_will_have(qtbot: QtBot) -> None:
    strip = WorkerStrip(DragSession())
    qtbot.addWidget(strip)
    strip.resize(1200, 120)
    workers = tuple(make_worker(f"agent-{number}") for number in range(2 * AT_ONCE + 1))

    strip.show_board(sample_board(workers=workers, runs=(), tasks=()))
    first = dict(strip.cards)
    width = first["agent-0"].width()

    assert list(first) == [worker.name for worker in workers[:AT_ONCE]]
    qtbot.waitUntil(lambda: len(strip.cards) == len(workers))
    assert list(strip.cards) == [worker.name for worker in workers]
    assert {card.width() for card in strip.cards.values()} == {width}
    assert first.items() <= strip.cards.items()


def test_the_strip_ends_with_a_card_that_offers_another_worker(
    strip: WorkerStrip, qtbot: QtBot
) -> None:
    assert strip.add_button().accessibleName() == "+ Worker"
    with qtbot.waitSignal(strip.worker_asked):
        strip.add_button().click()


def test_time_and_progress_are_told_without_asking_anybody() -> None:
    task = make_task("t", "T", sample_board().tasks[0].status, estimate_minutes=30)
    worker = make_worker("agent-x", task="t")
    run = make_run("r", "t", "agent-x", started_at=NOW)
    facts = WorkerFacts(worker, task, run)

    assert facts.time(NOW + timedelta(minutes=15, seconds=3)) == "15:03 of 30 min"
    assert facts.progress(NOW + timedelta(minutes=15)) == pytest.approx(0.5)
    assert facts.progress(NOW + timedelta(minutes=99)) == 1.0


def test_the_live_run_of_a_worker_wins_over_a_later_ended_one() -> None:
    ended = make_run("old", "t", "agent-x", status=RunStatus.DONE, started_at=NOW, ended_at=NOW)
    live = make_run("new", "u", "agent-x", started_at=NOW - timedelta(minutes=9))
    view = sample_board(workers=(make_worker("agent-x"),), runs=(ended, live))

    assert facts_of(view)[0].run == live


def test_pause_of_a_worker_asks_the_engine_and_tells_what_it_says(
    qt_loop: QEventLoop, message_bar: MessageBar, qtbot: QtBot
) -> None:
    client = RecordingClient(answers={"pause": ("Pause asked of agent-claude-1 on issue-4.",)})
    actions = WorkerActions(client, message_bar, Navigation())
    actions.show_board(sample_board())

    actions.act("agent-claude-1", "Pause")

    qtbot.waitUntil(lambda: not message_bar.isHidden())
    assert message_bar.text() == "Pause asked of agent-claude-1 on issue-4."
    assert client.named("pause")[0].kwargs == {"worker": "agent-claude-1"}


def test_merge_leads_to_the_wizard_with_what_the_worker_has_in_review(
    qt_loop: QEventLoop, message_bar: MessageBar, qtbot: QtBot
) -> None:
    navigation = Navigation()
    actions = WorkerActions(RecordingClient(), message_bar, navigation)
    actions.show_board(sample_board())

    with qtbot.waitSignal(navigation.merge_asked) as asked:
        actions.act("agent-claude-1", "Merge")
    actions.act("human-ana", "Merge")

    assert asked.args == [("issue-3",)]
    assert message_bar.text() == "human-ana has nothing to merge yet"


def test_a_name_is_shown_before_the_word_of_the_state(qtbot: QtBot) -> None:
    card = WorkerCard(WorkerFacts(make_worker("agent-codegen-production-eu-west-1")))
    qtbot.addWidget(card)
    card.show()
    pill = card.findChildren(Pill)[0]

    card.resize(420, card.height())
    assert pill.sizeHint().width() == pill.full_width()
    card.resize(190, card.height())
    assert pill.sizeHint().width() < pill.full_width()
    assert pill.toolTip() == "Idle"
    assert card.state_word() == "Idle"


def test_a_failed_run_says_its_whole_reason_on_two_lines(qtbot: QtBot) -> None:
    reason = "The agent ended with exit status 128."
    run = make_run("r", "t", "agent-x", status=RunStatus.FAILED, ended_at=NOW, reason=reason)
    card = WorkerCard(WorkerFacts(make_worker("agent-x"), None, run))
    qtbot.addWidget(card)
    card.setFixedWidth(200)
    card.show()
    qtbot.waitExposed(card)

    line = next(label for label in card.findChildren(ElidedLabel) if label.text() == reason)
    assert line.toolTip() == ""  # it would have the whole if the label had not
    assert line.height() == 2 * LINE_HEIGHTS[TextStyle.TEXT]


@pytest.mark.parametrize("room", [884, 1064, 1704])
@pytest.mark.parametrize("count", [1, 5, 6, 12])
def test_the_strip_shows_all_or_a_part_of_the_next_card(
    qtbot: QtBot, room: int, count: int
) -> None:
    strip = WorkerStrip(DragSession())
    qtbot.addWidget(strip)
    strip.resize(room, 120)
    workers = tuple(make_worker(f"agent-{number}") for number in range(count))
    strip.show_board(sample_board(workers=workers, runs=(), tasks=()))
    strip.show()
    qtbot.waitExposed(strip)
    qtbot.waitUntil(lambda: len(strip.cards) == count)

    last = strip.cards[f"agent-{count - 1}"]
    width = last.width()
    shown = (strip.width() + SPACING) / (width + SPACING)

    assert width >= LEAST_WIDTH
    ends = count * (width + SPACING) + strip.add_button().width()
    assert ends <= strip.width() or 0.2 < shown % 1 < 0.6
