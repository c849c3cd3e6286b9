"""The check's line reaches the shell as the person wrote it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from core.merging.checks import run_check

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_line_may_hold_quotes_at_both_ends(tmp_path: Path) -> None:
    # As an argument, which gets quotes of its own, `cmd` of Windows would take it apart elsewhere.
    line = f'"{sys.executable}" -c "print(6 * 7)"'

    done = await run_check(
        line, folder=tmp_path, log=tmp_path / "log", task="task-1", cancelled=lambda: False
    )

    assert done.passed
    assert (tmp_path / "log").read_text(encoding="utf-8").strip() == "42"
