"""The dispatcher in the window: its words in the top bar, its menu, advice while a card is held."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from core.domain.dispatch import DispatchMode, DispatchView
from core.domain.task import TaskStatus
from core.engine.choosing import suggest
from core.engine.controls import accept, dispatch_mode, dispatch_pause, dispatch_resume
from core.engine.controls import dispatch_view as read_view
from gui.async_slots import async_slot
from gui.theme.theme import theme
from gui.theme.tokens import Tone
from gui.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.domain.event import Event
    from core.domain.task import Task
    from gui.engine_client import Client
    from gui.task_drag import DragSession
    from gui.widgets.message_bar import MessageBar

MODES: Final = {
    DispatchMode.SUPERVISOR: ("You assign", "It proposes; you or a supervising agent assign"),
    DispatchMode.QUEUE: ("Queue", "Idle agents take the task that suits them best"),
    DispatchMode.HYBRID: ("Your order", "Idle agents take the next that fits, from the top"),
}


class DispatchControl(QObject):
    """Knows how the dispatcher stands, and asks it for advice on the card that is dragged.

    Signals:
        changed: (DispatchView) it stands differently.
        advised: (tuple of Suggestion) how each worker fits the card that is held now.
    """

    changed = Signal(object)
    advised = Signal(object)

    def __init__(self, client: Client, message_bar: MessageBar, session: DragSession) -> None:
        super().__init__()
        self.message_bar = message_bar
        self.view: DispatchView | None = None
        self._client = client
        self._session = session
        self._menu: QMenu | None = None
        session.started.connect(self._advise)

    def on_events(self, events: Sequence[Event]) -> None:
        """Read anew after what may have changed it."""
        if self.view is None or any(_concerns(event) for event in events):
            self.refresh()

    def menu(self) -> QMenu | None:
        """Return the menu that was opened last."""
        return self._menu

    def open_menu(self, below: QWidget, proposals: int) -> None:
        """Offer the modes, a pause and, where something is proposed, to accept it all."""
        menu = QMenu("Dispatcher", below)
        menu.setToolTipsVisible(True)
        group = QActionGroup(menu)
        for mode, (word, tip) in MODES.items():
            action = menu.addAction(word, partial(self.choose, mode))
            action.setCheckable(True)
            action.setChecked(self.view is not None and self.view.mode is mode)
            action.setToolTip(tip)
            group.addAction(action)
        menu.addSeparator()
        paused = self.view is not None and self.view.paused
        icon = theme().icon("play" if paused else "pause")
        words = "Go on giving out tasks" if paused else "Give out nothing for now"
        menu.addAction(icon, words, self.resume if paused else self.pause)
        everything = menu.addAction(
            theme().icon("check"), f"Accept {counted(proposals, 'proposal')}", self.accept_all
        )
        everything.setEnabled(proposals > 0)
        self._menu = menu  # popup() returns at once: keep the menu until the next one
        menu.popup(below.mapToGlobal(QPoint(0, below.height() + 4)))

    @async_slot("Dispatcher")
    async def refresh(self) -> None:
        """Read how it stands."""
        self._take(await self._client.do(read_view))

    @async_slot("Dispatcher")
    async def choose(self, mode: DispatchMode) -> None:
        """Set who decides."""
        self._take(await self._client.do(dispatch_mode, mode.value))
        word, tip = MODES[mode]
        self.message_bar.show_message(f"{word}: {tip[0].lower()}{tip[1:]}", "", Tone.OK)

    @async_slot("Dispatcher")
    async def pause(self) -> None:
        """Give out and start nothing for now."""
        self._take(await self._client.do(dispatch_pause))
        self.message_bar.show_message(
            "Nothing is given out for now", "What runs goes on.", Tone.WARN
        )

    @async_slot("Dispatcher")
    async def resume(self) -> None:
        """Go on."""
        self._take(await self._client.do(dispatch_resume))

    @async_slot("Accept")
    async def accept_all(self) -> None:
        """Assign all that is proposed."""
        made = await self._client.do(accept, all=True)
        self.message_bar.show_message(f"{counted(len(made), 'task')} assigned", "", Tone.OK)

    @async_slot("Advice")
    async def _advise(self, task: Task) -> None:
        if task.status is not TaskStatus.BACKLOG:
            return
        found = await self._client.do(suggest, task.key, limit=200)
        held = self._session.task
        if held is not None and held.key == task.key:
            self.advised.emit(found)

    def _take(self, view: DispatchView) -> None:
        if view != self.view:
            self.view = view
            self.changed.emit(view)


def words_of(view: DispatchView) -> str:
    """Return how the dispatcher stands in two or three words."""
    if view.paused:
        return "giving out nothing"
    return {
        DispatchMode.SUPERVISOR: "you assign",
        DispatchMode.QUEUE: "queue mode",
        DispatchMode.HYBRID: "your order",
    }[view.mode]


def _concerns(event: Event) -> bool:
    if event.kind == "setting.changed":
        return True
    return event.kind.startswith(("dispatch.", "worker."))
