"""The control group of one run: made by its runner, known to whoever ends the run instead of it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from core.paths import run_folder
from core.processes.group import enter_group, leave_group, make_group, remove_group

GROUP_PREFIX: Final = "weft-run-"
"""How the groups of runs are called: `weft-` and the run's id."""
_NOTE: Final = "group"


def fence_in(run_id: str) -> Path | None:
    """Make a group, note where, and move this process in; None where there can be none.

    All that it starts from now on lives there. The note is on disk before: so the group is found
    after a crash too.
    """
    group = make_group(f"weft-{run_id}")
    if group is not None:
        try:
            (run_folder(run_id) / _NOTE).write_text(str(group), encoding="utf-8", newline="\n")
        except OSError:  # a full disk: a group that nobody could find again is no use
            remove_group(group)
            return None
        enter_group(group)
    return group


def fence_of(run_id: str) -> Path | None:
    """Return the group that was made for a run, if it is still there."""
    try:
        group = Path((run_folder(run_id) / _NOTE).read_text(encoding="utf-8"))
    except OSError:
        return None
    return group if group.name == f"weft-{run_id}" and group.is_dir() else None


def take_down(run_id: str) -> None:
    """Leave the run's group and remove it, once nothing else lives in it."""
    group = fence_of(run_id)
    if leave_group(group):
        remove_group(group)
