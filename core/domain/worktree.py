"""A linked worktree of Weft's: one task's folder on one task's branch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from core.errors import IllegalTransition

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


class WorktreeState(StrEnum):
    """How far the journal of a worktree has come; `creating` means that nobody worked in it yet."""

    CREATING = "creating"
    READY = "ready"
    REMOVING = "removing"
    REMOVED = "removed"


_W = WorktreeState
WORKTREE_MOVES: Final = MappingProxyType({
    _W.CREATING: frozenset({_W.READY, _W.REMOVING, _W.REMOVED}),
    _W.READY:    frozenset({_W.CREATING, _W.REMOVING, _W.REMOVED}),
    _W.REMOVING: frozenset({_W.CREATING, _W.REMOVED}),
    _W.REMOVED:  frozenset(),
})  # fmt: skip
STANDING: Final = frozenset({_W.CREATING, _W.READY, _W.REMOVING})
"""States in which a folder may be there."""


def check_worktree_move(path: str, old: WorktreeState, new: WorktreeState) -> None:
    """Raise IllegalTransition unless WORKTREE_MOVES allows *old* → *new*."""
    if new not in WORKTREE_MOVES[old]:
        raise IllegalTransition(
            f"The worktree {path} is {old.value} and cannot become {new.value}."
        )


@dataclass(frozen=True, slots=True)
class Worktree:
    """A worktree as the journal knows it.

    `task` is None when the task was removed; `setup_log` is the file that holds what the set-up
    command printed, `preserved_ref` the ref that keeps what was in it when it went; both may be
    empty. `base_sha` is the commit that its branch started from.
    """

    id: int
    task: str | None
    worker: str
    path: Path
    branch: str
    state: WorktreeState
    base_sha: str
    created_at: datetime
    setup_log: str = ""
    preserved_ref: str = ""


class Standing(StrEnum):
    """What a look at the disk says of a worktree."""

    READY = "ready"
    CREATING = "creating"
    MISSING = "missing"
    FOREIGN = "foreign"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class SurveyedWorktree:
    """A linked worktree as it is: on disk, in git and in the journal.

    `dirty` counts uncommitted paths, `ahead` commits that the base has not; both are None when
    the folder is gone or could not be asked, then `problem` says why. A foreign one is the
    person's own: it is only listed.
    """

    path: Path
    standing: Standing
    branch: str | None
    task: str | None
    worker: str | None
    dirty: int | None
    ahead: int | None
    problem: str = ""
