"""The board is read anew while a card is on its way: what is said under the pointer stays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDrag, QDragEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from core.domain.stage import Suggestion
from core.domain.task import TaskStatus
from gui.board.cards import make_cards
from gui.task_drag import task_mime
from gui.theme.theme import theme
from tests.gui.fakes import make_worker, sample_board

if TYPE_CHECKING:
    import pytest

    from core.domain.overview import BoardView
    from gui.board.column_view import ColumnView
    from gui.board.page import BoardPage
    from gui.workers.strip import WorkerStrip

S = TaskStatus


def lift(page: BoardPage, strip: WorkerStrip, key: str) -> None:
    task = page.task_of(key)
    assert task is not None
    strip.session.begin(task)


def hang_over(target: QWidget, key: str) -> None:
    """Send what Qt sends when a card comes over *target*, and nothing after it."""
    mime = task_mime(key)  # the event does not own it
    move, left = Qt.DropAction.MoveAction, Qt.MouseButton.LeftButton
    no_key = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(target, QDragEnterEvent(QPoint(30, 30), move, mime, left, no_key))


def look_anew(page: BoardPage, strip: WorkerStrip, view: BoardView) -> None:
    strip.show_board(view)
    page.show_board(view, make_cards(view, {}))


def news() -> BoardView:
    """Return a board on which another agent has said something."""
    view = sample_board()
    first, *others = view.runs
    return replace(view, runs=(replace(first, last_message="Now the tests"), *others))


def test_a_worker_goes_on_saying_why_not(page: BoardPage, strip: WorkerStrip) -> None:
    lift(page, strip, "issue-12")
    card = strip.cards["agent-claude-1"]
    hang_over(card, "issue-12")
    said = card.line()
    assert "issue-4" in said

    look_anew(page, strip, news())

    assert card.line() == said


def test_a_worker_goes_on_saying_how_well_it_fits(page: BoardPage, strip: WorkerStrip) -> None:
    lift(page, strip, "issue-12")
    card = strip.cards["agent-claude-3"]
    strip.show_advice([Suggestion("issue-12", "agent-claude-3", 100, "knows a.py")])
    assert card.line() == "Drop to start it · knows a.py"

    look_anew(page, strip, news())

    assert card.line() == "Drop to start it · knows a.py"


def test_a_column_goes_on_saying_why_not(page: BoardPage, strip: WorkerStrip) -> None:
    lift(page, strip, "issue-12")
    view = page.columns[S.DONE].view
    hang_over(view.viewport(), "issue-12")
    ground = theme().palette.warn_ground
    assert view.grab().toImage().pixelColor(20, 8) == ground

    look_anew(page, strip, news())

    assert view.grab().toImage().pixelColor(20, 8) == ground


def test_who_is_no_longer_free_for_it_says_so(page: BoardPage, strip: WorkerStrip) -> None:
    lift(page, strip, "issue-12")
    card = strip.cards["agent-claude-3"]
    hang_over(card, "issue-12")
    assert card.line() == "Drop to start it"
    view = sample_board()
    taken = tuple(
        replace(task, status=S.IN_PROGRESS, worker="agent-codex-1")
        if task.key == "issue-12"
        else task
        for task in view.tasks
    )

    look_anew(page, strip, replace(view, tasks=taken))

    assert card.line() == "issue-12 is in progress: it belongs to agent-codex-1"
    assert page.columns[S.CLAIMED].hint().isHidden()


def test_what_was_pressed_is_lifted_or_nothing(
    page: BoardPage, strip: WorkerStrip, monkeypatch: pytest.MonkeyPatch
) -> None:
    backlog = page.columns[S.BACKLOG].view
    lifted: list[str] = []

    def carry(_view: ColumnView, drag: QDrag) -> Qt.DropAction:
        lifted.append(drag.mimeData().text())
        return Qt.DropAction.IgnoreAction

    monkeypatch.setattr(type(backlog), "execute", carry)
    spot = backlog.visualRect(backlog.model().index(0, 0)).center()
    QTest.mousePress(backlog.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    view = sample_board()
    look_anew(page, strip, replace(view, tasks=view.tasks[1:]))

    backlog.startDrag(Qt.DropAction.MoveAction)

    assert lifted == []
    QTest.mouseRelease(backlog.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    QTest.mousePress(backlog.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    backlog.startDrag(Qt.DropAction.MoveAction)
    assert lifted == ["issue-13"]


def test_workers_that_come_and_go_move_no_card_while_one_is_carried(
    page: BoardPage, strip: WorkerStrip
) -> None:
    lift(page, strip, "issue-12")
    places = {name: card.geometry() for name, card in strip.cards.items()}
    view = sample_board()
    gone, *stay = view.workers
    workers = (make_worker("agent-new"), *stay)

    look_anew(page, strip, replace(view, workers=workers))

    QApplication.processEvents()
    assert {name: card.geometry() for name, card in strip.cards.items()} == places
    hang_over(strip.cards[gone.name], "issue-12")
    assert strip.cards[gone.name].line() == f"{gone.name} is not here any more"
    strip.session.end()
    assert list(strip.cards) == ["agent-new", *(worker.name for worker in stay)]
