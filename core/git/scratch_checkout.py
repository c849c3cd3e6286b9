"""Lay out commits of a quarantine as files, for a program that wants to look at them.

The folder is a worktree of the quarantine, so git works in it, and nothing that is done there
reaches the person's repository. No filters and no hooks run.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from core.git.command import GitPlace, run_git
from core.git.refs import object_id
from core.git.worktrees import worktree_place

if TYPE_CHECKING:
    from pathlib import Path

    from core.git.quarantine import Quarantine


async def lay_out(held: Quarantine, commit: str, folder: Path) -> None:
    """Make *folder* hold exactly the files of *commit*: nothing else, not even ignored files.

    Args:
        held: A quarantine that stays until *folder* is not needed any more.
        commit: A commit that the quarantine can read.
        folder: Absolute. Either not there yet, or laid out before from the same quarantine.
    """
    bare = held.place.git_dir
    _let_git_find_objects(held)
    if not folder.exists():
        place = GitPlace(bare, None, held.place.extra_env, held.place.config)
        argv = ("worktree", "add", "--quiet", "--detach", "--", str(folder), object_id(commit))
        await run_git(place, *argv)
        return
    found = worktree_place(bare, folder)
    place = replace(found.with_env(**held.place.extra_env), config=held.place.config)
    await run_git(place, "checkout", "--quiet", "--force", "--detach", object_id(commit))
    await run_git(place, "clean", "-ffdxq")


def _let_git_find_objects(held: Quarantine) -> None:
    """Name the person's objects in a file too: a program's own git has not our environment."""
    (held.objects / "info" / "alternates").write_bytes(os.fsencode(held.alternates) + b"\n")
