"""The life of one merge run: its journal's states, and what it tells while it works."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from core.domain.plan import MergeResult


class MergeRunState(StrEnum):
    """How far a merge run is; the value is what the journal stores.

    Only `landed` means that the base moved. A run that ended without moving it is `failed`,
    whether nothing could land, it was cancelled, or its process died before the landing.
    """

    PLANNED = "planned"
    MERGING = "merging"
    CHECKING = "checking"
    LANDING = "landing"
    LANDED = "landed"
    FAILED = "failed"


_S = MergeRunState
RUN_MOVES: Final = MappingProxyType({
    _S.PLANNED:  frozenset({_S.MERGING, _S.FAILED}),
    _S.MERGING:  frozenset({_S.CHECKING, _S.LANDING, _S.FAILED}),
    _S.CHECKING: frozenset({_S.MERGING, _S.LANDING, _S.FAILED}),
    _S.LANDING:  frozenset({_S.MERGING, _S.LANDED, _S.FAILED}),
    _S.LANDED:   frozenset(),
    _S.FAILED:   frozenset(),
})  # fmt: skip
UNDER_WAY: Final = frozenset(state for state, after in RUN_MOVES.items() if after)
"""States of a run that some process works on."""


class StepState(StrEnum):
    """What became of one branch in a merge run."""

    MERGED = "merged"
    PUT_ASIDE = "put_aside"


class MergeStage(StrEnum):
    """What a plan or a merge run is doing, in the order in which it does it."""

    LOOKING = "looking"
    """Heads, worktrees and who collides with whom."""
    TRYING = "trying"
    """One branch is being merged, in memory."""
    CHECKING = "checking"
    """The check command runs on the tree that one branch would make."""
    PUT_ASIDE = "put_aside"
    """One branch conflicts, fails the check or may not land."""
    READY = "ready"
    """Everything is merged and checked; the base has not moved."""
    MOVED = "moved"
    """The base has moved; checkouts and tasks follow."""
    BROUGHT_ALONG = "brought_along"
    """Checkouts of the base have followed."""
    RECORDED = "recorded"
    """Tasks, journal and event are written: all is done."""


@dataclass(frozen=True, slots=True)
class MergeProgress:
    """One step forward, for a progress bar and a line of text.

    Attributes:
        stage: What is being done.
        text: One sentence for a person.
        task: The branch's task, or empty.
        done: How many branches are dealt with.
        total: How many there are.
        log: Path of the check's output while it runs, or empty.
    """

    stage: MergeStage
    text: str
    task: str = ""
    done: int = 0
    total: int = 0
    log: str = ""


@dataclass(frozen=True, slots=True)
class PastMerge:
    """A merge run that has ended, as the log lists it.

    Attributes:
        name: What `undo` takes.
        state: `landed` if the base moved, else `failed`.
        at: When it was started.
        actor: Who started it.
        result: What landed and what was put aside.
        undone: Whether it was taken back.
        can_undo: Whether it is what the base stands on, so that nothing was built on it.
    """

    name: str
    state: MergeRunState
    at: datetime
    actor: str
    result: MergeResult
    undone: bool
    can_undo: bool
