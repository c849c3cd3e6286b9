"""Bring a checked-out worktree along when its branch was moved, without losing anything."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.git.command import GitFailed, run_git
from core.git.diff import changed_paths
from core.git.hidden_changes import hidden_changes
from core.git.private_index import unmerged_paths, untracked_paths
from core.git.refs import object_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.git.command import GitPlace

_REFUSED: Final = 128


async def in_the_way(place: GitPlace, old: str, new: str) -> tuple[str, ...]:
    """Return the uncommitted paths of a worktree that moving it from *old* to *new* would meet.

    Changes elsewhere do not count: they stay. Ignored files count, although git itself would
    overwrite them: a `.env` is ignored because it is precious, not because it is worthless.
    Empty means that `bring_along` will work unless somebody writes at the same moment. Where HEAD
    is does not matter, so it can be asked before and after the branch was moved.
    """
    unmerged = await unmerged_paths(place)
    if unmerged:
        return unmerged
    changed = await changed_paths(place, old, new)
    mine = {
        *await _different(place, object_id(old)),
        *await _different(place, "--cached", object_id(old)),
        *await untracked_paths(place),
        *await hidden_changes(place, changed),
    }
    added = await changed_paths(place, old, new, only="A")
    return tuple(sorted({*_meeting(mine, changed), *_on_disk(place, added, set(changed))}))


async def _different(place: GitPlace, *against: str) -> list[str]:
    """Return the paths in which the files, or the index, differ from a commit."""
    done = await run_git(
        place, "diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv",
        "--ignore-submodules=dirty", *against, "--",
    )  # fmt: skip
    return done.records


def _meeting(mine: Iterable[str], changed: Iterable[str]) -> tuple[str, ...]:
    """Return which of *mine* are, contain, or lie below a changed path."""
    incoming = set(changed)
    folders = {parent for path in incoming for parent in _parents(path)}
    return tuple(
        sorted(
            path
            for path in mine
            if path in incoming
            or path.rstrip("/") in folders
            or any(parent in incoming for parent in _parents(path.rstrip("/")))
        )
    )


def _on_disk(place: GitPlace, added: Iterable[str], changed: set[str]) -> set[str]:
    """Return what lies where files will be added, known to git or not.

    What is in *changed* itself is tracked and makes way: a file for a folder, or a folder's
    files for a file.
    """
    assert place.work_tree is not None
    root, found = place.work_tree, set()
    folders: dict[str, bool] = {}
    for path in added:
        for parent in _parents(path):
            if parent not in folders:
                folders[parent] = _is_real_folder(root / parent)
            if not folders[parent]:
                if os.path.lexists(root / parent) and parent not in changed:
                    found.add(parent)
                break
        else:
            found |= _there(root, path, changed)
    return found


def _there(root: Path, path: str, changed: set[str]) -> set[str]:
    """Return *path* if it is there, or the first file of a folder there that will not go."""
    if not _is_real_folder(root / path):
        return {path} if os.path.lexists(root / path) else set()
    inside = (
        Path(folder, name).relative_to(root).as_posix()
        for folder, _, names in os.walk(root / path)
        for name in names
    )
    return set(islice((name for name in inside if name not in changed), 1))


def _is_real_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: end + 1]) for end in range(len(parts))]


async def bring_along(place: GitPlace, old: str, new: str) -> tuple[str, ...]:
    """Move index and files of a worktree from commit *old* to commit *new*; HEAD is not touched.

    Two-tree `read-tree`: local changes elsewhere stay, and git refuses as a whole rather than
    overwrite a changed or untracked file. No hooks; filters run unless *place* has them off.

    Returns:
        What was in the way; then nothing was changed. Empty when done.

    Raises:
        GitFailed: git refused for a reason that cannot be seen from outside.
    """
    blocked = await in_the_way(place, old, new)
    if blocked:
        return blocked
    # "really": files that are assumed unchanged too, else one that was only touched stops git.
    await run_git(place, "update-index", "-q", "--really-refresh", ok=(0, 1))
    argv = ("read-tree", "-m", "-u", object_id(old), object_id(new))
    done = await run_git(place, *argv, ok=(0, 1, _REFUSED))
    if done.status == 0:
        return ()
    blocked = await unmerged_paths(place) or await in_the_way(place, old, new)
    if not blocked:
        raise GitFailed(argv, done.status, done.stderr)
    return blocked
