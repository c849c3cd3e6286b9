"""Drops and keys ask the engine; what it refuses is told, and changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDrag, QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from core.domain.overview import Waiting
from core.domain.task import TaskStatus
from core.errors import IllegalTransition, Refused
from gui.board.cards import make_cards
from gui.drop_rules import drop_on_column, drop_on_worker
from gui.task_drag import task_mime
from tests.gui.fakes import make_task, sample_board

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.board.column_view import ColumnView
    from gui.board.page import BoardPage
    from gui.workers.strip import WorkerStrip
    from tests.gui.recording_client import RecordingClient

S = TaskStatus


def drop(target: QWidget, mime: QMimeData, at: QPointF) -> None:
    """Send the events that Qt sends for a drag."""
    move, left = Qt.DropAction.MoveAction, Qt.MouseButton.LeftButton
    no_key = Qt.KeyboardModifier.NoModifier
    spot = at.toPoint()
    QApplication.sendEvent(target, QDragEnterEvent(spot, move, mime, left, no_key))
    QApplication.sendEvent(target, QDragMoveEvent(spot, move, mime, left, no_key))
    QApplication.sendEvent(target, QDropEvent(at, move, mime, left, no_key))


def view_of(page: BoardPage, status: TaskStatus) -> ColumnView:
    return page.columns[status].view


def test_each_column_shows_its_cards_and_count(page: BoardPage) -> None:
    counts = [column.model.rowCount() for column in page.columns.values()]

    assert counts == [5, 1, 4, 2, 2]
    assert [column.view.accessibleName() for column in page.columns.values()] == [
        "Backlog",
        "Claimed",
        "In progress",
        "Review",
        "Done",
    ]
    assert page.columns[S.IN_PROGRESS].limit_words() == "limit 3 of 3"


def test_dropping_a_card_on_another_column_asks_the_engine(
    page: BoardPage, client: RecordingClient, qtbot: QtBot
) -> None:
    review = view_of(page, S.REVIEW)

    drop(review.viewport(), task_mime("issue-7"), QPointF(40, 300))

    qtbot.waitUntil(lambda: bool(client.named("move_task")))
    assert client.named("move_task")[0].args == ("issue-7", S.REVIEW)
    assert page.columns[S.IN_PROGRESS].model.row_of("issue-7") >= 0  # until the board says so


def test_dropping_on_claimed_gives_the_task_to_who_is_free(
    page: BoardPage, client: RecordingClient, qtbot: QtBot
) -> None:
    drop(view_of(page, S.CLAIMED).viewport(), task_mime("issue-12"), QPointF(40, 200))

    qtbot.waitUntil(lambda: bool(client.named("assign")))
    assert client.named("assign")[0].args == ("issue-12", "agent-claude-3")


def test_a_refused_drop_says_why_and_moves_nothing(
    page: BoardPage, client: RecordingClient, qtbot: QtBot
) -> None:
    client.answers["move_task"] = IllegalTransition(
        "issue-12 is in the backlog and cannot go to Done.",
        hint="From Backlog it can go to: Claimed.",
    )

    drop(view_of(page, S.DONE).viewport(), task_mime("issue-12"), QPointF(40, 200))

    qtbot.waitUntil(lambda: not page.message_bar.isHidden())
    said = "Move card: issue-12 is in the backlog and cannot go to Done."
    assert page.message_bar.text() == said
    assert page.message_bar.detail() == "From Backlog it can go to: Claimed."
    assert page.columns[S.BACKLOG].model.row_of("issue-12") == 0


def test_a_task_that_waits_for_another_is_not_given_to_anybody(
    page: BoardPage, client: RecordingClient, qtbot: QtBot
) -> None:
    drop(view_of(page, S.CLAIMED).viewport(), task_mime("issue-8"), QPointF(40, 200))

    qtbot.waitUntil(lambda: not page.message_bar.isHidden())
    assert "Waits for issue-5" in page.message_bar.text()
    assert client.calls == []


def test_a_drop_in_its_own_column_changes_the_order(
    page: BoardPage, client: RecordingClient, qtbot: QtBot
) -> None:
    backlog = view_of(page, S.BACKLOG)
    third = backlog.visualRect(backlog.model().index(2, 0))

    drop(backlog.viewport(), task_mime("issue-12"), QPointF(60, third.bottom() - 12))

    qtbot.waitUntil(lambda: bool(client.named("reorder_task")))
    assert client.named("reorder_task")[0].args == ("issue-12", 2)


def test_a_drop_where_the_card_is_already_asks_nothing(
    page: BoardPage, client: RecordingClient
) -> None:
    backlog = view_of(page, S.BACKLOG)
    first = backlog.visualRect(backlog.model().index(0, 0))

    drop(backlog.viewport(), task_mime("issue-12"), QPointF(first.center()))
    QApplication.processEvents()

    assert client.calls == []


def test_what_is_no_card_is_not_taken(page: BoardPage, client: RecordingClient) -> None:
    foreign = QMimeData()
    foreign.setText("issue-12")

    drop(view_of(page, S.REVIEW).viewport(), foreign, QPointF(40, 200))
    QApplication.processEvents()

    assert client.calls == []


def test_dropping_on_a_worker_assigns(
    page: BoardPage, strip: WorkerStrip, client: RecordingClient, qtbot: QtBot
) -> None:
    drop(strip.cards["agent-claude-3"], task_mime("issue-12"), QPointF(30, 30))

    qtbot.waitUntil(lambda: bool(client.named("assign")))
    assert client.named("assign")[0].args == ("issue-12", "agent-claude-3")


def test_a_worker_who_cannot_take_it_says_why(
    page: BoardPage, strip: WorkerStrip, client: RecordingClient, qtbot: QtBot
) -> None:
    reasons = ("agent-claude-1 is busy with issue-4.", "Waits for issue-5.")
    client.answers["assign"] = Refused("issue-12 cannot be claimed.", reasons=reasons)

    drop(strip.cards["agent-claude-1"], task_mime("issue-12"), QPointF(30, 30))

    qtbot.waitUntil(lambda: not page.message_bar.isHidden())
    assert page.message_bar.detail() == " ".join(reasons)


def test_while_a_card_is_on_its_way_every_place_says_what_dropping_does(
    page: BoardPage, strip: WorkerStrip
) -> None:
    task = page.task_of("issue-12")
    assert task is not None

    strip.session.begin(task)

    assert page.columns[S.CLAIMED].hint().words() == "Drop: agent-claude-3 takes issue-12"
    assert not page.columns[S.CLAIMED].hint().isHidden()
    assert page.columns[S.DONE].hint().isHidden()
    assert strip.cards["agent-claude-3"].line() == "Drop to start it"
    assert strip.cards["agent-claude-1"].graphicsEffect() is not None

    strip.session.end()

    assert page.columns[S.CLAIMED].hint().isHidden()
    assert strip.cards["agent-claude-3"].line() == "Ready for a task"


def test_lifting_a_card_starts_a_drag_and_ends_it(
    page: BoardPage, strip: WorkerStrip, monkeypatch: pytest.MonkeyPatch
) -> None:
    backlog = view_of(page, S.BACKLOG)
    seen: list[str] = []

    def carry(_view: ColumnView, drag: QDrag) -> Qt.DropAction:
        seen.append(drag.mimeData().text())
        assert strip.session.task is not None
        assert not drag.pixmap().isNull()
        return Qt.DropAction.IgnoreAction

    monkeypatch.setattr(type(backlog), "execute", carry)
    backlog.select(1)

    backlog.startDrag(Qt.DropAction.MoveAction)

    assert seen == ["issue-13"]
    assert strip.session.task is None


def test_arrows_walk_over_the_board(page: BoardPage, qtbot: QtBot) -> None:
    page.activateWindow()
    page.select("issue-13")
    backlog = view_of(page, S.BACKLOG)
    qtbot.waitUntil(backlog.hasFocus)

    QTest.keyClick(backlog, Qt.Key.Key_Down)
    assert page.selected_key() == "issue-8"
    QTest.keyClick(backlog, Qt.Key.Key_Right)
    assert page.selected_key() == "issue-10"
    QTest.keyClick(view_of(page, S.CLAIMED), Qt.Key.Key_Right)
    assert page.selected_key() == "issue-4"
    QTest.keyClick(view_of(page, S.IN_PROGRESS), Qt.Key.Key_Left)
    assert page.selected_key() == "issue-10"


def test_control_and_arrows_move_the_card(
    page: BoardPage, client: RecordingClient, qtbot: QtBot
) -> None:
    page.select("issue-7")
    progress = view_of(page, S.IN_PROGRESS)

    QTest.keyClick(progress, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(client.named("move_task")))
    QTest.keyClick(progress, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(client.named("reorder_task")))

    assert client.named("move_task")[0].args == ("issue-7", S.REVIEW)
    assert client.named("reorder_task")[0].args == ("issue-7", 1)


def test_enter_opens_the_task(page: BoardPage, qtbot: QtBot) -> None:
    page.select("issue-7")

    with qtbot.waitSignal(view_of(page, S.IN_PROGRESS).opened) as opened:
        QTest.keyClick(view_of(page, S.IN_PROGRESS), Qt.Key.Key_Return)

    assert opened.args == ["issue-7"]


def test_delete_asks_in_the_message_bar_before_it_removes(
    page: BoardPage, client: RecordingClient, qtbot: QtBot
) -> None:
    page.select("issue-14")

    QTest.keyClick(view_of(page, S.BACKLOG), Qt.Key.Key_Delete)

    assert page.message_bar.text() == "Remove issue-14?"
    assert client.calls == []
    buttons = page.message_bar.findChildren(QPushButton)
    next(button for button in buttons if button.text() == "Remove").click()
    qtbot.waitUntil(lambda: bool(client.named("task_remove")))


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_the_menus_hold_all_that_a_drag_can_do(page: BoardPage, qtbot: QtBot) -> None:
    page.select("issue-12")
    backlog = view_of(page, S.BACKLOG)

    QTest.keyClick(backlog, Qt.Key.Key_A)
    menu = page.menu()
    assert menu is not None
    shown = [action for action in menu.actions() if not action.isSeparator()]
    assert [action.text() for action in shown if action.isEnabled()] == ["agent-claude-3"]
    assert menu.activeAction() is shown[0]  # Enter is enough
    assert "agent-claude-1 is busy with issue-4" in [action.text() for action in shown[1:]]
    menu.close()
    QTest.keyClick(backlog, Qt.Key.Key_M)
    menu = page.menu()
    assert menu is not None
    assert [action.text() for action in menu.actions() if action.isEnabled()] == ["Claimed"]
    menu.close()


def test_an_empty_board_offers_the_one_button_that_helps(page: BoardPage, qtbot: QtBot) -> None:
    view = sample_board(tasks=(), runs=(), waiting=())

    page.show_board(view, make_cards(view, {}))

    button = page.empty_state().button
    assert button is not None
    assert button.isVisible()
    assert button.text() == "Add a task"


def test_without_workers_it_says_where_to_get_one(page: BoardPage) -> None:
    view = sample_board(tasks=(), runs=(), waiting=(), workers=())

    page.show_board(view, make_cards(view, {}))

    assert "with “+ Worker” above" in page.empty_state().sentence()


def test_ten_thousand_cards_are_told_apart_without_a_reset(page: BoardPage) -> None:
    tasks = tuple(make_task(f"t-{n}", f"Task {n}", S.BACKLOG) for n in range(10_000))
    view = sample_board(tasks=tasks, waiting=())
    page.show_board(view, make_cards(view, {}))
    resets: list[None] = []
    model = page.columns[S.BACKLOG].model
    model.modelReset.connect(lambda: resets.append(None))

    shorter = sample_board(tasks=tasks[1:], waiting=())
    page.show_board(shorter, make_cards(shorter, {}))

    assert model.rowCount() == 9_999
    assert resets == []


@pytest.mark.parametrize("to", [TaskStatus.BACKLOG, TaskStatus.REVIEW])
def test_what_an_agent_is_at_work_on_is_not_invited_elsewhere(to: TaskStatus) -> None:
    view = sample_board()
    tasks = {task.key: task for task in view.tasks}

    answer = drop_on_column(tasks["issue-4"], to, view)

    assert not answer.accepts
    assert answer.words.startswith("agent-claude-1 is at work on issue-4: ")
    assert drop_on_column(tasks["issue-5"], to, view).accepts


def test_a_drop_is_what_a_stopped_task_waits_for() -> None:
    stopped = Waiting("issue-12", ("A person stopped it.",), blocks=False, identity="stopped")
    view = sample_board(waiting=(stopped,))
    task = next(task for task in view.tasks if task.key == "issue-12")
    idle = next(worker for worker in view.workers if worker.name == "agent-claude-3")

    assert drop_on_worker(task, idle, view).words == "Drop to start it"
