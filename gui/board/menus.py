"""Menus of a card: everything that a drag can do, for the keyboard."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from core.domain.task import Task, TaskStatus
from core.domain.worker import Worker, WorkerType
from gui.drop_rules import drop_on_column, drop_on_worker
from gui.theme.theme import theme
from gui.widgets.tips import plain_tip

if TYPE_CHECKING:
    from PySide6.QtGui import QIcon

    from core.domain.overview import BoardView
    from gui.board.page import BoardPage


def move_menu(page: BoardPage, task: Task, view: BoardView) -> QMenu:
    """Return the columns that *task* can go to."""
    menu = QMenu("Move to", page)
    for status in TaskStatus:
        if status is not task.status:
            answer = drop_on_column(task, status, view)
            action = menu.addAction(status.label, partial(page.move_card, task.key, status))
            action.setEnabled(answer.accepts)
            action.setToolTip(plain_tip(answer.words))
    menu.setToolTipsVisible(True)
    return menu


def assign_menu(page: BoardPage, task: Task, view: BoardView) -> QMenu:
    """Return the workers that could take *task*, and below them the others with why not."""
    menu = QMenu("Assign to", page)
    answers = [(worker, drop_on_worker(task, worker, view)) for worker in view.workers]
    takers = [worker for worker, answer in answers if answer.accepts]
    for worker in takers:
        action = menu.addAction(worker.name, partial(page.assign, task.key, worker.name))
        action.setIcon(_icon(worker))
    if takers:
        menu.setActiveAction(menu.actions()[0])
        menu.addSeparator()
    for worker, answer in answers:
        if not answer.accepts:
            action = menu.addAction(_icon(worker), answer.words)
            action.setEnabled(False)
    if not view.workers:
        menu.addAction("There are no workers yet").setEnabled(False)
    return menu


def _icon(worker: Worker) -> QIcon:
    return theme().icon("agent" if worker.type is WorkerType.AGENT else "person")


def context_menu(page: BoardPage, task: Task, view: BoardView) -> QMenu:
    """Return all that can be done with *task*."""
    menu = QMenu(task.key, page)
    menu.addAction(theme().icon("edit"), "Open", partial(page.open_task, task.key))
    menu.addMenu(assign_menu(page, task, view)).setIcon(theme().icon("person"))
    menu.addMenu(move_menu(page, task, view)).setIcon(theme().icon("arrow-right"))
    menu.addSeparator()
    menu.addAction(theme().icon("trash"), "Remove…", partial(page.ask_remove, task))
    return menu
