"""The connections to the open SQLite file: one for each thread, opened when it first asks.

No peewee here: a runner, of which there are as many as agents, reads and writes its few rows
through `core.store.plain`. The row classes of `core.store.schema` use the same connections.
"""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

READ_WAIT_MS: Final = 5000
"""SQLite's own wait: for reads, and for a lock of who does not stand in line."""
_PRAGMAS: Final = (
    "journal_mode = wal",
    "foreign_keys = 1",
    # For reads, which meet a lock only while a log is recovered or reset. Writers wait in
    # transactions.py: SQLite's own wait is unfair and starves a process for seconds.
    f"busy_timeout = {READ_WAIT_MS}",
    "synchronous = full",  # a claim that was told to a worker survives a power cut
    "temp_store = memory",
    "journal_size_limit = 67108864",
)


class _Own(threading.local):
    """What one thread has; its connection is closed with the thread or the link, if not before."""

    def __init__(self) -> None:
        self.held: _Held | None = None
        self.after_commit: list[Callable[[], None]] = []


class _Held:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def __del__(self) -> None:
        self.connection.close()


class Link:
    """One open file.

    Attributes:
        file: Where it lies.
        writes: Whether it may be written.
        cache_kb: How much of it each connection may keep in memory.
    """

    def __init__(self, file: Path, *, writes: bool, cache_kb: int) -> None:
        self.file = file
        self.writes = writes
        self.cache_kb = cache_kb
        self._own = _Own()

    @property
    def is_closed(self) -> bool:
        """Whether this thread has no connection at the moment."""
        return self._own.held is None

    @property
    def after_commit(self) -> list[Callable[[], None]]:
        """What this thread wants to be called when its transaction is committed."""
        return self._own.after_commit

    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        held = self._own.held
        return self._connect() if held is None else held.connection

    def close(self) -> None:
        """Close this thread's connection, if it has one."""
        held, self._own.held = self._own.held, None
        if held is not None:
            held.connection.close()

    def _connect(self) -> sqlite3.Connection:
        where = str(self.file) if self.writes else f"{self.file.absolute().as_uri()}?mode=ro"
        # Each thread has its own; another one may only close it, when it is the last to know it.
        fresh = sqlite3.connect(
            where, uri=not self.writes, isolation_level=None, check_same_thread=False
        )
        try:
            for pragma in (*_PRAGMAS, f"cache_size = -{self.cache_kb}") if self.writes else ():
                fresh.execute(f"PRAGMA {pragma}")
        except BaseException:
            fresh.close()
            raise
        self._own.held = _Held(fresh)
        return fresh


_links: list[Link] = []
"""The open file, or nothing."""


def put_up(link: Link) -> None:
    """Make *link* the database of this process."""
    _links[:] = [link]


def current() -> Link:
    """Return the link to the database of this process.

    Raises:
        RuntimeError: None has been opened: a bug of the caller's.
    """
    if not _links:
        raise RuntimeError("no database is open")
    return _links[0]


def is_open() -> bool:
    """Whether this process has opened a database, and this thread is connected to it."""
    return bool(_links) and not _links[0].is_closed


def connection() -> sqlite3.Connection:
    """Return this thread's connection to the open database."""
    return current().connection()


def execute(sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
    """Run one statement on this thread's connection; placeholders are `?`."""
    return connection().execute(sql, values)


def in_transaction() -> bool:
    """Whether this thread has begun a transaction and not ended it."""
    return is_open() and connection().in_transaction
