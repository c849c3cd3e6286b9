"""Figures over a stretch of time, in all and for each worker."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final, TypedDict

from core.clock import to_ms
from core.domain.figures import Stats, WorkerFigures
from core.domain.run import RunStatus
from core.metrics import rates
from core.metrics.goals import goals_of
from core.metrics.health import BAD_ENDS, health_between
from core.metrics.spans import spans_of
from core.store.schema import EventRow, RunRow, as_tuples

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.domain.figures import Span
    from core.domain.repo import Repo
    from core.domain.worker import Worker


class _Spent(TypedDict):
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    unknown_cost_runs: int


_NOTHING_SPENT: Final[_Spent] = {
    "input_tokens": 0,
    "output_tokens": 0,
    "cost_usd": None,
    "unknown_cost_runs": 0,
}


def stats_of(repo: Repo, workers: Sequence[Worker], *, since: datetime, until: datetime) -> Stats:
    """Return figures of *since* to *until*, with the goals beside them."""
    health = health_between(repo, workers, since=since, until=until)
    spans = spans_of(repo, since=since, until=until)
    kinds = _kinds(repo, since, until)
    return Stats(
        since=since,
        until=until,
        health=health,
        goals=goals_of(health),
        workers=_by_worker(repo, spans, since, until),
        tasks_done=kinds["task.done"],
        runs=sum(1 for span in spans if span.run),
        landed=kinds["merge.landed"],
        events=kinds.total(),
    )


def _by_worker(
    repo: Repo, spans: Sequence[Span], since: datetime, until: datetime
) -> tuple[WorkerFigures, ...]:
    busy: dict[str, float] = defaultdict(float)
    ends: dict[str, Counter[str]] = defaultdict(Counter)
    for span, inside in rates.clipped(spans, since, until):
        busy[span.worker] += rates.worked_s(span, inside)
        ends[span.worker][span.outcome] += 1
    spent = _spent(repo, since, until)
    return tuple(
        WorkerFigures(
            worker=name,
            done=ends[name][RunStatus.DONE.value],
            failed=sum(ends[name][end] for end in BAD_ENDS),
            aborted=ends[name][RunStatus.ABORTED.value],
            busy_minutes=round(seconds / 60, 1),
            **spent.get(name, _NOTHING_SPENT),
        )
        for name, seconds in sorted(busy.items())
    )


def _spent(repo: Repo, since: datetime, until: datetime) -> dict[str, _Spent]:
    found: dict[str, _Spent] = {}
    query = RunRow.select(
        RunRow.worker_name, RunRow.input_tokens, RunRow.output_tokens, RunRow.cost_micro
    ).where(
        RunRow.repo == repo.id,
        RunRow.started_ms >= to_ms(since),
        RunRow.started_ms <= to_ms(until),
    )
    for name, taken, given, cost in as_tuples(query):
        sums = found.setdefault(name, _NOTHING_SPENT.copy())
        sums["input_tokens"] += taken or 0
        sums["output_tokens"] += given or 0
        if cost is None:
            sums["unknown_cost_runs"] += 1
        else:
            sums["cost_usd"] = (sums["cost_usd"] or 0.0) + cost / 1_000_000
    return found


def _kinds(repo: Repo, since: datetime, until: datetime) -> Counter[str]:
    """Return how many events of each kind there were."""
    query = EventRow.select(EventRow.kind).where(
        EventRow.repo_path == str(repo.path),
        EventRow.at_ms >= to_ms(since),
        EventRow.at_ms <= to_ms(until),
    )
    return Counter(kind for (kind,) in as_tuples(query))
