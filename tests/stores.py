"""Databases for tests, without making the tables anew for each of a thousand tests."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from core.store.connection import close_database, open_database


def open_blank(file: Path) -> None:
    """Open a new database, in which nothing has been written, as the one of this process."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.write_bytes(_blank())
    open_database(file)


@cache
def _blank() -> bytes:
    """Return the content of a file that was made as a user's first one is."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "weft.db"
        open_database(file)
        close_database()
        return file.read_bytes()
