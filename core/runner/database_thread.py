"""One thread that owns the runner's database connection."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

from core.processes.identity import WINDOWS
from core.store import link
from core.store.connection import close_database, data_version, open_database

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")
_CACHE_KB: Final = 1000
"""A runner reads a few rows again and again; there may be ten of them."""
_SURE_S: Final = 1.0
"""How often SQLite itself is asked although its log looks untouched: a file system's clock is
coarse, and two commits within one of its ticks look like one."""


class DatabaseThread:
    """Runs service functions in order on one thread, so that a locked database blocks no pipe."""

    def __init__(self, file: Path) -> None:
        self._thread = ThreadPoolExecutor(1, "weft-database")
        self._thread.submit(partial(open_database, file, cache_kb=_CACHE_KB)).result()
        self._log = Path(f"{file}-wal")
        self._log_seen: tuple[int, int] | None = None
        self._asked_at = 0.0
        self._version = -1

    async def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run *function* there and return what it returns."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, partial(function, *args, **kwargs))

    async def has_news(self) -> bool:
        """Whether another process has committed since the last time this was asked.

        Seldom late, by a second at most. Runners ask five times a second: a look at SQLite's log
        spares most of them the way to the other thread and back.
        """
        seen = _state(self._log)
        untouched = seen is not None and seen == self._log_seen
        if untouched and time.monotonic() - self._asked_at < _SURE_S:
            return False
        self._log_seen, self._asked_at = seen, time.monotonic()
        version = await self.call(data_version)
        changed = version != self._version
        self._version = version
        return changed

    async def shrink(self) -> None:
        """Forget what SQLite keeps of the file only to be quicker."""
        await self.call(lambda: link.execute("PRAGMA shrink_memory").close())

    def close(self) -> None:
        """Close the connection and end the thread."""
        self._thread.submit(close_database).result()
        self._thread.shutdown()


def _state(log: Path) -> tuple[int, int] | None:
    """Return what a commit changes of the log; None where that cannot be relied on."""
    if WINDOWS:  # it writes down the time of a file that is open when it likes
        return None
    try:
        seen = log.stat()
    except OSError:  # none is there before the first commit
        return None
    return seen.st_mtime_ns, seen.st_size
