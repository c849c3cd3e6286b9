"""Change a task's state: the check, the row and the event, in the caller's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.clock import to_ms
from core.domain.task import OPEN, TaskStatus, check_move
from core.events import log
from core.locks import leases
from core.store.schema import ClaimRow, TaskDependencyRow, TaskRow, WorkerRow, database
from core.store.transactions import transaction
from core.tasks.records import row_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from core.domain.repo import Repo

_EVENTS = {
    TaskStatus.CLAIMED: "task.claimed",
    TaskStatus.IN_PROGRESS: "task.started",
    TaskStatus.REVIEW: "task.review",
    TaskStatus.DONE: "task.done",
    TaskStatus.BACKLOG: "task.returned",
}


def shift(
    repo: Repo,
    row: TaskRow,
    new: TaskStatus,
    *,
    now: datetime,
    actor: str,
    run: str | None = None,
    data: Mapping[str, object] | None = None,
) -> None:
    """Move *row* to *new* and save it; only inside a transaction.

    A task that leaves claimed or in_progress occupies nobody any more: its claim and its locks
    are removed. The event carries `from`, `to` and *data*.

    Raises:
        IllegalTransition: `MOVES` does not allow it; nothing was changed.
    """
    assert database.in_transaction(), "a state belongs to a transaction"
    old = TaskStatus(row.status)
    check_move(row.key, old, new)
    row.status = new.value
    row.moved_ms = to_ms(now)
    _stamp(row, new, now)
    row.save()
    if new not in OPEN:
        _end_claim(repo, row, now=now, actor=actor, why=new.value)
    if new in (TaskStatus.REVIEW, TaskStatus.DONE):
        _note_ready(TaskRow.id.in_(_dependents(row)), now)
    log.record(
        _EVENTS[new],
        now,
        actor=actor,
        repo=str(repo.path),
        task=row.key,
        worker=row.worker_name,
        run=run,
        **{"from": old.value, "to": new.value, **(data or {})},
    )


def _end_claim(repo: Repo, row: TaskRow, *, now: datetime, actor: str, why: str) -> None:
    """End claim and locks, and note since when the worker is free and who waited for the files."""
    owner = ClaimRow.select(ClaimRow.worker).where(ClaimRow.task == row.id)
    WorkerRow.update(idle_since_ms=to_ms(now)).where(WorkerRow.id.in_(owner)).execute()
    ClaimRow.delete().where(ClaimRow.task == row.id).execute()
    if leases.end_with_claim(repo, row, now=now, actor=actor, why=why):
        waited = TaskRow.waits.in_((f"file_held {row.key}", f"critical_file {row.key}"))
        _note_ready((TaskRow.repo == repo.id) & waited, now)


def _dependents(row: TaskRow) -> Any:
    return TaskDependencyRow.select(TaskDependencyRow.task).where(TaskDependencyRow.needs == row.id)


def _note_ready(which: Any, now: datetime) -> None:
    """Note that tasks of the backlog wait for one thing less: the latency of a claim counts."""
    backlog = TaskRow.status == TaskStatus.BACKLOG.value
    TaskRow.update(ready_ms=to_ms(now)).where(backlog, which).execute()


def land(repo: Repo, key: str, commit: str, *, now: datetime, actor: str, merge: int) -> None:
    """Record that the work of *key* is on the base as *commit*: review → done.

    *merge* is the id of the merge run.
    """
    with transaction():
        row = row_of(repo, key)
        row.landed_commit = commit
        shift(
            repo,
            row,
            TaskStatus.DONE,
            now=now,
            actor=actor,
            data={"commit": commit, "merge": merge},
        )


def unland(repo: Repo, key: str, *, now: datetime, actor: str, merge: int) -> None:
    """Record that the landing of *key* was undone: done → review."""
    with transaction():
        row = row_of(repo, key)
        row.landed_commit = None
        shift(repo, row, TaskStatus.REVIEW, now=now, actor=actor, data={"merge": merge})


def _stamp(row: TaskRow, new: TaskStatus, now: datetime) -> None:
    match new:
        case TaskStatus.IN_PROGRESS:
            row.started_ms = row.started_ms or to_ms(now)
            row.completed_ms = None
        case TaskStatus.REVIEW:
            row.started_ms = row.started_ms or to_ms(now)
            row.completed_ms = row.completed_ms or to_ms(now)
        case TaskStatus.BACKLOG:
            row.claimed_ms = row.started_ms = row.completed_ms = None
        case _:
            pass
