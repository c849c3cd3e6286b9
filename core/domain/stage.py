"""Stages of a task: one run each, with a gate between them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from core.errors import IllegalTransition

if TYPE_CHECKING:
    from datetime import datetime


class StageStatus(StrEnum):
    """Where a stage stands; at a `gate` it waits for approval, rejection or escalation."""

    WAITING = "waiting"
    RUNNING = "running"
    GATE = "gate"
    DONE = "done"
    FAILED = "failed"


_S = StageStatus
STAGE_MOVES: Final = MappingProxyType({
    _S.WAITING: frozenset({_S.RUNNING}),
    _S.RUNNING: frozenset({_S.GATE, _S.DONE, _S.FAILED, _S.WAITING}),
    _S.GATE:    frozenset({_S.DONE, _S.WAITING}),
    _S.DONE:    frozenset({_S.WAITING}),
    _S.FAILED:  frozenset({_S.WAITING, _S.RUNNING}),
})  # fmt: skip


def check_stage_move(task: str, name: str, old: StageStatus, new: StageStatus) -> None:
    """Raise IllegalTransition unless STAGE_MOVES allows *old* → *new*."""
    if new not in STAGE_MOVES[old]:
        raise IllegalTransition(
            f"Stage {name} of {task} is {old.value} and cannot become {new.value}."
        )


class StageKind(StrEnum):
    """What a stage does; its name says it, and any other name than these builds."""

    ANALYZE = "analyze"
    BUILD = "build"
    REVIEW = "review"

    @classmethod
    def of(cls, name: str) -> StageKind:
        """Return the kind of the stage called *name*."""
        return cls(name) if name in set(cls) else cls.BUILD


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a task, in order of `position` from 0.

    `artifact` is the absolute path of what it handed on, or empty; `note` the last words said at
    its gate; `sent_back` how often a later stage returned the work to it.
    """

    task: str
    position: int
    name: str
    status: StageStatus
    run: str
    attempts: int
    sent_back: int
    note: str
    artifact: str
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a worker and a task fit: a higher score is better, `why` says it in one line."""

    task: str
    worker: str
    score: int
    why: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A fit with what stands in its way; without `reasons` it could be claimed now."""

    task: str
    worker: str
    score: int
    why: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the dispatcher would assign, with its reason in one line."""

    task: str
    worker: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Approval:
    """A guardian's word; `subject` is claim, merge, stage or budget."""

    task: str
    subject: str
    guardian: str
    approved: bool
    reason: str
    at: datetime
