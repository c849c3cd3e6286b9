"""Files that an agent reads and writes through its client."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.agents.acp.files import write_text
from core.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "path", [".git/config", "sub/.GIT./config", ".git /hooks/x", ".git::$INDEX_ALLOCATION/config"]
)
def test_what_windows_takes_for_gits_own_folder_is_not_written(tmp_path: Path, path: str) -> None:
    with pytest.raises(UserError, match="belongs to git"):
        write_text(tmp_path, path, "x")

    assert list(tmp_path.iterdir()) == []
