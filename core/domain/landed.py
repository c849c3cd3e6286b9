"""Worktrees whose work is on the base, and what a reset gave back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class LandedWorktree:
    """The worktree of a task that is done.

    `kept_because` says why it may not go, as a sentence; empty when all that it holds is proven
    to be on the base. `removed` says that it went just now.
    """

    task: str
    path: Path
    branch: str
    kept_because: str = ""
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Released:
    """A task that a reset took from its worker.

    `preserved` is the ref that keeps what the base has not, empty when there was nothing;
    `problem` says why the task was left as it is, else empty.
    """

    task: str
    worker: str | None
    branch: str
    worktree: str
    preserved: str = ""
    problem: str = ""
