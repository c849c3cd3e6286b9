"""What is measured of the work: intervals, key figures, health, the day's report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch of work: a run of an agent, or a person's time on a task.

    `ended_at` is None while it goes on; `outcome` is the run's status, or the task's for a
    person. `paused` holds (from, to) of each pause; an open one ends with the span.
    """

    task: str
    worker: str
    run: str
    stage: str
    outcome: str
    started_at: datetime
    ended_at: datetime | None
    paused: tuple[tuple[datetime, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from 'worker idle and task ready' to 'claimed'; None without a claim."""

    p50: int | None
    p95: int | None


@dataclass(frozen=True, slots=True)
class WorkerCount:
    """Workers that hold a task, and those of them that fell silent."""

    active: int
    stale: int


@dataclass(frozen=True, slots=True)
class LockCount:
    """Locks that hold, and those past their time that nobody has cleared yet."""

    active: int
    expired: int


@dataclass(frozen=True, slots=True)
class Health:
    """The contract's `health`; a rate is between 0 and 1, None when there is nothing to rate.

    Attributes:
        workers: Who works now.
        queue: Tasks in each column.
        locks: How many.
        conflict_rate: Landing steps that conflicted, of all tried.
        utilization: Time that agents worked, of the time in which any of them did, for all.
        completion_rate: Runs that ended well, of those that ended well, failed or were lost.
        assignment_latency_ms: Of agents' claims.
        estimate_error: Median of |actual - estimate| / estimate of finished tasks.
        warnings: Sentences about what needs a person, or misses its goal.
        concurrent: Greatest number of runs at once.
        since: From when on the rates are taken.
    """

    workers: WorkerCount
    queue: Mapping[str, int]
    locks: LockCount
    conflict_rate: float | None
    utilization: float | None
    completion_rate: float | None
    assignment_latency_ms: Latency
    estimate_error: float | None
    warnings: tuple[str, ...]
    concurrent: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Goal:
    """A key figure beside what it should be; `met` is None when there is nothing to judge."""

    name: str
    value: str
    goal: str
    met: bool | None


@dataclass(frozen=True, slots=True)
class WorkerFigures:
    """One worker's part: runs by outcome, minutes at work, money as far as it is known."""

    worker: str
    done: int
    failed: int
    aborted: int
    busy_minutes: float
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    unknown_cost_runs: int


@dataclass(frozen=True, slots=True)
class Stats:
    """Figures over a stretch of time, with their goals."""

    since: datetime
    until: datetime
    health: Health
    goals: tuple[Goal, ...]
    workers: tuple[WorkerFigures, ...]
    tasks_done: int
    runs: int
    landed: int
    events: int


@dataclass(frozen=True, slots=True)
class Report:
    """The summary of one day, as Markdown; `files` are the absolute paths that were written."""

    day: date
    markdown: str
    files: tuple[str, ...] = ()
