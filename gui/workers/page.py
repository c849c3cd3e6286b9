"""The workers page: everybody in a table, with what can be done with the chosen one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.engine.workers import worker_remove
from gui.async_slots import async_slot
from gui.theme.stylesheet import set_look
from gui.theme.tokens import Space, Tone
from gui.widgets.button import ButtonKind, make_button
from gui.widgets.empty_state import EmptyState
from gui.widgets.label import make_label
from gui.widgets.segmented import Segmented
from gui.widgets.table import dress_table
from gui.workers.columns import WorkersTable
from gui.workers.locks_panel import LocksPanel
from gui.workers.table import STATE, WORKER, WorkerCellDelegate, WorkersModel
from gui.workers.worker_facts import WorkerFacts, facts_of

if TYPE_CHECKING:
    from core.domain.overview import BoardView
    from gui.engine_client import Client
    from gui.navigation import Navigation
    from gui.widgets.message_bar import MessageBar
    from gui.workers.actions import WorkerActions

ACTIONS: Final = (
    ("View", "eye"), ("Pause", "pause"), ("Resume", "play"), ("Abort", "stop"), ("Merge", "merge")
)  # fmt: skip


class WorkersPage(QWidget):
    """Lists the workers."""

    def __init__(
        self,
        client: Client,
        message_bar: MessageBar,
        navigation: Navigation,
        actions: WorkerActions,
    ) -> None:
        super().__init__()
        self.message_bar = message_bar
        self._client = client
        self._has_workers = False
        self._actions = actions
        self.setAccessibleName("Workers page")
        self.model = WorkersModel()
        self.table = WorkersTable()
        dress_table(self.table, "List of workers")
        self.table.setModel(self.model)
        cells = WorkerCellDelegate(self.table)
        self.table.setItemDelegateForColumn(WORKER, cells)
        self.table.setItemDelegateForColumn(STATE, cells)
        self.table.doubleClicked.connect(lambda _index: self._act("View"))
        self.table.selectionModel().currentRowChanged.connect(self._settle)
        self.table.follow_model()
        self.buttons = {
            name: make_button(name, icon=icon, on_click=partial(self._act, name))
            for name, icon in ACTIONS
        }
        self.remove = make_button("Remove", icon="trash", on_click=self._on_remove)
        self._add = make_button(
            "Worker", ButtonKind.PRIMARY, "plus", on_click=navigation.worker_asked.emit
        )
        self._add.setAccessibleName("+ Worker")
        self._empty = EmptyState(
            "workers",
            "Nobody works here yet. Register an agent or a person.",
            "+ Worker",
            navigation.worker_asked.emit,
        )
        self.views = Segmented("View", ["Workers", "Locks"])
        self.views.chosen.connect(lambda _place: self._settle())
        self._was_shown = False
        self.locks = LocksPanel(client, message_bar)
        self._lay_out()
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._tick)
        self._clock.start()
        self._settle()

    def show_board(self, view: BoardView) -> None:
        """Show the workers as they are now."""
        before = self.chosen()
        self.model.show_rows(facts_of(view))
        self._choose_again(before)
        self._has_workers = bool(view.workers)
        self.locks.show_board(view)
        self.setFocusProxy(self.table if view.workers else self._empty.button or self.table)
        self._settle()

    def _choose_again(self, before: WorkerFacts | None) -> None:
        """Keep the chosen worker: the buttons must not be another one's all at once."""
        if self.table.currentIndex().isValid():
            return
        names = [self.model.row_of(row).worker.name for row in range(self.model.rowCount())]
        if before is None and names and not self._was_shown:
            self.table.selectRow(0)
        elif before is not None and before.worker.name in names:
            self.table.selectRow(names.index(before.worker.name))
        self._was_shown = bool(names)

    def chosen(self) -> WorkerFacts | None:
        """Return the chosen worker."""
        index = self.table.currentIndex()
        return self.model.row_of(index.row()) if index.isValid() else None

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        self._chosen = make_label("", role="muted")
        head.addWidget(self.views)
        head.addWidget(self._chosen)
        head.addStretch()
        for button in (*self.buttons.values(), self.remove, self._add):
            head.addWidget(button)
        sheet = QFrame()
        set_look(sheet, surface="sheet")
        inside = QVBoxLayout(sheet)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self.table)
        self._body = QStackedWidget()
        self._body.addWidget(sheet)
        self._body.addWidget(self._empty)
        self._body.addWidget(self.locks)
        stack = QVBoxLayout(self)
        stack.setContentsMargins(Space.L, Space.L, Space.L, Space.M)
        stack.setSpacing(Space.M)
        stack.addLayout(head)
        stack.addWidget(self._body, 1)
        self.setFocusProxy(self.table)

    def _tick(self) -> None:
        if self.isVisible():
            self.model.tick()

    def _settle(self) -> None:
        facts = self.chosen()
        shows_locks = self.views.current() == 1
        self._body.setCurrentIndex(2 if shows_locks else 0 if self._has_workers else 1)
        self._chosen.setText(facts.worker.name if facts and not shows_locks else "")
        paused = facts is not None and facts.state == "paused"
        some = self.model.rowCount() > 0 and not shows_locks
        for button in (*self.buttons.values(), self.remove, self._add):
            button.setVisible(some)
        self.buttons["Resume"].setVisible(some and paused)
        self.buttons["Pause"].setVisible(some and not paused)
        running = facts is not None and facts.live_run is not None
        self.buttons["View"].setEnabled(facts is not None)
        self.buttons["Merge"].setEnabled(facts is not None)
        self.buttons["Pause"].setEnabled(running)
        self.buttons["Abort"].setEnabled(running)
        self.remove.setEnabled(facts is not None and facts.worker.task is None)

    def _act(self, action: str) -> None:
        facts = self.chosen()
        if facts is not None:
            self._actions.act(facts.worker.name, action)

    def _on_remove(self) -> None:
        facts = self.chosen()
        if facts is None:
            return
        name = facts.worker.name
        self.message_bar.show_message(
            f"Remove {name}?",
            "Its branches and finished work stay.",
            Tone.WARN,
            [("Keep", lambda: None), ("Remove", lambda: self.remove_worker(name))],
        )

    @async_slot("Remove worker")
    async def remove_worker(self, name: str) -> None:
        """Remove a worker that owns nothing."""
        await self._client.do(worker_remove, name)
