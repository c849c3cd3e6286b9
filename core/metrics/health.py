"""The health of one repository's work: who works, what is stuck, and the rates."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from core.clock import to_ms
from core.domain.figures import Health, Latency, LockCount, WorkerCount
from core.domain.merge_run import StepState
from core.domain.run import RunStatus
from core.domain.task import TaskStatus
from core.domain.worker import WorkerStatus
from core.metrics import rates
from core.metrics.goals import CONCURRENT, goals_of
from core.metrics.spans import latencies, spans_of
from core.store.schema import MergeRunRow, MergeStepRow, PathLockRow, TaskRow, as_tuples

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.domain.figures import Span
    from core.domain.repo import Repo
    from core.domain.worker import Worker

WINDOW: Final = timedelta(days=7)
"""Over which rates are taken unless a face asks for another stretch."""
BAD_ENDS: Final = (RunStatus.FAILED.value, RunStatus.LOST.value)


def health_of(
    repo: Repo, workers: Sequence[Worker], *, now: datetime, window: timedelta = WINDOW
) -> Health:
    """Return how the work goes: now, and over the last *window*."""
    return health_between(repo, workers, since=now - window, until=now)


def health_between(
    repo: Repo, workers: Sequence[Worker], *, since: datetime, until: datetime
) -> Health:
    """Return the health at *until*, with the rates from *since* on."""
    spans = [span for span in spans_of(repo, since=since, until=until) if span.run]
    parts = rates.clipped(spans, since, until)
    waits = latencies(repo, since=since, until=until)
    health = Health(
        workers=WorkerCount(
            active=sum(1 for worker in workers if worker.task),
            stale=sum(1 for worker in workers if worker.status is WorkerStatus.OFFLINE),
        ),
        queue=_queue(repo),
        locks=_locks(repo, until),
        conflict_rate=_conflict_rate(repo, since, until),
        utilization=rates.utilization(parts),
        completion_rate=_completion_rate(spans),
        assignment_latency_ms=Latency(rates.percentile(waits, 0.5), rates.percentile(waits, 0.95)),
        estimate_error=rates.estimate_error(_durations(repo, since, until)),
        warnings=(),
        concurrent=rates.most_at_once(inside for _, inside in parts),
        since=since,
    )
    return replace(health, warnings=_warnings(repo, workers, health))


def _queue(repo: Repo) -> dict[str, int]:
    query = TaskRow.select(TaskRow.status).where(TaskRow.repo == repo.id)
    found = Counter(status for (status,) in as_tuples(query))
    return {status.value: found[status.value] for status in TaskStatus}


def _locks(repo: Repo, now: datetime) -> LockCount:
    query = PathLockRow.select(PathLockRow.expires_ms).where(PathLockRow.repo == repo.id)
    ends = [end for (end,) in as_tuples(query)]
    expired = sum(1 for end in ends if end is not None and end <= to_ms(now))
    return LockCount(active=len(ends) - expired, expired=expired)


def _conflict_rate(repo: Repo, since: datetime, until: datetime) -> float | None:
    """A step that was put aside and names files is one that conflicted."""
    query = (
        MergeStepRow.select(MergeStepRow.outcome, MergeStepRow.files)
        .join(MergeRunRow)
        .where(
            MergeRunRow.repo == repo.id,
            MergeRunRow.started_ms >= to_ms(since),
            MergeRunRow.started_ms <= to_ms(until),
            MergeStepRow.outcome.in_([state.value for state in StepState]),
        )
    )
    steps = as_tuples(query)
    if not steps:
        return None
    hurt = sum(
        1 for outcome, files in steps if outcome == StepState.PUT_ASIDE.value and files != "[]"
    )
    return hurt / len(steps)


def _completion_rate(spans: Sequence[Span]) -> float | None:
    ends = Counter(span.outcome for span in spans)
    good, bad = ends[RunStatus.DONE.value], sum(ends[end] for end in BAD_ENDS)
    return good / (good + bad) if good + bad else None


def _durations(repo: Repo, since: datetime, until: datetime) -> list[tuple[float, float]]:
    """Return (actual, estimate) in minutes of tasks with an estimate that were finished then."""
    query = TaskRow.select(
        TaskRow.started_ms, TaskRow.completed_ms, TaskRow.estimate_minutes
    ).where(
        TaskRow.repo == repo.id,
        TaskRow.completed_ms >= to_ms(since),
        TaskRow.completed_ms <= to_ms(until),
        TaskRow.estimate_minutes.is_null(False),
        TaskRow.started_ms.is_null(False),
    )
    return [((end - begun) / 60_000, estimate) for begun, end, estimate in as_tuples(query)]


def _warnings(repo: Repo, workers: Sequence[Worker], health: Health) -> tuple[str, ...]:
    said = [
        f"{worker.name} holds {worker.task} and has given no sign of life for too long."
        for worker in workers
        if worker.status is WorkerStatus.OFFLINE
    ]
    escalated = [
        key
        for (key,) in as_tuples(
            TaskRow.select(TaskRow.key).where(
                TaskRow.repo == repo.id,
                TaskRow.escalated == True,  # noqa: E712  SQL, not Python
                TaskRow.status == TaskStatus.BACKLOG.value,
            )
        )
    ]
    if escalated:
        said.append(f"{', '.join(escalated)}: used up every attempt; look, then: weft task retry")
    if health.locks.expired:
        said.append(f"{health.locks.expired} locks are past their time.")
    said += [
        f"{goal.name} is {goal.value}; the goal is {goal.goal}."
        for goal in goals_of(health)
        if goal.met is False and goal.name != CONCURRENT
    ]
    return tuple(said)
