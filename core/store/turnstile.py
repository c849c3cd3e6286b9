"""Who may try for the write lock next: one at a time, so that nobody starves.

SQLite has no queue of writers. Whoever has just committed gets the lock again at once while the
others sleep between two tries, and with eight writers some wait for a third of a second. So a
writer first passes a turnstile, a lock of the operating system on a file beside the database,
and alone in it tries for the write lock; whoever has just written stands in line like the rest.
The lock ends with its holder, however that dies.
"""

from __future__ import annotations

import os
import random
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIX: Final = "-queue"
_WINDOWS: Final = os.name == "nt"
_own = threading.local()


@contextmanager
def turnstile(database: str, deadline: float) -> Iterator[None]:
    """Stand in line for *database*, at most until *deadline* (`time.monotonic`).

    After that, and where the file cannot be made, everybody tries at once.
    """
    handle = _handle(database)
    inside = handle is not None and _wait(handle, deadline)
    try:
        yield
    finally:
        if inside and handle is not None:
            _unlock(handle)


def _handle(database: str) -> int | None:
    """Return this thread's handle of the file; a forked child must not share its parent's."""
    known: tuple[int, str, int | None] | None = getattr(_own, "handle", None)
    if known is not None and known[:2] == (os.getpid(), database):
        return known[2]
    if known is not None and known[0] == os.getpid() and known[2] is not None:
        os.close(known[2])
    handle = None
    if database and not database.startswith((":", "file:")):
        try:
            handle = os.open(database + SUFFIX, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            handle = None  # a folder that cannot be written: so cannot the database
    _own.handle = (os.getpid(), database, handle)
    return handle


def _wait(handle: int, deadline: float) -> bool:
    while not _try_lock(handle):
        if time.monotonic() > deadline:
            return False
        time.sleep(random.uniform(0.0005, 0.002))  # noqa: S311  no secret hangs on it
    return True


def _try_lock(handle: int) -> bool:
    try:
        if _WINDOWS:
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # somebody else is in it
        return False
    return True


def _unlock(handle: int) -> None:
    if _WINDOWS:
        import msvcrt

        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_UN)
