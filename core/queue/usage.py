"""Sums of what runs have used: in all, and by task, worker and day."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from core.clock import from_ms, to_ms
from core.domain.names import fold
from core.domain.usage import Usage, UsageReport, UsageShare
from core.store.schema import RunRow, TaskRow, as_tuples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from core.domain.repo import Repo

_MILLION = 1_000_000


class _Spent(NamedTuple):
    task: str
    worker: str
    day: str
    read: int
    written: int
    cached: int
    cost_micro: int | None


def usage_of(
    repo: Repo, *, task: str | None = None, worker: str | None = None, day: date | None = None
) -> Usage:
    """Return the sums over the runs of *task*, of *worker*, begun on *day* (UTC); all of them."""
    return _sum(_spent(repo, task, worker, day))


def usage_report(
    repo: Repo, *, task: str | None = None, worker: str | None = None, day: date | None = None
) -> UsageReport:
    """Return the same sums with the shares of tasks, workers and days."""
    spent = _spent(repo, task, worker, day)
    return UsageReport(
        _sum(spent),
        _dearest_first(_shares(spent, lambda one: one.task)),
        _dearest_first(_shares(spent, lambda one: one.worker)),
        tuple(sorted(_shares(spent, lambda one: one.day), key=lambda share: share.name)),
    )


def _spent(
    repo: Repo, task: str | None, worker: str | None, day: date | None
) -> tuple[_Spent, ...]:
    query = (
        RunRow.select(
            TaskRow.key, RunRow.worker_name, RunRow.started_ms,
            RunRow.input_tokens, RunRow.output_tokens, RunRow.cached_tokens, RunRow.cost_micro,
        )
        .join(TaskRow)
        .where(RunRow.repo == repo.id)
    )  # fmt: skip
    if day is not None:
        first = datetime.combine(day, time.min, UTC)
        query = query.where(
            RunRow.started_ms >= to_ms(first),
            RunRow.started_ms < to_ms(first + timedelta(days=1)),
        )
    found = (
        _Spent(key, name, _day(at), read or 0, written or 0, cached or 0, cost)
        for key, name, at, read, written, cached, cost in as_tuples(query)
    )
    return tuple(
        one
        for one in found
        if (task is None or fold(one.task) == fold(task))
        and (worker is None or fold(one.worker) == fold(worker))
    )


def _day(started_ms: int) -> str:
    return from_ms(started_ms).date().isoformat()


def _sum(spent: Iterable[_Spent]) -> Usage:
    every = tuple(spent)
    known = [one.cost_micro for one in every if one.cost_micro is not None]
    return Usage(
        runs=len(every),
        input_tokens=sum(one.read for one in every),
        output_tokens=sum(one.written for one in every),
        cached_tokens=sum(one.cached for one in every),
        cost_usd=sum(known) / _MILLION if known else None,
        unknown_runs=len(every) - len(known),
    )


def _shares(spent: Iterable[_Spent], by: Callable[[_Spent], str]) -> list[UsageShare]:
    parts: defaultdict[str, list[_Spent]] = defaultdict(list)
    for one in spent:
        parts[by(one)].append(one)
    return [UsageShare(name, _sum(part)) for name, part in parts.items()]


def _dearest_first(shares: list[UsageShare]) -> tuple[UsageShare, ...]:
    def rank(share: UsageShare) -> tuple[float, int, str]:
        usage = share.usage
        return -(usage.cost_usd or 0.0), -usage.input_tokens - usage.output_tokens, share.name

    return tuple(sorted(shares, key=rank))
