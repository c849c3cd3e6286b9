"""One piece of work of the engine at a time: its steps on the window's thread, and its end."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

T = TypeVar("T")


class EngineWork(QObject):
    """Holds what is under way, so that a button can end it.

    Signals:
        stepped: (what is done now, step, of how many); delivered on the window's thread.
        told: (news of another shape), likewise.
    """

    stepped = Signal(str, int, int)
    told = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._future: asyncio.Future[object] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether something is under way."""
        return self._future is not None

    def report(self, text: str, step: int, steps: int) -> None:
        """Take a step's news; the `progress` argument of operations. Any thread may call it."""
        self.stepped.emit(text, step, steps)

    def tell(self, news: object) -> None:
        """Take news of another shape. Any thread may call it."""
        self.told.emit(news)

    async def run(self, work: Awaitable[T]) -> T | None:
        """Wait for *work*; None when `cancel` ended it. Errors pass through."""
        future = asyncio.ensure_future(work)
        self._future = future  # type: ignore[assignment]  # only cancelled here, never read
        try:
            return await future
        except asyncio.CancelledError:
            if not future.cancelled() or _is_asked_to_end():
                raise
            return None
        finally:
            if self._future is future:  # else newer work has taken its place
                self._future = None

    def cancel(self) -> bool:
        """End what is under way; False when there is nothing."""
        return self._future is not None and self._future.cancel()


def _is_asked_to_end() -> bool:
    """Whether the waiting task itself is to end, as when the window closes."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
