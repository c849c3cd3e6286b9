"""Register workers, and say what each is doing: derived from claims, runs and heartbeats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from core.clock import from_ms, from_optional_ms, to_ms
from core.domain.names import check_name, fold
from core.domain.run import LIVE, RunStatus
from core.domain.worker import Worker, WorkerStatus, WorkerType
from core.errors import NotFound, Refused, UsageError, UserError
from core.events import log
from core.store.plain import fetch_one, select
from core.store.schema import (
    ClaimRow,
    RunRow,
    TaskRow,
    WorkerRow,
    WorkerSkillRow,
    as_tuples,
)
from core.store.transactions import transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, timedelta

    from core.domain.repo import Repo

_OWNED: Final = """\
SELECT task.key FROM claim JOIN task ON task.id = claim.task_id WHERE claim.worker_id = ?
"""
_SKILLED: Final = "SELECT skill FROM worker_skill WHERE worker_id = ? ORDER BY skill"


def add_worker(
    repo: Repo,
    name: str,
    type_: WorkerType,
    *,
    skills: Sequence[str] = (),
    agent: str | None = None,
    now: datetime,
    actor: str,
) -> None:
    """Register a worker.

    Args:
        repo: Where it works.
        name: Unique in the repository ignoring case.
        type_: A person or an agent.
        skills: What it can do; compared with what tasks ask for.
        agent: The profile of an agent; a person has none.
        now: Current time.
        actor: Who asked.

    Raises:
        UsageError: A name that cannot be, or a profile for a person.
        UserError: The name is taken.
    """
    check_name("worker name", name)
    if type_ is WorkerType.HUMAN and agent:
        raise UsageError(f"{name} is a person and has no agent profile.", hint="Leave out --agent.")
    with transaction():
        if find_row(repo, name) is not None:
            raise UserError(
                f"There is already a worker {name!r} in {repo.name}.", hint="Choose another name."
            )
        row = WorkerRow.create(
            repo=repo.id,
            name=name,
            name_folded=fold(name),
            type=type_.value,
            agent=agent,
            heartbeat_ms=to_ms(now) if type_ is WorkerType.HUMAN else None,
            registered_ms=to_ms(now),
        )
        for skill in dict.fromkeys(check_name("skill", s.strip().lower()) for s in skills):
            WorkerSkillRow.create(worker=row.id, skill=skill)
        log.record(
            "worker.added",
            now,
            actor=actor,
            repo=str(repo.path),
            worker=name,
            type=type_.value,
            agent=agent,
        )


def remove_worker(repo: Repo, name: str, *, now: datetime, actor: str) -> None:
    """Remove a worker that owns nothing.

    Raises:
        NotFound: Unknown.
        Refused: It owns a task.
    """
    with transaction():
        row = row_of(repo, name)
        claim = ClaimRow.get_or_none(ClaimRow.worker == row.id)
        if claim is not None:
            raise Refused(
                f"{row.name} cannot be removed.",
                reasons=(f"It owns {claim.task.key}: release or abort that first.",),
            )
        row.delete_instance()
        log.record("worker.removed", now, actor=actor, repo=str(repo.path), worker=row.name)


def heartbeat(repo: Repo, name: str, *, now: datetime) -> None:
    """Note a sign of life; no event, it happens all the time."""
    with transaction():
        row = row_of(repo, name)
        WorkerRow.update(heartbeat_ms=to_ms(now)).where(WorkerRow.id == row.id).execute()


def set_paused(repo: Repo, name: str, *, paused: bool, now: datetime, actor: str) -> None:
    """Have a worker take nothing new, or take something again.

    Raises:
        NotFound: Unknown.
        Refused: It is so already.
    """
    with transaction():
        row = row_of(repo, name)
        if row.paused == paused:
            raise Refused(f"{row.name} is {'paused already' if paused else 'not paused'}.")
        row.paused = paused
        if not paused:
            row.idle_since_ms = to_ms(now)
        row.save()
        kind = "worker.paused" if paused else "worker.resumed"
        log.record(kind, now, actor=actor, repo=str(repo.path), worker=row.name)


def row_of(repo: Repo, name: str) -> WorkerRow:
    """Return the row of worker *name*, ignoring case.

    Raises:
        NotFound: There is none.
    """
    row = find_row(repo, name)
    if row is None:
        raise NotFound(
            f"There is no worker {name!r} in {repo.name}.",
            hint=f"Add it: weft worker add {name} --type human|agent",
        )
    return row


def find_row(repo: Repo, name: str) -> WorkerRow | None:
    """Return the row of worker *name*, or None."""
    return fetch_one(WorkerRow, "repo_id = ? AND name_folded = ?", repo.id, fold(name))


def list_workers(repo: Repo, *, now: datetime, stale_after: timedelta) -> tuple[Worker, ...]:
    """Return every worker in the order of registration."""
    rows = list(WorkerRow.select().where(WorkerRow.repo == repo.id).order_by(WorkerRow.id))
    return _records(repo, rows, now=now, stale_after=stale_after)


def get_worker(repo: Repo, name: str, *, now: datetime, stale_after: timedelta) -> Worker:
    """Return one worker, its name taken in any case."""
    return _records(repo, [row_of(repo, name)], now=now, stale_after=stale_after)[0]


def claimant(repo: Repo, name: str, *, now: datetime, stale_after: timedelta) -> tuple[Worker, int]:
    """Return one worker like `get_worker` and its row's id, by queries about this one alone.

    A claim asks for it while it holds the write lock.
    """
    row = row_of(repo, name)
    task = next((key for (key,) in select(_OWNED, row.id)), None)
    run = next(iter(_live_runs(repo, RunRow.worker_name == row.name)), None) if task else None
    skills = [skill for (skill,) in select(_SKILLED, row.id)]
    return _record(row, task, run, skills, now=now, stale_after=stale_after), row.id


def _records(
    repo: Repo, rows: Iterable[WorkerRow], *, now: datetime, stale_after: timedelta
) -> tuple[Worker, ...]:
    owned, skills = _owned(repo), _skills(repo)
    runs = {run.worker_name: run for run in _live_runs(repo)}
    return tuple(
        _record(
            row,
            owned.get(row.id),
            runs.get(row.name),
            skills.get(row.id, ()),
            now=now,
            stale_after=stale_after,
        )
        for row in rows
    )


def _live_runs(repo: Repo, *where: Any) -> Iterable[RunRow]:
    live = RunRow.status.in_([status.value for status in LIVE])
    return list(RunRow.select().where(RunRow.repo == repo.id, live, *where))


def _record(
    row: WorkerRow,
    task: str | None,
    run: RunRow | None,
    skills: Sequence[str],
    *,
    now: datetime,
    stale_after: timedelta,
) -> Worker:
    beats = [row.heartbeat_ms, run.heartbeat_ms if run else None]
    beat = max((ms for ms in beats if ms is not None), default=None)
    return Worker(
        name=row.name,
        type=WorkerType(row.type),
        status=_status(row, task, run, now=now, stale_after=stale_after),
        skills=tuple(skills),
        agent=row.agent,
        task=task,
        last_heartbeat=from_optional_ms(beat),
        registered_at=from_ms(row.registered_ms),
        paused=row.paused,
        idle_since=None if task else from_ms(row.idle_since_ms or row.registered_ms),
    )


def _status(
    row: WorkerRow,
    task: str | None,
    run: RunRow | None,
    *,
    now: datetime,
    stale_after: timedelta,
) -> WorkerStatus:
    if run is None:
        if task is not None:
            return WorkerStatus.BUSY
        return WorkerStatus.PAUSED if row.paused else WorkerStatus.AVAILABLE
    last = from_ms(run.heartbeat_ms or run.started_ms)
    if now - last > stale_after:
        return WorkerStatus.OFFLINE
    return WorkerStatus.PAUSED if run.status == RunStatus.PAUSED else WorkerStatus.BUSY


def _owned(repo: Repo) -> dict[int, str]:
    query = (
        ClaimRow.select(ClaimRow.worker, TaskRow.key)
        .join(TaskRow, on=(ClaimRow.task == TaskRow.id))
        .where(TaskRow.repo == repo.id)
    )
    return dict(as_tuples(query))


def _skills(repo: Repo) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    query = (
        WorkerSkillRow.select(WorkerSkillRow.worker, WorkerSkillRow.skill)
        .join(WorkerRow, on=(WorkerSkillRow.worker == WorkerRow.id))
        .where(WorkerRow.repo == repo.id)
        .order_by(WorkerSkillRow.skill)
    )
    for worker, skill in as_tuples(query):
        found.setdefault(worker, []).append(skill)
    return found
