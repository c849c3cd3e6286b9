"""A lease on a path or glob, held by a worker for a task, and what is told of files that meet."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class LockOrigin(StrEnum):
    """Why a lock is held: the task declares the file, somebody asked, or the file is critical."""

    DECLARED = "declared"
    ASKED = "asked"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock as every face shows it; the first five fields are the contract's JSON.

    `expires_at` is None while a person holds it: a person's claim does not lapse.
    """

    path: str
    worker: str
    task: str
    locked_at: datetime
    expires_at: datetime | None
    exclusive: bool = True
    origin: LockOrigin = LockOrigin.ASKED


@dataclass(frozen=True, slots=True)
class LockRules:
    """The settings that decide about locks.

    Attributes:
        overlap: What declared files that meet another's do: `wait`, `ask` or `allow`.
        critical: Files and globs that are always held by one task alone.
    """

    overlap: str = "ask"
    critical: tuple[str, ...] = ()


class WarningKind(StrEnum):
    """What was seen in a worktree: changed past the declaration, past a lock, or as another."""

    UNDECLARED = "undeclared"
    OVERLAP = "overlap"
    UNGUARDED = "unguarded"


@dataclass(frozen=True, slots=True)
class TaskWarning:
    """What a card shows of files that its task really changed; `other` is the task that it meets.

    `sentence` is the text for people; `paths` are relative to the repository.
    """

    task: str
    kind: WarningKind
    sentence: str
    paths: tuple[str, ...]
    other: str | None = None
