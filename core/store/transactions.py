"""`with transaction():` the write lock first, fair retries, and what to do after the commit."""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from core.errors import EnvironmentFault
from core.paths import weft_home
from core.store.link import current, in_transaction
from core.store.turnstile import turnstile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BUSY_TIMEOUT_S: Final = 10.0
"""How long a writer waits for the lock."""


@contextmanager
def transaction() -> Iterator[None]:
    """Run the body in one `BEGIN IMMEDIATE`: the write lock is taken before the first read.

    Inside another `transaction()` it joins that one. An exception rolls everything back; then
    what `after_commit` was given is forgotten.

    Raises:
        EnvironmentFault: Others held the lock for 10 s, or the file cannot be written.
    """
    if in_transaction():
        yield
        return
    with begun("IMMEDIATE"):
        yield


def after_commit(call: Callable[[], None]) -> None:
    """Have *call* run when the present transaction is committed, or now; it must not raise."""
    if in_transaction():
        current().after_commit.append(call)
    else:
        call()


@contextmanager
def begun(kind: str) -> Iterator[None]:
    """Run the body in `BEGIN` *kind* (`IMMEDIATE`, `EXCLUSIVE`), waiting fairly for the lock."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    link = current()
    with turnstile(str(link.file) if link.writes else "", deadline) as is_first:
        if not is_first:
            raise _kept_waiting()
        connection, calls = link.connection(), link.after_commit
        calls.clear()
        _begin(connection, kind, deadline)
        try:
            yield
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            _roll_back(connection)
            raise _unwritten(error) from error
        except BaseException:
            _roll_back(connection)
            raise
        due, calls[:] = list(calls), []  # one of them may begin a transaction of its own
        for call in due:
            call()


def _roll_back(connection: sqlite3.Connection) -> None:
    """Undo, unless SQLite has done so by itself, as on a full disk."""
    if connection.in_transaction:
        with suppress(sqlite3.OperationalError):  # the error before it says more
            connection.execute("ROLLBACK")


def _unwritten(error: sqlite3.OperationalError) -> EnvironmentFault:
    return EnvironmentFault(
        f"The database could not be written: {error}.",
        hint=f"Is there room on the disk, and may you write to {weft_home()}?",
    )


def _begin(connection: sqlite3.Connection, kind: str, deadline: float) -> None:
    """Begin; only who does not stand in line, such as another program, can be in the way."""
    while True:
        try:
            connection.execute(f"BEGIN {kind}")
        except sqlite3.OperationalError as error:  # SQLite itself has waited already
            _raise_unless_busy(error)
            if time.monotonic() > deadline:
                raise _kept_waiting() from error
        else:
            return


def _kept_waiting() -> EnvironmentFault:
    return EnvironmentFault(
        "The database stayed locked by other processes for 10 s.",
        hint="Try again; `weft doctor` shows what is wrong if it stays so.",
    )


def _raise_unless_busy(error: sqlite3.OperationalError) -> None:
    said = str(error)
    if "locked" in said or "busy" in said:
        return
    if "readonly" in said:
        raise EnvironmentFault(
            "The database is read-only.",
            hint="Give yourself the right to write to it and its folder, or set WEFT_HOME.",
        ) from error
    raise _unwritten(error) from error
