"""A unit of work, its columns and what may follow what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from core.errors import IllegalTransition, UsageError

if TYPE_CHECKING:
    from datetime import datetime


class TaskStatus(StrEnum):
    """Column of the board; the value is what the database and JSON hold."""

    BACKLOG = "backlog"
    CLAIMED = "claimed"
    IN_PROGRESS = "in_progress"
    REVIEW = "review"
    DONE = "done"

    @property
    def label(self) -> str:
        """Return the column's title on screen."""
        return _LABELS[self]

    @property
    def words(self) -> str:
        """Return what follows "is" in a sentence about a task."""
        return _WORDS[self]


_S = TaskStatus
_LABELS: Final = MappingProxyType(
    {
        _S.BACKLOG: "Backlog",
        _S.CLAIMED: "Claimed",
        _S.IN_PROGRESS: "In progress",
        _S.REVIEW: "Review",
        _S.DONE: "Done",
    }
)
_WORDS: Final = MappingProxyType(
    {
        _S.BACKLOG: "in the backlog",
        _S.CLAIMED: "claimed",
        _S.IN_PROGRESS: "in progress",
        _S.REVIEW: "in review",
        _S.DONE: "done",
    }
)

MOVES: Final = MappingProxyType({
    _S.BACKLOG:     frozenset({_S.CLAIMED}),
    _S.CLAIMED:     frozenset({_S.IN_PROGRESS, _S.REVIEW, _S.BACKLOG}),
    _S.IN_PROGRESS: frozenset({_S.REVIEW, _S.BACKLOG}),
    _S.REVIEW:      frozenset({_S.IN_PROGRESS, _S.BACKLOG, _S.DONE}),
    _S.DONE:        frozenset({_S.REVIEW}),
})  # fmt: skip
OPEN: Final = frozenset({_S.CLAIMED, _S.IN_PROGRESS})
"""States in which a worker owns the task."""


def check_move(key: str, old: TaskStatus, new: TaskStatus) -> None:
    """Raise IllegalTransition unless MOVES allows *old* → *new*; the text names both."""
    if new not in MOVES[old]:
        allowed = ", ".join(sorted(status.label for status in MOVES[old]))
        raise IllegalTransition(
            f"{key} is {old.words} and cannot go to {new.label}.",
            hint=f"From {old.label} it can go to: {allowed}.",
        )


class Priority(StrEnum):
    """How urgent a task is; `rank` sorts, 0 first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """Return 0 for critical to 3 for low."""
        return list(Priority).index(self)

    @classmethod
    def parse(cls, text: str) -> Priority:
        """Return the priority named *text*, or raise UsageError with the four words."""
        try:
            return cls(text.lower())
        except ValueError:
            words = ", ".join(cls)
            raise UsageError(f"{text!r} is not a priority.", hint=f"Use one of: {words}.") from None


@dataclass(frozen=True, slots=True)
class Task:
    """A task as every face shows it; the fields are the contract's JSON.

    `worker`, `branch` and `worktree` stay set in review and done: they say whose work it was
    and where it lies. `repo` is the absolute path of the repository's main folder.
    """

    key: str
    repo: str
    title: str
    description: str
    status: TaskStatus
    priority: Priority
    skills: tuple[str, ...]
    files: tuple[str, ...]
    depends_on: tuple[str, ...]
    estimate_minutes: int | None
    issue_number: int | None
    worker: str | None
    branch: str | None
    worktree: str | None
    claimed_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    attempts: int
    escalated: bool
    last_error: str | None
    needs_approval: bool
    approved_by: str | None
    position: int
    """Order inside the column, ascending; gaps are normal."""
    base_sha: str | None
    """Commit that the branch was made from; None before the first claim."""
    landed_commit: str | None
    """Commit on the base that holds the work; None before it landed."""
    landed_at: datetime | None = None
    """When it landed; `completed_at` is the end of the work."""
    stopped: bool = False
    """Whether a person ended the last run: then nobody takes it by itself."""


@dataclass(frozen=True, slots=True)
class NewTask:
    """What a person gives when adding a task; checked by `core.tasks`."""

    title: str
    description: str = ""
    priority: Priority = Priority.MEDIUM
    files: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    estimate_minutes: int | None = None
    key: str | None = None
    issue_number: int | None = None
