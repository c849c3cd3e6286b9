"""How soon a run goes on once a full disk has room again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.faults.small_disk import LINES, fill_and_make_room, weft_home
from tests.run_fixtures import bytecode, project

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.conftest import Tally
    from tests.runs import RunProject

__all__ = ["bytecode", "project", "weft_home"]
pytestmark = pytest.mark.benchmark
SOON_S: Final = 10.0


async def test_a_run_fills_a_disk_of_2_mb(
    project: RunProject,
    weft_home: Path,
    tally: Tally,
) -> None:
    took = await fill_and_make_room(project, weft_home)

    tally(
        f"a disk of 2 MB full: the run was held and went on {took:.1f} s after there was room; "
        f"{LINES} of {LINES} lines and every event there, the database whole"
    )
    assert took < SOON_S
