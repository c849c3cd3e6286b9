"""Who worked on what from when to when: read from runs, and for people from the audit trail."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.clock import from_ms, from_optional_ms, to_ms
from core.domain.figures import Span
from core.domain.run import LIVE
from core.store.schema import EventRow, RunRow, TaskRow, as_tuples

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from core.domain.repo import Repo

_BEGINS = frozenset({"task.claimed"})
_ENDS = frozenset({"task.review", "task.returned", "task.done"})
_PAUSES = ("run.paused", "run.working", "run.ended")


def spans_of(repo: Repo, *, since: datetime, until: datetime) -> tuple[Span, ...]:
    """Return every span that touches *since* to *until*, by start.

    A person's span goes from the claim to review or return; an agent's is its run.
    """
    runs = _runs(repo, since, until)
    return tuple(sorted((*runs, *_people(repo, since, until)), key=lambda span: span.started_at))


def _runs(repo: Repo, since: datetime, until: datetime) -> list[Span]:
    live = [status.value for status in LIVE]
    query = (
        RunRow.select(RunRow, TaskRow.key)
        .join(TaskRow)
        .where(
            RunRow.repo == repo.id,
            RunRow.started_ms <= to_ms(until),
            (RunRow.ended_ms >= to_ms(since)) | RunRow.status.in_(live),
        )
    )
    rows = list(query)
    pauses = _pauses(repo, since, {row.id for row in rows})
    return [
        Span(
            task=row.task.key,
            worker=row.worker_name,
            run=row.id,
            stage=row.stage,
            outcome=row.status,
            started_at=from_ms(row.started_ms),
            ended_at=from_optional_ms(row.ended_ms),
            paused=_closed(pauses.get(row.id, []), from_optional_ms(row.ended_ms) or until),
        )
        for row in rows
    ]


def _pauses(repo: Repo, since: datetime, runs: set[str]) -> dict[str, list[tuple[str, int]]]:
    """Return (kind, milliseconds) of what began and ended pauses, by run, oldest first."""
    found: dict[str, list[tuple[str, int]]] = {}
    query = (
        EventRow.select(EventRow.run_id, EventRow.kind, EventRow.at_ms)
        .where(
            EventRow.repo_path == str(repo.path),
            EventRow.at_ms >= to_ms(since),
            EventRow.kind.in_(_PAUSES),
        )
        .order_by(EventRow.id)
    )
    for run, kind, at in as_tuples(query):
        if run in runs:
            found.setdefault(run, []).append((kind, at))
    return found


def _closed(
    marks: Sequence[tuple[str, int]], end: datetime
) -> tuple[tuple[datetime, datetime], ...]:
    """Pair each pause with what ended it."""
    done, since = [], None
    for kind, at in marks:
        if kind == "run.paused":
            since = since or from_ms(at)
        elif since is not None:
            done.append((since, from_ms(at)))
            since = None
    if since is not None:
        done.append((since, max(since, end)))
    return tuple(done)


@dataclass(slots=True)
class _Open:
    """Tasks that a person holds while the log is walked."""

    spans: list[Span] = field(default_factory=list)
    held: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def take(self, kind: str, task: str, worker: str, at: datetime) -> None:
        if kind in _BEGINS:
            self.held[task] = (worker, at)
        elif kind in _ENDS and task in self.held:
            who, begun = self.held.pop(task)
            outcome = "done" if kind == "task.review" else kind.removeprefix("task.")
            self.spans.append(Span(task, who, "", "", outcome, begun, at))

    def rest(self) -> Iterable[Span]:
        for task, (who, begun) in self.held.items():
            yield Span(task, who, "", "", "working", begun, None)


def _people(repo: Repo, since: datetime, until: datetime) -> list[Span]:
    """Read the spans of everybody who had no run, from the whole trail of moves."""
    open_now = _Open()
    with_runs = {
        worker
        for (worker,) in as_tuples(
            RunRow.select(RunRow.worker_name).where(RunRow.repo == repo.id).distinct()
        )
    }
    query = (
        EventRow.select(EventRow.kind, EventRow.task_key, EventRow.worker_name, EventRow.at_ms)
        .where(
            EventRow.repo_path == str(repo.path),
            EventRow.at_ms <= to_ms(until),
            EventRow.kind.in_([*_BEGINS, *_ENDS]),
        )
        .order_by(EventRow.id)
    )
    for kind, task, worker, at in as_tuples(query):
        if worker and worker not in with_runs:
            open_now.take(kind, task, worker, from_ms(at))
    spans = [*open_now.spans, *open_now.rest()]
    return [span for span in spans if span.ended_at is None or span.ended_at >= since]


def latencies(repo: Repo, *, since: datetime, until: datetime) -> list[int]:
    """Return `latency_ms` of each claim that carries one, unsorted."""
    query = EventRow.select(EventRow.data).where(
        EventRow.repo_path == str(repo.path),
        EventRow.at_ms >= to_ms(since),
        EventRow.at_ms <= to_ms(until),
        EventRow.kind == "task.claimed",
    )
    found = []
    for (text,) in as_tuples(query):
        value = json.loads(text).get("latency_ms")
        if isinstance(value, int):
            found.append(value)
    return found
