"""What happened on one day, for the daily summary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from core.clock import to_ms
from core.domain.merge_run import StepState
from core.domain.task import OPEN
from core.events import log
from core.metrics.spans import spans_of
from core.metrics.stats import stats_of
from core.store.schema import MergeRunRow, MergeStepRow, as_tuples

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from core.domain.figures import Span, Stats
    from core.domain.lock import Lock
    from core.domain.repo import Repo
    from core.domain.task import Task
    from core.domain.worker import Worker


@dataclass(frozen=True, slots=True)
class ActiveWorker:
    """A worker with a task: minutes since its start, and the share of its estimate."""

    worker: str
    task: str
    title: str
    minutes: int
    estimate: int | None
    """Minutes; None without an estimate."""

    @property
    def percent(self) -> int | None:
        """Return the share of the estimate that is gone, at most 99 until it is done."""
        if not self.estimate:
            return None
        return min(99, round(100 * self.minutes / self.estimate))


@dataclass(frozen=True, slots=True)
class DayFacts:
    """All that the summary of one day says."""

    repo: str
    day: date
    stats: Stats
    active: tuple[ActiveWorker, ...]
    completed: tuple[tuple[str, str, str], ...]
    """(task, title, worker) of what came to review or landed."""
    landed: tuple[str, ...]
    troubles: tuple[tuple[str, str], ...]
    """(task, reason) of what was returned or put aside."""
    locks: tuple[Lock, ...]
    spans: tuple[Span, ...]


def bounds(day: date) -> tuple[datetime, datetime]:
    """Return the first moment of *day* (UTC) and that of the next."""
    first = datetime.combine(day, time.min, UTC)
    return first, first + timedelta(days=1)


def facts_of(
    repo: Repo,
    day: date,
    *,
    tasks: Sequence[Task],
    workers: Sequence[Worker],
    locks: Sequence[Lock],
    now: datetime,
) -> DayFacts:
    """Return what is known of *day*; who is active and what is locked is as of *now*."""
    first, last = bounds(day)
    titles = {task.key: task.title for task in tasks}
    events = log.read(repo=str(repo.path), between=(first, last), limit=None)
    put_aside = _put_aside(repo, first, last)
    return DayFacts(
        repo=repo.name,
        day=day,
        stats=stats_of(repo, workers, since=first, until=min(last, max(now, first))),
        active=tuple(_active(tasks, now)),
        completed=tuple(
            (event.task, titles.get(event.task, ""), event.worker or "")
            for event in events
            if event.kind == "task.review" and event.task and event.data.get("from") != "done"
        ),
        landed=tuple(event.task for event in events if event.kind == "task.done" and event.task),
        troubles=(
            *(
                (event.task, str(event.data["why"]))
                for event in events
                if event.kind == "task.returned" and event.task and event.data.get("why")
            ),
            *put_aside,
        ),
        locks=tuple(locks),
        spans=spans_of(repo, since=first, until=min(last, max(now, first))),
    )


def _put_aside(repo: Repo, first: datetime, last: datetime) -> list[tuple[str, str]]:
    query = (
        MergeStepRow.select(MergeStepRow.task_key, MergeStepRow.reason)
        .join(MergeRunRow)
        .where(
            MergeRunRow.repo == repo.id,
            MergeRunRow.started_ms >= to_ms(first),
            MergeRunRow.started_ms < to_ms(last),
            MergeStepRow.outcome == StepState.PUT_ASIDE.value,
        )
        .order_by(MergeStepRow.id)
    )
    return as_tuples(query)


def _active(tasks: Sequence[Task], now: datetime) -> list[ActiveWorker]:
    found = []
    for task in tasks:
        if task.status in OPEN and task.worker:
            begun = task.started_at or task.claimed_at or now
            minutes = max(0, int((now - begun).total_seconds() // 60))
            found.append(
                ActiveWorker(task.worker, task.key, task.title, minutes, task.estimate_minutes)
            )
    return found
