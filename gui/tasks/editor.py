"""The task editor: the form, what can be done with the task now, its runs and its history."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QScrollArea, QVBoxLayout, QWidget

from core.domain.task import Task, TaskStatus
from core.engine.overview import log
from core.engine.tasks import (
    done,
    release,
    start,
    task_add,
    task_approve,
    task_edit,
    task_remove,
    task_retry,
    task_show,
)
from gui.async_slots import async_slot
from gui.tasks.form import TaskForm
from gui.tasks.history import HistoryPanel, RunsPanel
from gui.tasks.stages_panel import StagesPanel
from gui.theme.theme import theme
from gui.theme.tokens import Height, Space, Tone, state_look
from gui.widgets.button import ButtonKind, make_button
from gui.widgets.label import make_label
from gui.widgets.panel import make_rule
from gui.widgets.pill import Pill

if TYPE_CHECKING:
    from core.domain.overview import BoardView, TaskDetails
    from core.engine.context import Engine
    from gui.engine_client import Client
    from gui.navigation import Navigation
    from gui.widgets.message_bar import MessageBar

WIDTH: Final = 460
EVENTS: Final = 50


class TaskEditor(QWidget):
    """Edits one task, or with no key adds one.

    Signals:
        finished: saved or removed; the editor can be closed.
    """

    finished = Signal()

    def __init__(
        self, client: Client, message_bar: MessageBar, navigation: Navigation, key: str = ""
    ) -> None:
        super().__init__()
        self.message_bar = message_bar
        self.key = key
        self.task: Task | None = None
        self._client = client
        self._navigation = navigation
        self._stamp: object = None
        self._menu: QMenu | None = None
        self.form = TaskForm(is_new=not key)
        self.runs = RunsPanel(navigation)
        self.history = HistoryPanel()
        self.stages = StagesPanel(client, message_bar, key)
        self.save = make_button(
            "Save" if key else "Add task", ButtonKind.PRIMARY, on_click=self._on_save
        )
        self.buttons = {
            name: make_button(name, small=True, icon=icon, on_click=act)
            for name, icon, act in (
                ("Approve", "shield", self._on_approve),
                ("Start", "play", self._on_start),
                ("Done", "check", self._on_done),
                ("Release", "undo", self._on_release),
                ("Retry", "refresh", self._on_retry),
                ("Remove", "trash", self._on_remove),
            )
        }
        self._build()
        if key:
            self._load()

    def show_board(self, view: BoardView) -> None:
        """Know the other tasks, and read this one anew when it has changed."""
        self.form.set_known_keys([task.key for task in view.tasks])
        mine = next((task for task in view.tasks if task.key == self.key), None)
        runs = tuple(run for run in view.runs if run.task == self.key)
        self.stages.show_stages([stage for stage in view.stages if stage.task == self.key])
        if self.key and mine is not None and (mine, runs) != self._stamp:
            self._stamp = (mine, runs)
            self._load()

    def show_details(self, details: TaskDetails) -> None:
        """Show the task; fields that a person is changing stay as they are."""
        task = details.task
        self.form.show_task(task, before=self.task)
        self.task = task
        self.runs.show_runs(details.runs)
        look = state_look(task.status.value)
        self._pill.show_text(task.status.label, look.tone, look.glyph)
        words = [f"with {task.worker}"] if task.worker else []
        words += list(details.reasons) or ([task.last_error] if task.last_error else [])
        self._state.setText(" · ".join(words))
        self._state.setVisible(bool(words))
        for name, button in self.buttons.items():
            button.setVisible(name in actions_for(task))

    def _build(self) -> None:
        self._pill = Pill("Backlog" if self.key else "New")
        self._state = make_label("", role="muted")
        self._state.setWordWrap(True)
        self._state.hide()
        inside = QVBoxLayout()
        inside.setContentsMargins(Space.L, Space.M, Space.L, Space.L)
        inside.setSpacing(Space.M)
        if self.key:
            inside.addLayout(self._action_row())
            inside.addWidget(self._state)
        inside.addWidget(self.form)
        if self.key:
            inside.addWidget(self.stages)
            inside.addWidget(self.runs)
            inside.addWidget(self.history)
        inside.addStretch()
        content = QWidget()
        content.setLayout(inside)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(content)
        stack = QVBoxLayout(self)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(0)
        stack.addWidget(scroll, 1)
        stack.addWidget(make_rule())
        stack.addLayout(self._foot())
        self.setFocusProxy(self.form.title)
        QShortcut(QKeySequence("Ctrl+Return"), self).activated.connect(self._on_save)
        QShortcut(QKeySequence("Ctrl+S"), self).activated.connect(self._on_save)

    def _action_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self._pill)
        row.addStretch()
        for button in self.buttons.values():
            button.hide()
            row.addWidget(button)
        return row

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setContentsMargins(Space.L, 0, Space.L, 0)
        foot.setSpacing(Space.S)
        hint = make_label("Ctrl+Enter saves, Escape closes", role="faint")
        foot.addWidget(hint)
        foot.addStretch()
        holder = QWidget()
        holder.setFixedHeight(Height.BAR)
        foot.addWidget(holder)
        foot.addWidget(self.save)
        return foot

    # -- what the engine does --------------------------------------------------------------

    @async_slot("Read the task")
    async def _load(self) -> None:
        self.show_details(await self._client.do(task_show, self.key))
        self.history.show_events(await self._client.do(log, self.key, limit=EVENTS))

    @async_slot("Save task")
    async def _on_save(self) -> None:
        draft = self.form.draft()
        if not self.form.show_problems(draft, self.key):
            return
        if not self.key:
            task = await self._client.do(task_add, draft.title, **draft.new_task())
            self.message_bar.show_message(f"{task.key} is in the backlog", tone=Tone.OK)
        elif self.task is not None and (changes := draft.changes(self.task)):
            await self._client.do(task_edit, self.key, **changes)
            self.message_bar.show_message(f"{self.key} is saved", tone=Tone.OK)
        self.finished.emit()

    @async_slot("Approve")
    async def _on_approve(self) -> None:
        """Ask as whom: the window knows no accounts, the event names the guardian."""
        guardians = await self._client.do(_guardians)
        menu = QMenu("Approve as", self)
        for name in guardians:
            menu.addAction(theme().icon("person"), f"As {name}", partial(self.approve, name))
        self._menu = menu  # popup() returns at once: keep the menu until the next one
        button = self.buttons["Approve"]
        menu.popup(button.mapToGlobal(QPoint(0, button.height() + 4)))
        if menu.actions():
            menu.setActiveAction(menu.actions()[0])

    @async_slot("Approve")
    async def approve(self, guardian: str) -> None:
        """Record that *guardian* approves of the task."""
        task = await self._client.do(task_approve, self.key, by=guardian)
        self.message_bar.show_message(f"{task.key} is approved by {guardian}", tone=Tone.OK)

    def menu(self) -> QMenu | None:
        """Return the menu that was opened last."""
        return self._menu

    @async_slot("Start")
    async def _on_start(self) -> None:
        await self._client.do(start, self.key)

    @async_slot("Done")
    async def _on_done(self) -> None:
        await self._client.do(done, self.key)

    @async_slot("Release")
    async def _on_release(self) -> None:
        await self._client.do(release, self.key)

    @async_slot("Retry")
    async def _on_retry(self) -> None:
        await self._client.do(task_retry, self.key)

    def _on_remove(self) -> None:
        self.message_bar.show_message(
            f"Remove {self.key}?",
            "It leaves the board. Branches and worktrees stay as they are.",
            Tone.WARN,
            [("Keep", lambda: None), ("Remove", self.remove)],
        )

    @async_slot("Remove task")
    async def remove(self) -> None:
        """Take the task off the board and close."""
        await self._client.do(task_remove, self.key)
        self.finished.emit()


def _guardians(engine: Engine) -> tuple[str, ...]:
    return engine.approval().guardians


def actions_for(task: Task) -> frozenset[str]:
    """Return the names of what can be done with *task* as it stands."""
    is_asked = task.approved_by in (None, task.worker)  # the word of who does it may not count
    waits = task.needs_approval and is_asked and task.status is not TaskStatus.DONE
    return _moves_of(task) | ({"Approve"} if waits else set())


def _moves_of(task: Task) -> frozenset[str]:
    match task.status:
        case TaskStatus.BACKLOG:
            again = {"Retry"} if task.escalated or task.last_error else set()
            return frozenset({"Remove"} | again)
        case TaskStatus.CLAIMED:
            return frozenset({"Start", "Done", "Release"})
        case TaskStatus.IN_PROGRESS:
            return frozenset({"Done", "Release"})
        case TaskStatus.REVIEW:
            return frozenset({"Retry"})
        case TaskStatus.DONE:
            return frozenset({"Remove"})
