"""The line in which writers stand: one at a time, in order, woken by the system.

SQLite has no queue of writers. Whoever has just committed gets the lock again at once while the
others sleep between two tries, and with eight writers some wait for a third of a second. So a
writer holds a lock of the operating system, on a file beside the database, as long as it writes.
The lock ends with its holder, however that dies.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIX: Final = "-queue"
_WINDOWS: Final = os.name == "nt"
_POLL_S: Final = 0.002
"""Windows has no wait for such a lock that could be given up in time."""
_own = threading.local()


@contextmanager
def turnstile(database: str, deadline: float) -> Iterator[bool]:
    """Stand in line for *database*, at most until *deadline* (`time.monotonic`); hold it inside.

    Yields:
        False when the time was over first. Where there can be no such lock there is no line, and
        everybody tries at once: that is True.
    """
    place = _place(database)
    if place is None:
        yield True
        return
    if not place.enter(deadline):
        _own.place = None  # who still waits for it must not meet the next try
        yield False
        return
    try:
        yield True
    finally:
        place.leave()


class _Place:
    """One thread's handle of the file; it is closed with its last user."""

    def __init__(self, database: str) -> None:
        self.key = os.getpid(), database
        self._handle = os.open(database + SUFFIX, os.O_RDWR | os.O_CREAT, 0o600)
        self._usher: _Usher | None = None

    def enter(self, deadline: float) -> bool:
        """Get in; False when *deadline* came first, then the place is not to be used again."""
        if _try_lock(self._handle):
            return True
        if not _WINDOWS:
            if self._usher is None:
                self._usher = _Usher(self._handle)
            return self._usher.wait(deadline - time.monotonic())
        while time.monotonic() < deadline:
            time.sleep(_POLL_S)
            if _try_lock(self._handle):
                return True
        return False

    def leave(self) -> None:
        """Let the next one in."""
        _unlock(self._handle)

    def __del__(self) -> None:
        if hasattr(self, "_usher") and self._usher is not None:
            self._usher.dismiss()
        elif hasattr(self, "_handle"):
            os.close(self._handle)


class _Usher:
    """A thread that waits for the lock of a handle in another's stead, and closes the handle.

    A wait in the kernel has no time limit that a thread could set for itself. `_asked` and
    `_inside` are signals: acquired is waiting, released is telling.
    """

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._asked = threading.Lock()
        self._inside = threading.Lock()
        self._deciding = threading.Lock()
        self._has_lock = False
        self._is_dismissed = False
        self._asked.acquire()
        self._inside.acquire()
        threading.Thread(target=self._serve, name="turnstile", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Return whether the lock is held; after False the usher is not to be asked again."""
        self._has_lock = False
        self._asked.release()
        if self._inside.acquire(timeout=max(seconds, 0.0)):
            return True
        with self._deciding:
            if not self._has_lock:
                self._is_dismissed = True
                return False
        self._inside.acquire()  # it came at the last moment
        return True

    def dismiss(self) -> None:
        """Have the thread end, unless it was sent away while it waited."""
        if not self._is_dismissed:
            self._is_dismissed = True
            self._asked.release()

    def _serve(self) -> None:
        if _WINDOWS:
            return  # there nobody asks an usher
        import fcntl

        while True:
            self._asked.acquire()
            if not self._is_dismissed:
                fcntl.flock(self._handle, fcntl.LOCK_EX)
            with self._deciding:
                self._has_lock = not self._is_dismissed
            if not self._has_lock:
                os.close(self._handle)  # and with it the lock
                return
            self._inside.release()


def _place(database: str) -> _Place | None:
    """Return this thread's place; a forked child must not share its parent's."""
    known: _Place | None = getattr(_own, "place", None)
    if known is not None and known.key == (os.getpid(), database):
        return known
    _own.place = None
    if database and not database.startswith((":", "file:")):
        with suppress(OSError):  # a folder that cannot be written: so cannot the database
            _own.place = _Place(database)
    place: _Place | None = _own.place
    return place


def _try_lock(handle: int) -> bool:
    """Return whether the lock is held now; where a file system has no locks, nobody waits."""
    try:
        if _WINDOWS:
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # somebody else is in it
        return False
    except OSError:
        return True
    return True


def _unlock(handle: int) -> None:
    with suppress(OSError):
        if _WINDOWS:
            import msvcrt

            os.lseek(handle, 0, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_UN)
