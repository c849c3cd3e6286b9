"""Rows of locks, and of the tasks and workers that they name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.clock import from_ms, from_optional_ms, to_ms
from core.domain.lock import Lock, LockOrigin
from core.domain.names import fold
from core.errors import NotFound
from core.store.schema import PathLockRow, TaskRow, WorkerRow, as_tuples

if TYPE_CHECKING:
    from datetime import datetime

    from core.domain.repo import Repo


@dataclass(frozen=True, slots=True)
class Tenure:
    """Who holds the locks of a task, and until when: a claim, or a time with fence 0.

    `expires_ms` is None for a person's claim, which does not lapse.
    """

    task_id: int
    key: str
    worker_id: int
    worker: str
    fence: int
    expires_ms: int | None


def put_lock(
    repo: Repo,
    tenure: Tenure,
    pattern: str,
    *,
    origin: LockOrigin,
    exclusive: bool,
    now: datetime,
) -> None:
    """Write one lock of a task, in place of the one on the same pattern."""
    PathLockRow.insert(
        repo=repo.id,
        task=tenure.task_id,
        worker=tenure.worker_id,
        pattern=pattern,
        exclusive=exclusive,
        origin=origin.value,
        fence=tenure.fence,
        locked_ms=to_ms(now),
        expires_ms=tenure.expires_ms,
    ).on_conflict(
        conflict_target=[PathLockRow.task, PathLockRow.pattern],
        preserve=[
            PathLockRow.worker,
            PathLockRow.exclusive,
            PathLockRow.origin,
            PathLockRow.fence,
            PathLockRow.expires_ms,
        ],
    ).execute()


def read_locks(*where: Any) -> tuple[Lock, ...]:
    """Return the locks of rows that fit, by pattern."""
    query = (
        PathLockRow.select(
            PathLockRow.pattern,
            WorkerRow.name,
            TaskRow.key,
            PathLockRow.locked_ms,
            PathLockRow.expires_ms,
            PathLockRow.exclusive,
            PathLockRow.origin,
        )
        .join(WorkerRow, on=(PathLockRow.worker == WorkerRow.id))
        .join(TaskRow, on=(PathLockRow.task == TaskRow.id))
        .where(*where)
        .order_by(PathLockRow.pattern, PathLockRow.id)
    )
    return tuple(
        Lock(
            path,
            worker,
            task,
            from_ms(locked),
            from_optional_ms(expires),
            bool(exclusive),
            LockOrigin(origin),
        )
        for path, worker, task, locked, expires, exclusive, origin in as_tuples(query)
    )


def task_row(repo: Repo, key: str) -> TaskRow:
    """Return the row of task *key*, ignoring case.

    Raises:
        NotFound: There is none.
    """
    row: TaskRow | None = TaskRow.get_or_none(
        TaskRow.repo == repo.id, TaskRow.key_folded == fold(key)
    )
    if row is None:
        raise NotFound(
            f"There is no task {key!r} in {repo.name}.", hint="`weft task list` shows the keys."
        )
    return row


def worker_row(repo: Repo, name: str) -> WorkerRow:
    """Return the row of worker *name*, ignoring case.

    Raises:
        NotFound: There is none.
    """
    row: WorkerRow | None = WorkerRow.get_or_none(
        WorkerRow.repo == repo.id, WorkerRow.name_folded == fold(name)
    )
    if row is None:
        raise NotFound(
            f"There is no worker {name!r} in {repo.name}.",
            hint=f"Add it: weft worker add {name} --type human|agent",
        )
    return row
