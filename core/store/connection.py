"""Open the SQLite file: pragmas, a check of its health, migrations, a copy before them.

`schema.database` is a proxy that `open_database` points to the real one. A connection belongs to
the thread that uses it; peewee keeps one for each.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final

from peewee import DatabaseError, OperationalError, SqliteDatabase

from core.errors import EnvironmentFault, UserError
from core.store import schema
from core.store.transactions import READ_WAIT_MS

if TYPE_CHECKING:
    from pathlib import Path

DATABASE_ERRORS: Final = (DatabaseError, OperationalError)
"""What a read can raise when the file or the disk fails, for loops that try again."""
LATEST: Final = 2
"""Number of the newest migration; equal to `PRAGMA user_version` of an up-to-date file."""

_PRAGMAS: Final = (
    ("journal_mode", "wal"),
    ("foreign_keys", 1),
    # For reads, which meet a lock only while a log is recovered or reset. Writers wait in
    # transactions.py: SQLite's own wait is unfair and starves a process for seconds.
    ("busy_timeout", READ_WAIT_MS),
    ("synchronous", "full"),  # a claim that was told to a worker survives a power cut
    ("cache_size", -16000),
    ("temp_store", "memory"),
    ("journal_size_limit", 67108864),
)


def open_database(file: Path, *, read_only: bool = False) -> None:
    """Open *file*, made if missing and migrated if older, as the database of this process.

    Raises:
        UserError: The file is newer than this Weft, or is no database.
        EnvironmentFault: It cannot be read or written.
    """
    close_database()
    if not read_only:
        _make_folder(file)
    target = f"file:{file}?mode=ro" if read_only else str(file)
    real = SqliteDatabase(target, pragmas=() if read_only else _PRAGMAS, uri=read_only)
    schema.database.initialize(real)
    try:
        real.connect()
        _bring_up_to_date(real, file)
    except sqlite3.OperationalError as error:
        close_database()
        raise unusable(file, error) from error
    except DatabaseError as error:
        close_database()
        raise unusable(file, error) from error
    except BaseException:
        close_database()
        raise


def close_database() -> None:
    """Close this thread's connection; safe when none is open."""
    real = schema.database.obj
    if real is not None and not real.is_closed():
        real.close()


def data_version() -> int:
    """Return a number that changes when another connection has committed (cheap to poll)."""
    return int(schema.database.obj.pragma("data_version"))


def _make_folder(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise EnvironmentFault(
            f"Weft's folder {file.parent} cannot be made: {error.strerror}.",
            hint="Set WEFT_HOME to a folder that you can write to.",
        ) from error


def _bring_up_to_date(real: SqliteDatabase, file: Path) -> None:
    found = _version(real)
    if found > LATEST:
        raise _newer(file, found)
    if found < LATEST:
        from core.store.migrate import migrate  # loads playhouse: only when needed

        migrate(real, file, found=found, latest=LATEST)


def _version(real: SqliteDatabase) -> int:
    return int(real.pragma("user_version"))


def _newer(file: Path, found: int) -> UserError:
    return UserError(
        f"The database {file} was written by a newer Weft (schema {found}, this one knows"
        f" {LATEST}).",
        hint="Update Weft, or set WEFT_HOME to another folder.",
    )


def unusable(file: Path, error: Exception) -> EnvironmentFault:
    """Return the sentence for an error of the database's file."""
    said = str(error)
    if "readonly" in said:
        return EnvironmentFault(
            f"The database {file} is read-only.",
            hint="Give yourself the right to write to it and its folder, or set WEFT_HOME.",
        )
    if "not a database" in said or "malformed" in said:
        return EnvironmentFault(
            f"The database {file} is damaged: {said}.",
            hint=f"Copies made before upgrades lie beside it ({file.name}.before-*).",
        )
    kind = "cannot be opened" if isinstance(error, OperationalError) else "failed"
    return EnvironmentFault(
        f"The database {file} {kind}: {said}.",
        hint=f"Is there room on the disk, and may you write to {file.parent}?",
    )


def quick_check() -> str:
    """Return what SQLite finds wrong with the file, or nothing (reads all of it)."""
    try:
        rows = schema.database.obj.execute_sql("PRAGMA quick_check(1)").fetchall()
    except DatabaseError as error:
        return f"The database is damaged: {error}."
    found = str(rows[0][0]) if rows else "it cannot be checked"
    return "" if found == "ok" else f"The database is damaged: {found}."
