"""Work on a private copy of a worktree's index, so that the real one is never touched."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Final

from core.git.command import run_git

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from core.git.command import GitPlace

_QUIET: Final = (
    ("core.splitIndex", "false"),  # a copy must stand alone
    ("core.safecrlf", "false"),
    ("core.bigFileThreshold", "16m"),  # larger files are streamed, not held in memory
    ("pack.compression", "1"),
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


async def add_tracked(place: GitPlace) -> None:
    """Take every change and deletion of tracked files into the index.

    Files that cannot be read stay as they were. Of a submodule its commit is taken; its files are
    not looked at, as `git add --update` would by starting git in there, with the filters that the
    submodule's own configuration names.
    """
    assert place.work_tree is not None
    done = await run_git(
        place, "diff-files", "-z", "--name-status", "--no-renames", "--ignore-submodules=dirty"
    )
    states = list(zip(done.records[::2], done.records[1::2], strict=True))
    gone = [path for state, path in states if state == "D"]
    await _update(place, gone, "--force-remove")  # by name alone: a folder may now be a link
    others = [path for state, path in states if state != "D"]
    await add_paths(place, [path for path in others if _is_readable(place.work_tree / path)])


def _is_readable(file: Path) -> bool:
    return file.is_symlink() or not file.exists() or os.access(file, os.R_OK)


async def untracked_paths(place: GitPlace) -> tuple[str, ...]:
    """Return the paths that the index does not know and that are not ignored.

    An embedded repository is one path that ends in `/`.
    """
    done = await run_git(place, "ls-files", "--others", "--exclude-standard", "-z")
    return tuple(done.records)


async def add_paths(place: GitPlace, paths: Sequence[str]) -> None:
    """Take files as they are into the index; one that vanished meanwhile is left out."""
    await _update(place, paths, "--add", "--remove")


async def set_flag(place: GitPlace, paths: Sequence[str], flag: str) -> None:
    """Set or clear a flag of index entries, such as `--no-skip-worktree`."""
    await _update(place, paths, flag)


async def _update(place: GitPlace, paths: Sequence[str], *how: str) -> None:
    if paths:
        listed = "".join(f"{path}\0" for path in paths)
        await run_git(place, "update-index", *how, "-z", "--stdin", stdin=os.fsencode(listed))


async def write_tree(place: GitPlace) -> str:
    """Write the index as a tree and return its object id."""
    return (await run_git(place, "write-tree")).text
