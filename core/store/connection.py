"""Open the SQLite file: its connections, a check of its health, migrations, a copy before them."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final

from core.errors import EnvironmentFault, UserError
from core.store import link
from core.store.link import Link

if TYPE_CHECKING:
    from pathlib import Path

DATABASE_ERRORS: Final = (sqlite3.DatabaseError,)
"""What a read can raise when the file or the disk fails, for loops that try again."""
CACHE_KB: Final = 16_000
LATEST: Final = 2
"""Number of the newest migration; equal to `PRAGMA user_version` of an up-to-date file."""


def open_database(file: Path, *, read_only: bool = False, cache_kb: int = CACHE_KB) -> None:
    """Open *file*, made if missing and migrated if older, as the database of this process.

    Each thread keeps up to *cache_kb* of it in memory.

    Raises:
        UserError: The file is newer than this Weft, or is no database.
        EnvironmentFault: It cannot be read or written.
    """
    close_database()
    if not read_only:
        _make_folder(file)
    link.put_up(Link(file, writes=not read_only, cache_kb=cache_kb))
    try:
        _bring_up_to_date(file)
    except sqlite3.DatabaseError as error:
        close_database()
        raise unusable(file, error) from error
    except BaseException:
        close_database()
        raise


def close_database() -> None:
    """Close this thread's connection; safe when none is open."""
    if link.is_open():
        link.current().close()


def data_version() -> int:
    """Return a number that changes when another connection has committed (cheap to poll)."""
    return _number("PRAGMA data_version")


def _number(sql: str) -> int:
    return int(link.execute(sql).fetchone()[0])


def _make_folder(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise EnvironmentFault(
            f"Weft's folder {file.parent} cannot be made: {error.strerror}.",
            hint="Set WEFT_HOME to a folder that you can write to.",
        ) from error


def _bring_up_to_date(file: Path) -> None:
    found = _number("PRAGMA user_version")
    if found > LATEST:
        raise _newer(file, found)
    if found < LATEST:
        from core.store.migrate import migrate  # loads peewee: only when needed

        migrate(file, found=found, latest=LATEST)


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
    kind = "cannot be opened" if isinstance(error, sqlite3.OperationalError) else "failed"
    return EnvironmentFault(
        f"The database {file} {kind}: {said}.",
        hint=f"Is there room on the disk, and may you write to {file.parent}?",
    )


def quick_check() -> str:
    """Return what SQLite finds wrong with the file, or nothing (reads all of it)."""
    try:
        row = link.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        return f"The database is damaged: {error}."
    found = str(row[0]) if row else "it cannot be checked"
    return "" if found == "ok" else f"The database is damaged: {found}."
