"""Wait until something happens on a board, in whatever process."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final, Self

from core.events import bus
from core.events.tail import EventTail

if TYPE_CHECKING:
    from core.domain.event import Event

POLL_S: Final = 0.02
"""How often other processes' commits are looked for: one pragma, some 5 µs."""
_ABOUT: Final = frozenset(
    {"task", "worker", "lock", "stage", "dispatch", "setting", "repo", "merge", "question"}
)
_RUNS: Final = frozenset({"run.ended", "run.working"})


class Wake:
    """Hears of events that may have changed what can be claimed or started; a context manager.

    Rows without an event, such as heartbeats, wake nobody.
    """

    def __init__(self) -> None:
        self._tail = EventTail()
        self._unsubscribe = bus.subscribe(lambda _event: self._tail.wake())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._unsubscribe()

    async def wait(
        self, limit_s: float, *, stopping: asyncio.Event | None = None, poll_s: float = POLL_S
    ) -> bool:
        """Return True soon after something happened, False after *limit_s* or when stopping."""
        until = time.monotonic() + limit_s
        while stopping is None or not stopping.is_set():
            if any(_matters(event) for event in self._tail.poll()):
                return True
            left = until - time.monotonic()
            if left <= 0:
                return False
            await asyncio.sleep(min(poll_s, left))
        return False


def _matters(event: Event) -> bool:
    return event.kind.partition(".")[0] in _ABOUT or event.kind in _RUNS
