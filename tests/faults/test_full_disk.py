"""A full disk holds a run; once there is room it goes on, and nothing that was said is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.small_disk import fill_and_make_room, weft_home

if TYPE_CHECKING:
    from pathlib import Path

    from tests.runs import RunProject

__all__ = ["weft_home"]


async def test_a_run_is_held_while_the_disk_is_full_and_loses_nothing(
    project: RunProject,
    weft_home: Path,
) -> None:
    await fill_and_make_room(project, weft_home)
