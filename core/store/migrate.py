"""Bring an older database file to the newest shape, after copying it.

peewee's own runner applies the numbered files of `migrations/`; `PRAGMA user_version` repeats
the newest number, so that opening an up-to-date file costs one pragma.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from playhouse.migrations import Runner

from core.errors import EnvironmentFault
from core.store import link
from core.store.table import database
from core.store.transactions import begun


def migrations_folder() -> Path:
    """Return where the numbered migration files lie (also inside a bundle)."""
    return Path(__file__).parent / "migrations"


def migrate(file: Path, *, found: int, latest: int) -> None:
    """Apply what the open *file* lacks; one process at a time, the others wait and find it done.

    Raises:
        EnvironmentFault: The copy could not be made; nothing was changed then.
    """
    if found:
        copy_before(file, found)
    # Foreign keys stay off meanwhile: SQLite cannot switch them inside a transaction, and a
    # migration that rebuilds a table must not cascade.
    link.execute("PRAGMA foreign_keys = 0")
    try:
        with begun("EXCLUSIVE"):
            Runner(database, str(migrations_folder())).up()
            link.execute(f"PRAGMA user_version = {latest}")
    finally:
        link.execute("PRAGMA foreign_keys = 1")


def copy_before(file: Path, found: int) -> Path:
    """Copy the database (with its log of writes) beside it; return the copy's path."""
    target = file.with_name(f"{file.name}.before-{found}")
    try:
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
    except sqlite3.Error as error:
        raise EnvironmentFault(
            f"The database could not be copied to {target} before its upgrade: {error}.",
            hint="Make room or give write permission there; nothing was changed.",
        ) from error
    return target
