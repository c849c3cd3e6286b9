"""What was brought into a branch, and a conflict laid open for somebody who resolves it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.domain.conflict import HunkText


@dataclass(frozen=True, slots=True)
class Brought:
    """A merge commit on a task's branch; `before` equals `after` when nothing was to be done.

    `brought` names what came in, such as `main` or `task-4`; `files` are the paths that it
    changed in the branch; `notes` are sentences for the person. With `taken_back` it is the way
    back: the branch no longer holds what came in.
    """

    task: str
    branch: str
    brought: str
    before: str
    after: str
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    taken_back: bool = False


class Take(StrEnum):
    """What becomes of a conflicting stretch, or of a whole file; left is the paying branch."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"
    """Left, then right; only of a stretch."""
    OWN = "own"
    """A text of the person's own."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One choice; `text` counts for `own` alone. Its lines need no line end at the end."""

    take: Take
    text: str = ""


@dataclass(frozen=True, slots=True)
class FileDecision:
    """What becomes of one conflicted file: a choice for each stretch, or one for the whole.

    `stretches` has as many choices as the file has, in their order; `whole` wins over it.
    """

    path: str
    stretches: tuple[Decision, ...] = ()
    whole: Decision | None = None


@dataclass(frozen=True, slots=True)
class DisputedFile:
    """A conflicted path as a person decides on it.

    Attributes:
        path: Its name in the repository.
        kind: git's word for the conflict.
        stretches: The conflicting ones with each side's lines: a is left, b is right. Empty when
            the file can only be taken as a whole.
        left: Whether the paying branch has the file.
        right: Whether the other side has it.
        note: Why it can only be taken as a whole, or not be decided here at all; else empty.
    """

    path: str
    kind: str
    stretches: tuple[HunkText, ...]
    left: bool
    right: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Dispute:
    """A conflict of one branch with the base or with another branch, ready to be resolved.

    Attributes:
        task: Whose branch pays: the resolution is a commit on it, never on the base.
        branch: That branch.
        head: Its commit, which the decisions are for.
        other: The other task, or empty for the base.
        other_head: The other branch's commit, or the base's.
        base: The base branch.
        base_sha: Its commit.
        files: What is to be decided; empty when the two do not collide (any more).
        note: One sentence that one should know before, or empty.
        title: The paying task's title, or empty.
    """

    task: str
    branch: str
    head: str
    other: str
    other_head: str
    base: str
    base_sha: str
    files: tuple[DisputedFile, ...]
    note: str = ""
    title: str = ""

    @property
    def right_name(self) -> str:
        """Return what the right side is called on screen."""
        return self.other or self.base
