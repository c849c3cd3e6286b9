"""What a worktree looks like: changed, untracked and unmerged paths, and half-done operations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from core.git.command import run_git
from core.git.submodules import dirty_submodules

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from core.git.command import GitPlace


class Operation(StrEnum):
    """What git was told to do in a worktree and has not finished."""

    MERGE = "merge"
    REBASE = "rebase"
    CHERRY_PICK = "cherry-pick"
    REVERT = "revert"


_MARKS: Final = (
    ("rebase-merge", Operation.REBASE),
    ("rebase-apply", Operation.REBASE),
    ("MERGE_HEAD", Operation.MERGE),
    ("CHERRY_PICK_HEAD", Operation.CHERRY_PICK),
    ("REVERT_HEAD", Operation.REVERT),
)


@dataclass(frozen=True, slots=True)
class WorktreeStatus:
    """What `git status` sees.

    Attributes:
        head: Commit, or None before the first one.
        branch: Short name, or None when detached.
        ahead: Commits that the upstream has not; None without an upstream.
        behind: Commits that only the upstream has; None without an upstream.
        changed: Tracked paths that differ, staged or not; a rename gives both paths.
        untracked: Paths that git does not know and does not ignore.
        unmerged: Paths with a conflict that is not resolved.
        operation: What is half done, or None.
    """

    head: str | None
    branch: str | None
    ahead: int | None
    behind: int | None
    changed: tuple[str, ...]
    untracked: tuple[str, ...]
    unmerged: tuple[str, ...]
    operation: Operation | None

    @property
    def is_clean(self) -> bool:
        """Whether nothing would be lost if the worktree went."""
        return not (self.changed or self.untracked or self.unmerged or self.operation)

    @property
    def uncommitted(self) -> tuple[str, ...]:
        """Return every path that differs from the commit, sorted."""
        return tuple(sorted({*self.changed, *self.untracked, *self.unmerged}))


def operation_in_progress(git_dir: Path) -> Operation | None:
    """Return what git has not finished in the worktree that owns *git_dir*."""
    for name, operation in _MARKS:
        if (git_dir / name).exists():
            return operation
    return None


async def worktree_status(place: GitPlace, *, untracked: bool = True) -> WorktreeStatus:
    """Look at a worktree; its index is not refreshed on disk.

    A changed file that a filter of the repository handles (LFS) is filtered to compare it;
    give a place with `filters_off` to keep the repository from running anything. A submodule with
    uncommitted work counts as changed; it is looked at with its own filters off in any case.
    """
    seen = "--untracked-files=all" if untracked else "--untracked-files=no"
    done = await run_git(
        place, "status", "--porcelain=v2", "-z", "--branch", "--no-renames", seen,
        "--ignore-submodules=dirty",  # else git would start itself in there, with their filters
    )  # fmt: skip
    status = parse_status(done.records, operation_in_progress(place.git_dir))
    inner = [path for path in await dirty_submodules(place) if path not in status.changed]
    return replace(status, changed=(*status.changed, *inner)) if inner else status


def parse_status(records: Iterable[str], operation: Operation | None = None) -> WorktreeStatus:
    """Parse `status --porcelain=v2 -z --branch`."""
    header: dict[str, str] = {}
    paths: dict[str, list[str]] = {"1": [], "?": [], "u": []}
    left = iter(records)
    for record in left:
        kind, _, rest = record.partition(" ")
        if kind == "#":
            key, _, value = rest.partition(" ")
            header[key] = value
        elif kind == "2":  # renamed: the old path is a record of its own
            paths["1"] += [rest.split(" ", 8)[8], next(left)]
        elif kind in paths:
            paths[kind].append(rest.split(" ", _FIELDS_BEFORE_PATH[kind])[-1])
    ahead, behind = _distance(header.get("branch.ab"))
    head, branch = header.get("branch.oid"), header.get("branch.head")
    return WorktreeStatus(
        head=None if head == "(initial)" else head,
        branch=None if branch == "(detached)" else branch,
        ahead=ahead,
        behind=behind,
        changed=tuple(paths["1"]),
        untracked=tuple(paths["?"]),
        unmerged=tuple(paths["u"]),
        operation=operation,
    )


_FIELDS_BEFORE_PATH: Final = {"1": 7, "u": 9, "?": 0}


def _distance(value: str | None) -> tuple[int | None, int | None]:
    if value is None:
        return None, None
    ahead, behind = value.split()
    return int(ahead), -int(behind)
