"""`with transaction():` the write lock first, fair retries, and what to do after the commit."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from peewee import OperationalError

from core.errors import EnvironmentFault
from core.paths import weft_home
from core.store.schema import database
from core.store.turnstile import turnstile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from peewee import SqliteDatabase

BUSY_TIMEOUT_S: Final = 10.0
"""How long a writer waits for the lock."""
_NOTHING_TO_ROLL_BACK: Final = "cannot rollback"
READ_WAIT_MS: Final = 5000
"""SQLite's own wait: for reads, and for a lock of who does not stand in line."""


@contextmanager
def transaction() -> Iterator[None]:
    """Run the body in one `BEGIN IMMEDIATE`: the write lock is taken before the first read.

    Inside another `transaction()` it joins that one. An exception rolls everything back; then
    what `after_commit` was given is forgotten.

    Raises:
        EnvironmentFault: Others held the lock for 10 s, or the file cannot be written.
    """
    if database.in_transaction():
        yield
        return
    with begun(database.obj, "IMMEDIATE"):
        yield


def after_commit(call: Callable[[], None]) -> None:
    """Have *call* run when the present transaction is committed; it must not raise."""
    database.after_commit(call)


@contextmanager
def begun(real: SqliteDatabase, kind: str) -> Iterator[None]:
    """Run the body in `BEGIN` *kind* (`IMMEDIATE`, `EXCLUSIVE`), waiting fairly for the lock."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    with turnstile(real.database or "", deadline) as is_first:
        if not is_first:
            raise _kept_waiting()
        scope = real.transaction(kind)
        _enter(scope, deadline)
        try:
            yield
        except OperationalError as error:
            _roll_back(scope, error)
            raise _unwritten(error) from error
        except BaseException as error:
            _roll_back(scope, error)
            raise
        try:
            scope.__exit__(None, None, None)
        except OperationalError as error:
            raise _unwritten(error) from error


def _roll_back(scope: AbstractContextManager[object], error: BaseException) -> None:
    # On a full disk SQLite has rolled back by itself, and says that there is nothing to do.
    with suppress(OperationalError):
        scope.__exit__(type(error), error, error.__traceback__)


def _unwritten(error: OperationalError) -> EnvironmentFault:
    first: BaseException = error
    while _NOTHING_TO_ROLL_BACK in str(first) and first.__context__ is not None:
        first = first.__context__
    return EnvironmentFault(
        f"The database could not be written: {first}.",
        hint=f"Is there room on the disk, and may you write to {weft_home()}?",
    )


def _enter(scope: AbstractContextManager[object], deadline: float) -> None:
    """Begin; only who does not stand in line, such as another program, can be in the way."""
    while True:
        try:
            scope.__enter__()
        except OperationalError as error:  # SQLite itself has waited already
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


def _raise_unless_busy(error: OperationalError) -> None:
    said = str(error)
    if "locked" in said or "busy" in said:
        return
    if "readonly" in said:
        raise EnvironmentFault(
            "The database is read-only.",
            hint="Give yourself the right to write to it and its folder, or set WEFT_HOME.",
        ) from error
    raise _unwritten(error) from error
