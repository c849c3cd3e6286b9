from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.store.connection import close_database
from tests.core.merging.board import Board
from tests.stores import open_blank

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.scenarios import Repo


@pytest.fixture
def board(repo: Repo, weft_home: Path) -> Iterator[Board]:
    """A repository that Weft knows, with an open database and no task yet."""
    open_blank(weft_home / "weft.db")
    yield Board.register(repo)
    close_database()
