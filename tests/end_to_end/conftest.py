"""The command line in a registered repository, with a private home."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.black_box import Weft

if TYPE_CHECKING:
    from tests.scenarios import Repo


@pytest.fixture
def weft(repo: Repo) -> Weft:
    """`weft` in a repository of two files that it knows."""
    line = Weft(repo.path)
    line("init")
    return line
