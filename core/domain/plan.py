"""An ordered dry run of merges onto the base, and what a real run did."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


NOTHING_TO_LAND: Final = "nothing to land: the base already holds its content"
"""Why an empty branch is put aside: the only reason that is no failure."""

FLAKY: Final = "its check failed once and passed when it was run again"
"""Reason of a step that landed all the same."""


class Strategy(StrEnum):
    """How a branch lands on the base."""

    MERGE = "merge"
    SQUASH = "squash"
    REBASE = "rebase"


class StepOutcome(StrEnum):
    """What the dry run says of one step."""

    CLEAN = "clean"
    CONFLICT = "conflict"
    BLOCKED = "blocked"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One branch in the plan.

    `files`: for clean the paths that change on the base, for conflict the paths in conflict.
    `tree` is the base's tree after this step (unchanged by a step that does not land).
    `why` is one plain sentence part: the reason for its place, or for its being put aside.
    """

    position: int
    task: str
    branch: str
    head: str
    outcome: StepOutcome
    files: tuple[str, ...]
    tree: str
    why: str
    title: str = ""
    added: int = 0
    removed: int = 0
    hunks: int = 0


@dataclass(frozen=True, slots=True)
class MergePlan:
    """The recommended (or a given) order, dry-run; `compared` maps rule → conflicting steps."""

    base: str
    base_sha: str
    strategy: Strategy
    steps: tuple[PlanStep, ...]
    conflict_steps: int
    compared: Mapping[str, int]

    @property
    def clean_steps(self) -> tuple[PlanStep, ...]:
        """Return the steps that will land."""
        return tuple(step for step in self.steps if step.outcome is StepOutcome.CLEAN)


@dataclass(frozen=True, slots=True)
class MergedTask:
    """A branch that landed; `commit` is the commit on the base that brought it.

    `log` is the path of its check's output, empty without one. When the check was `flaky` it
    failed at first and passed when it was run again; the log is then that of the failure.
    """

    task: str
    branch: str
    commit: str
    log: str = ""
    flaky: bool = False


@dataclass(frozen=True, slots=True)
class PutAside:
    """A branch that did not land; `log` is the path of the check's output, or empty."""

    task: str
    reason: str
    files: tuple[str, ...]
    log: str


@dataclass(frozen=True, slots=True)
class MergeResult:
    """The contract's `merged` answer; `before` equals `after` when nothing landed.

    `notes` are sentences for the person, such as why the checked-out base was not brought along.
    """

    merged: tuple[MergedTask, ...]
    put_aside: tuple[PutAside, ...]
    base: str
    before: str
    after: str
    backup_ref: str
    notes: tuple[str, ...] = ()
