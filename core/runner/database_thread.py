"""One thread that owns the runner's database connection."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from core.store.connection import close_database, data_version, open_database

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

P = ParamSpec("P")
R = TypeVar("R")


class DatabaseThread:
    """Runs service functions in order on one thread, so that a locked database blocks no pipe."""

    def __init__(self, file: Path) -> None:
        self._thread = ThreadPoolExecutor(1, "weft-database")
        self._thread.submit(open_database, file).result()
        self._version = -1

    async def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run *function* there and return what it returns."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, partial(function, *args, **kwargs))

    async def has_news(self) -> bool:
        """Whether another process has committed since the last time this was asked."""
        version = await self.call(data_version)
        changed = version != self._version
        self._version = version
        return changed

    def close(self) -> None:
        """Close the connection and end the thread."""
        self._thread.submit(close_database).result()
        self._thread.shutdown()
