"""The board page: the worker strip, five columns, and what keys and drops ask of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from core.domain.claim import Claim
from core.domain.task import Task, TaskStatus
from core.domain.worker import WorkerType
from core.engine.runs import assign
from core.engine.tasks import move_task, reorder_task, task_remove
from gui.async_slots import async_slot
from gui.board.card_layout import SCROLL_ROOM
from gui.board.column import Column
from gui.board.graph_view import DependencyView
from gui.board.menus import assign_menu, context_menu, move_menu
from gui.drop_rules import drop_on_column
from gui.theme.tokens import Space, Tone
from gui.widgets.empty_state import EmptyState

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent
    from PySide6.QtWidgets import QMenu

    from core.domain.overview import BoardView
    from gui.board.cards import CardsByColumn
    from gui.engine_client import Client
    from gui.navigation import Navigation
    from gui.task_drag import DragSession
    from gui.widgets.message_bar import MessageBar

STATUSES: Final = tuple(TaskStatus)
TICK_MS: Final = 20_000
"""How often the ages on cards are told anew: they count in minutes."""


NO_TASKS: Final = "There are no tasks yet. Add the first one, and drop it on a worker."
NOBODY: Final = (
    "There are no tasks yet, and nobody to do them."
    " Register an agent or a person with “+ Worker” above, and add the first task."
)


class BoardPage(QWidget):
    """Tasks in columns, workers above them."""

    def __init__(
        self,
        client: Client,
        message_bar: MessageBar,
        navigation: Navigation,
        session: DragSession,
        strip: QWidget,
    ) -> None:
        super().__init__()
        self.message_bar = message_bar
        self._client = client
        self._navigation = navigation
        self._session = session
        self._view: BoardView | None = None
        self._menu: QMenu | None = None
        self.columns = {status: Column(status, session) for status in STATUSES}
        self._empty = EmptyState("board", NO_TASKS, "Add a task", navigation.new_task_asked.emit)
        self.dependencies = DependencyView()
        self.dependencies.opened.connect(navigation.task_asked)
        self._shows_dependencies = False
        self._lay_out(strip)
        self._connect()
        self._clock = QTimer(self)
        self._clock.setInterval(TICK_MS)
        self._clock.timeout.connect(self._tick)
        self._clock.start()

    # -- what is shown ---------------------------------------------------------------------

    def show_board(self, view: BoardView, cards: CardsByColumn) -> None:
        """Show the board as the engine has it; only what differs is touched."""
        self._view = view
        for status, column in self.columns.items():
            column.show_cards(cards[status])
        running = sum(1 for run in view.runs if run.ended_at is None)
        self.columns[TaskStatus.IN_PROGRESS].show_limit(running, view.max_workers)
        self._settle_body()
        held = self._session.held(view)
        if held is not None:
            self._on_drag_started(held)

    def show_dependencies(self, shown: bool) -> None:
        """Show the tasks by what waits for what, or in columns."""
        self._shows_dependencies = shown
        self._settle_body()
        if shown:
            self.dependencies.setFocus(Qt.FocusReason.OtherFocusReason)

    def _settle_body(self) -> None:
        view = self._view
        if view is None or not view.tasks:
            is_alone = view is not None and not view.workers
            self._empty.set_sentence(NOBODY if is_alone else NO_TASKS)
            self._body.setCurrentIndex(1)
        elif self._shows_dependencies:
            self.dependencies.show_board(view)
            self._body.setCurrentIndex(2)
        else:
            self._body.setCurrentIndex(0)

    def select(self, key: str) -> None:
        """Put the keyboard on the card of *key*."""
        for column in self.columns.values():
            row = column.model.row_of(key)
            if row >= 0:
                column.view.setFocus(Qt.FocusReason.OtherFocusReason)
                column.view.select(row)

    def task_of(self, key: str) -> Task | None:
        """Return the task as the board has it."""
        tasks = self._view.tasks if self._view else ()
        return next((task for task in tasks if task.key == key), None)

    def take_focus(self, reason: Qt.FocusReason = Qt.FocusReason.ActiveWindowFocusReason) -> None:
        """Put the keyboard on the chosen card, else on the first one; by itself without a ring."""
        filled = [column.view for column in self.columns.values() if column.model.rowCount()]
        chosen = next((view for view in filled if view.current_card() is not None), None)
        if chosen is not None:
            chosen.setFocus(reason)
        elif filled:
            filled[0].setFocus(reason)
            filled[0].select(0)
        elif self._empty.button is not None:
            self._empty.button.setFocus(reason)

    def menu(self) -> QMenu | None:
        """Return the menu that was opened last."""
        return self._menu

    def empty_state(self) -> EmptyState:
        """Return what is shown while there are no tasks."""
        return self._empty

    def selected_key(self) -> str | None:
        """Return the key of the selected card."""
        for column in self.columns.values():
            card = column.view.current_card()
            if card is not None:
                return card.key
        return None

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        self.take_focus(event.reason())  # the page itself is of no use to the keyboard

    def _tick(self) -> None:
        if self.isVisible():
            for status in (TaskStatus.IN_PROGRESS, TaskStatus.DONE):
                self.columns[status].model.tick()

    def _lay_out(self, strip: QWidget) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for column in self.columns.values():
            row.addWidget(column, 1)
        board = QWidget()
        board.setAccessibleName("Board")
        board.setLayout(row)
        self._body = QStackedWidget()
        self._body.addWidget(board)
        self._body.addWidget(self._empty)
        self._body.addWidget(self.dependencies)
        stack = QVBoxLayout(self)
        stack.setContentsMargins(Space.L, Space.M, Space.L - SCROLL_ROOM, Space.M)
        stack.setSpacing(Space.M)
        above = QHBoxLayout()
        above.setContentsMargins(0, 0, SCROLL_ROOM, 0)
        above.addWidget(strip)
        stack.addLayout(above)
        stack.addWidget(self._body, 1)

    def _connect(self) -> None:
        self._session.started.connect(self._on_lifted)
        self._session.ended.connect(self._on_drag_ended)
        for column in self.columns.values():
            view = column.view
            view.opened.connect(self._navigation.task_asked)
            view.dropped.connect(self._on_dropped)
            view.step_asked.connect(self._step_aside)
            view.move_asked.connect(self._move_aside)
            view.reorder_asked.connect(self._reorder)
            view.menu_asked.connect(self._open_menu)
            view.selectionModel().currentChanged.connect(self._keep_one_choice)
            view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            view.customContextMenuRequested.connect(self._on_context_menu)

    # -- drags -----------------------------------------------------------------------------

    def _on_lifted(self, task: Task) -> None:
        self.message_bar.dismiss()  # what an earlier drop was told is over
        self._on_drag_started(task)

    def _on_drag_started(self, task: Task) -> None:
        if self._view is not None:
            for status, column in self.columns.items():
                answer = drop_on_column(task, status, self._view)
                column.show_answer(answer, is_own=status is task.status)

    def _on_drag_ended(self) -> None:
        for column in self.columns.values():
            column.show_answer(None)

    def _on_dropped(self, key: str, status: TaskStatus, place: int) -> None:
        row = self.columns[status].model.row_of(key)
        if row < 0:
            self.move_card(key, status)
        elif place not in (row, row + 1):
            self._reorder(key, place if place < row else place - 1)

    # -- keys ------------------------------------------------------------------------------

    def _step_aside(self, direction: int) -> None:
        here = next((c for c in self.columns.values() if c.view.hasFocus()), None)
        if here is None:
            return
        row = max(0, here.view.currentIndex().row())
        place = STATUSES.index(here.status) + direction
        while 0 <= place < len(STATUSES):
            beside = self.columns[STATUSES[place]]
            if beside.model.rowCount():
                beside.view.setFocus(Qt.FocusReason.TabFocusReason)
                beside.view.select(row)
                return
            place += direction

    def _move_aside(self, key: str, direction: int) -> None:
        task = self.task_of(key)
        if task is None:
            return
        place = STATUSES.index(task.status) + direction
        if 0 <= place < len(STATUSES):
            self.move_card(key, STATUSES[place])

    def _keep_one_choice(self) -> None:
        chosen = self.sender()
        for column in self.columns.values():
            model = column.view.selectionModel()
            if model is not chosen and model.currentIndex().isValid():
                model.blockSignals(True)
                column.view.clear_choice()
                model.blockSignals(False)
                column.view.viewport().update()

    def _on_context_menu(self) -> None:
        key = self.selected_key()
        if key is not None:
            self._open_menu(key, "context")

    def _open_menu(self, key: str, what: str) -> None:
        task = self.task_of(key)
        if task is None or self._view is None:
            return
        if what == "remove":
            self.ask_remove(task)
            return
        makers = {"move": move_menu, "assign": assign_menu, "context": context_menu}
        menu = makers[what](self, task, self._view)
        self._menu = menu  # popup() returns at once: keep the menu until the next one
        column = self.columns[task.status].view
        rect = column.visualRect(column.currentIndex())
        first = menu.activeAction()
        menu.popup(column.viewport().mapToGlobal(rect.center()))
        if first is not None:
            menu.setActiveAction(first)  # Enter takes it; a pop-up begins with nothing chosen

    def open_task(self, key: str) -> None:
        """Show the editor of a task."""
        self._navigation.task_asked.emit(key)

    def ask_remove(self, task: Task) -> None:
        """Ask in the message bar whether *task* shall go."""
        self.message_bar.show_message(
            f"Remove {task.key}?",
            f"“{task.title}” leaves the board. Branches and worktrees stay as they are.",
            Tone.WARN,
            [("Keep", lambda: self.select(task.key)), ("Remove", lambda: self.remove(task.key))],
        )

    # -- what the engine does --------------------------------------------------------------

    @async_slot("Move card")
    async def move_card(self, key: str, status: TaskStatus) -> None:
        """Do what dropping a card on another column does."""
        task = self.task_of(key)
        if task is None or self._view is None:
            return
        answer = drop_on_column(task, status, self._view)
        if answer.worker is not None:
            await self._assign_now(key, answer.worker)
        elif status is TaskStatus.CLAIMED and not answer.accepts:
            # The engine could only say that a claim needs somebody; here it is known why not.
            hint = "Drop it on the card of a worker who is free."
            self.message_bar.show_message(f"Move card: {answer.words}", hint, Tone.WARN)
        else:
            await self._client.do(move_task, key, status)

    @async_slot("Reorder")
    async def _reorder(self, key: str, place: int) -> None:
        await self._client.do(reorder_task, key, place)

    @async_slot("Assign")
    async def assign(self, key: str, worker: str) -> None:
        """Give a task to a worker: an agent starts, a person claims."""
        await self._assign_now(key, worker)

    async def _assign_now(self, key: str, worker: str) -> None:
        given = await self._client.do(assign, key, worker)
        if not isinstance(given, Claim):
            return
        names = {entry.name: entry.type for entry in self._view.workers} if self._view else {}
        by_hand = names.get(worker) is WorkerType.HUMAN  # who needs to know where to work
        where = f"Branch {given.branch} in {given.worktree}"
        later = "It starts when a place is free."
        self.message_bar.show_message(f"{worker} has {key}", where if by_hand else later, Tone.OK)

    @async_slot("Remove task")
    async def remove(self, key: str) -> None:
        """Take a task off the board."""
        await self._client.do(task_remove, key)
