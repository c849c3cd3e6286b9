"""A server over a registered repository, and a client with its token."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.interfaces.http.serving import Served, serving
from tests.run_fixtures import bytecode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.interfaces.http.client import Client
    from tests.scenarios import Repo

__all__ = ["bytecode"]


@pytest.fixture
def served(repo: Repo, weft_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A running server."""
    del weft_home  # masked before the engine opens its database
    monkeypatch.chdir(repo.path)  # where operations look that are told no path
    with serving(repo) as found:
        yield found


@pytest.fixture
def client(served: Served) -> Client:
    """A client with the token."""
    return served.client
