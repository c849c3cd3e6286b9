"""Change a task's state: the check, the row and the event, in the caller's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.clock import to_ms
from core.domain.task import OPEN, TaskStatus, check_move
from core.events import log
from core.locks import leases
from core.store.link import in_transaction
from core.store.plain import change, save
from core.store.transactions import transaction
from core.tasks.records import row_of
from core.tasks.starting import STARTED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from core.domain.repo import Repo
    from core.store.schema import TaskRow

_EVENTS = {
    TaskStatus.CLAIMED: "task.claimed",
    TaskStatus.IN_PROGRESS: STARTED,
    TaskStatus.REVIEW: "task.review",
    TaskStatus.DONE: "task.done",
    TaskStatus.BACKLOG: "task.returned",
}
_FREE: Final = """\
UPDATE worker SET idle_since_ms = ? WHERE id = (SELECT worker_id FROM claim WHERE task_id = ?)
"""
_READY_AFTER: Final = """\
UPDATE task SET ready_ms = ?
WHERE status = 'backlog' AND id IN (SELECT task_id FROM task_dependency WHERE needs_id = ?)
"""
_READY_FOR_FILES: Final = """\
UPDATE task SET ready_ms = ? WHERE repo_id = ? AND status = 'backlog' AND waits IN (?, ?)
"""
"""A task waits for one thing less: the latency of its claim counts from then."""


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
    assert in_transaction(), "a state belongs to a transaction"
    old = TaskStatus(row.status)
    check_move(row.key, old, new)
    row.status = new.value
    row.moved_ms = to_ms(now)
    _stamp(row, new, now)
    save(row)
    if new not in OPEN:
        _end_claim(repo, row, now=now, actor=actor, why=new.value)
    if new in (TaskStatus.REVIEW, TaskStatus.DONE):
        change(_READY_AFTER, to_ms(now), row.id)
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
    change(_FREE, to_ms(now), row.id)
    change("DELETE FROM claim WHERE task_id = ?", row.id)
    if leases.end_with_claim(repo, row, now=now, actor=actor, why=why):
        held = (f"file_held {row.key}", f"critical_file {row.key}")
        change(_READY_FOR_FILES, to_ms(now), repo.id, *held)


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
