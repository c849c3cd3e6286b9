"""Work on a private copy of a worktree's index, so that the real one is never touched."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Final

from core.git.command import run_git

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from core.git.command import GitDone, GitPlace

_QUIET: Final = (
    ("core.splitIndex", "false"),  # a copy must stand alone
    ("core.safecrlf", "false"),
    ("core.untrackedCache", "keep"),
    ("advice.addEmbeddedRepo", "false"),
    ("index.recordEndOfIndexEntries", "false"),
)


def index_stamp(git_dir: Path) -> str:
    """Return what changes whenever git writes the index of *git_dir*; `none` without one."""
    try:
        stat = (git_dir / "index").stat()
    except FileNotFoundError:
        return "none"
    return f"{stat.st_mtime_ns}-{stat.st_size}-{stat.st_ino}"


def copy_index(git_dir: Path, target: Path) -> None:
    """Copy the index with its time stamp: a younger copy would defeat git's racy-clean check."""
    target.unlink(missing_ok=True)
    try:
        shutil.copy2(git_dir / "index", target)
    except FileNotFoundError:
        return  # a worktree before its first checkout: everything in it is untracked


def with_index(place: GitPlace, index: Path) -> GitPlace:
    """Return the place whose commands read and write *index*."""
    return place.with_config(*_QUIET).with_env(GIT_INDEX_FILE=str(index))


async def unmerged_paths(place: GitPlace) -> tuple[str, ...]:
    """Return the paths with unresolved conflicts, sorted."""
    done = await run_git(place, "ls-files", "--unmerged", "-z")
    return tuple(sorted({record.split("\t", 1)[1] for record in done.records}))


async def add_tracked(place: GitPlace) -> GitDone:
    """Take every change and deletion of tracked files into the index.

    Unreadable files stay as they were; what git said of them is in the answer (status 1).
    """
    return await run_git(place, "add", "--update", "--ignore-errors", ok=(0, 1))


async def untracked_paths(place: GitPlace) -> tuple[str, ...]:
    """Return the paths that the index does not know and that are not ignored.

    An embedded repository is one path that ends in `/`.
    """
    done = await run_git(place, "ls-files", "--others", "--exclude-standard", "-z")
    return tuple(done.records)


async def add_paths(place: GitPlace, paths: Sequence[str]) -> None:
    """Take files as they are into the index; one that vanished meanwhile is left out."""
    if paths:
        listed = "".join(f"{path}\0" for path in paths)
        await run_git(
            place, "update-index", "--add", "--remove", "-z", "--stdin",
            stdin=os.fsencode(listed),
        )  # fmt: skip


async def write_tree(place: GitPlace) -> str:
    """Write the index as a tree and return its object id."""
    return (await run_git(place, "write-tree")).text
