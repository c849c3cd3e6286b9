"""Change a task's state: the check, the row and the event, in the caller's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import to_ms
from core.domain.task import TaskStatus, check_move
from core.events import log
from core.store.schema import ClaimRow, TaskRow, database
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

    A task that leaves claimed or in_progress occupies nobody any more: its claim is removed.
    The event carries `from`, `to` and *data*.

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
    if new not in (TaskStatus.CLAIMED, TaskStatus.IN_PROGRESS):
        ClaimRow.delete().where(ClaimRow.task == row.id).execute()
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
