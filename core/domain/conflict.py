"""Who collides with whom: the answer of real merges."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


class LandingMode(StrEnum):
    """How branches will land; it changes which pairs conflict (rebase lands like squash)."""

    MERGE = "merge"
    SQUASH = "squash"


@dataclass(frozen=True, slots=True)
class Contender:
    """A branch that may land: what the matrix and the plan are asked about.

    `branch` is a short name; its ref is `refs/heads/<branch>`. `worktree` is None when there is
    none (any more): then only the branch's commit counts. `arrived_at` orders by arrival;
    `rank` is the task's priority rank (0 critical); `human` and `running` say who would have
    to redo the work.
    """

    task: str
    title: str
    worker: str | None
    branch: str
    worktree: Path | None
    depends_on: tuple[str, ...] = ()
    arrived_at: datetime | None = None
    rank: int = 2
    human: bool = False
    running: bool = False
    in_review: bool = False
    hold: str = ""
    """Why it may not land now though it is in review, such as a missing approval; else empty."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """One conflicting stretch as 1-based (first line, line count) in each side's own file.

    A count of 0 means that the side has nothing there; the start is then the line before which
    it would stand. `base` is None when the two sides share no ancestor version of the file.
    """

    a: tuple[int, int]
    b: tuple[int, int]
    base: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class ConflictedFile:
    """A path that a merge cannot merge.

    `kind` is git's own word as merge-tree prints it (`contents`, `add/add`, `modify/delete`, …).
    `hunks` is empty for kinds without text markers; such a file counts as one. `also` are the other
    words that git has for the same path, such as `modify/delete` beside `rename/delete`.
    """

    path: str
    kind: str
    hunks: tuple[Hunk, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BranchState:
    """One branch of the matrix: its commit, and its tree with uncommitted work included.

    `dirty` is True when the snapshot differs from `head`; `resolving` when the worktree is in
    the middle of a merge or rebase, so that only its commit was looked at; `problem` says why a
    branch could not be looked at (its worktree is gone), else empty. `skipped` are untracked
    paths that the snapshot left out: too large, too many, unreadable or repositories themselves.
    """

    task: str
    worker: str | None
    branch: str
    head: str
    dirty: bool
    files: tuple[str, ...]
    depends_on: tuple[str, ...]
    tree: str = ""
    resolving: bool = False
    problem: str = ""
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgainstBase:
    """Verdict of one branch alone against the base."""

    task: str
    conflict: bool
    files: tuple[str, ...]
    details: tuple[ConflictedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class PairVerdict:
    """Verdict of two branches, each landed on the base; `overlap` is every path both touch."""

    a: str
    b: str
    conflict: bool
    overlap: tuple[str, ...]
    files: tuple[ConflictedFile, ...]


@dataclass(frozen=True, slots=True)
class HotFile:
    """A path in which several tasks collide, most first."""

    path: str
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConflictMatrix:
    """The contract's `conflicts` answer."""

    base: str
    base_sha: str
    mode: LandingMode
    branches: tuple[BranchState, ...]
    against_base: tuple[AgainstBase, ...]
    pairs: tuple[PairVerdict, ...]
    hot_files: tuple[HotFile, ...]
    took_ms: float
    snapshot_ms: float
    cached: bool

    @property
    def conflict_count(self) -> int:
        """Return how many verdicts, against the base and of pairs, are conflicts."""
        return sum(v.conflict for v in self.against_base) + sum(p.conflict for p in self.pairs)


@dataclass(frozen=True, slots=True)
class HunkText:
    """The text of one conflicting stretch, for showing side by side; lines without line ends."""

    place: Hunk
    a_lines: tuple[str, ...]
    b_lines: tuple[str, ...]
    base_lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileSides:
    """Both whole versions of a conflicted file with its hunks.

    A side is None when that side has no such file (deleted), or when it is not text or too large;
    then `note` says so in a sentence.
    """

    path: str
    kind: str
    a: str | None
    b: str | None
    hunks: tuple[HunkText, ...]
    note: str = ""
