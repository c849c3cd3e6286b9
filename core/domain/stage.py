"""Stages of a task: one run each, with a gate between them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class StageStatus(StrEnum):
    """Where a stage stands; at a `gate` it waits for approval, rejection or escalation."""

    WAITING = "waiting"
    RUNNING = "running"
    GATE = "gate"
    DONE = "done"
    FAILED = "failed"


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
