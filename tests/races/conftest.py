"""An open database for races."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.paths import database_file
from core.store.connection import close_database, open_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def store(home: Path) -> Iterator[Path]:
    """The test's own database, open; its file."""
    file = database_file()
    open_database(file)
    yield file
    close_database()
