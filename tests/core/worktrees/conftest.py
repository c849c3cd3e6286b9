"""An open database and a registered repository for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.store.connection import close_database
from tests.project import Project
from tests.stores import open_blank

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.scenarios import Repo


@pytest.fixture
def project(repo: Repo, weft_home: Path) -> Iterator[Project]:
    """A registered repository with one agent, `agent-1`."""
    open_blank(weft_home / "weft.db")
    found = Project.register(repo)
    found.add_agent()
    yield found
    close_database()
