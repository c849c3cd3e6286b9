"""From the engine's thread to Qt: news of events, and a board that is read anew after them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal

from core.engine.overview import board
from core.errors import EngineError
from gui.async_slots import start
from gui.board.badges import badges
from gui.board.cards import CardsByColumn, make_cards
from gui.error_report import show_error

if TYPE_CHECKING:
    import asyncio

    from core.domain.event import Event
    from core.domain.overview import BoardView
    from core.engine.context import Engine
    from gui.engine_client import Client
    from gui.widgets.message_bar import MessageBar

SHORTEST_S: Final = 0.125
"""At most eight boards a second."""
CALM_S: Final = 0.5
"""The same while agents only talk: ten of them change their last words twenty times a second."""
LONGEST_S: Final = 20.0
"""So often even without news: heartbeats grow old and memory fills without an event."""
AFTER_FAILURE_S: Final = 5.0
OPERATION: Final = "Read the board"


class EventBridge(QObject):
    """Carries batches of events over to the window's thread.

    Signals:
        happened: (list of Event) committed by this or another process.
    """

    happened = Signal(object)

    def on_events(self, events: list[Event]) -> None:
        """Take a batch on the engine's thread; the signal is queued to the window's."""
        self.happened.emit(events)


class BoardFeed(QObject):
    """Reads the board after events, never twice at once and never more often than is of use.

    Signals:
        changed: (BoardView, CardsByColumn) the board as it is now.
    """

    changed = Signal(object, object)

    def __init__(self, client: Client, message_bar: MessageBar) -> None:
        super().__init__()
        self.message_bar = message_bar
        self.view: BoardView | None = None
        self._client = client
        self._reading: asyncio.Task[None] | None = None
        self._again_s = 0.0
        self._rest_s = 0.0
        self._trouble = ""
        self._told = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._read)
        badges().changed.connect(self.refresh)

    def refresh(self) -> None:
        """Read the board soon."""
        self._refresh_within(SHORTEST_S)

    def refresh_calmly(self) -> None:
        """Read the board within half a second: nothing has changed but words and clocks."""
        self._refresh_within(CALM_S)

    def _refresh_within(self, pause_s: float) -> None:
        if self._reading is not None:
            self._again_s = min(self._again_s or pause_s, pause_s)
        elif not self._timer.isActive() or self._timer.remainingTime() > pause_s * 1000:
            self._timer.start(round(pause_s * 1000))

    def refresh_now(self) -> None:
        """Read the board at once, unless it is being read."""
        self._timer.stop()
        self._read()

    @property
    def is_reading(self) -> bool:
        """Whether the board is being read."""
        return self._reading is not None

    def stop(self) -> None:
        """Read no more."""
        self._timer.stop()
        if self._reading is not None:
            self._reading.cancel()

    def _read(self) -> None:
        if self._reading is None:
            self._again_s = 0.0
            self._reading = start(self, OPERATION, self._read_once())
            self._reading.add_done_callback(self._on_read)

    async def _read_once(self) -> None:
        begun = time.monotonic()
        self._rest_s = AFTER_FAILURE_S
        try:
            view = await self._client.do(board)
            cards = await self._client.do(_cards, view)
        except EngineError as error:
            self._take_failure(error)
            return
        self._forget_failure()
        self.view = view
        self.changed.emit(view, cards)
        # A board of thousands takes longer to read: leave the engine as much time for others.
        self._rest_s = time.monotonic() - begun

    def _take_failure(self, error: EngineError) -> None:
        """Say what went wrong; the same trouble of every round only once."""
        if str(error) != self._trouble:
            self._trouble = str(error)
            show_error(self.message_bar, OPERATION, error)
            self._told = self.message_bar.text()

    def _forget_failure(self) -> None:
        if self._trouble and self.message_bar.text() == self._told:
            self.message_bar.dismiss()
        self._trouble = ""

    def _on_read(self, task: asyncio.Task[None]) -> None:
        self._reading = None
        if task.cancelled():
            self._timer.stop()
            return
        has_failed = self._rest_s == AFTER_FAILURE_S
        pause_s = self._again_s or (AFTER_FAILURE_S if has_failed else LONGEST_S)
        self._timer.start(round(max(pause_s, self._rest_s) * 1000))


def _cards(engine: Engine, view: BoardView) -> CardsByColumn:
    """Build the cards on the engine's thread: ten thousand take longer than a frame."""
    del engine
    return make_cards(view, badges().shown, badges().forecasts)
