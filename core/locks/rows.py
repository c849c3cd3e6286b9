"""Rows of locks, and of the tasks and workers that they name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.clock import from_ms, from_optional_ms, to_ms
from core.domain.lock import Lock, LockOrigin
from core.domain.names import fold
from core.errors import NotFound
from core.store.plain import change, fetch_one, select
from core.store.schema import TaskRow, WorkerRow

if TYPE_CHECKING:
    from datetime import datetime

    from core.domain.repo import Repo

_PUT: Final = """\
INSERT INTO path_lock (repo_id, task_id, worker_id, pattern, exclusive, origin, fence, locked_ms,
                       expires_ms)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (task_id, pattern) DO UPDATE SET
    worker_id = excluded.worker_id, exclusive = excluded.exclusive, origin = excluded.origin,
    fence = excluded.fence, expires_ms = excluded.expires_ms
"""
_READ: Final = """\
SELECT lock.pattern, worker.name, task.key, lock.locked_ms, lock.expires_ms, lock.exclusive,
       lock.origin
FROM path_lock AS lock
JOIN worker ON worker.id = lock.worker_id JOIN task ON task.id = lock.task_id
WHERE @ ORDER BY lock.pattern, lock.id
"""


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
    change(
        _PUT,
        repo.id,
        tenure.task_id,
        tenure.worker_id,
        pattern,
        exclusive,
        origin.value,
        tenure.fence,
        to_ms(now),
        tenure.expires_ms,
    )


def read_locks(where: str, *values: object) -> tuple[Lock, ...]:
    """Return the locks for which *where* holds (of the table as `lock`), by pattern."""
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
        for path, worker, task, locked, expires, exclusive, origin in select(
            _READ.replace("@", where), *values
        )
    )


def task_row(repo: Repo, key: str) -> TaskRow:
    """Return the row of task *key*, ignoring case.

    Raises:
        NotFound: There is none.
    """
    row = fetch_one(TaskRow, "repo_id = ? AND key_folded = ?", repo.id, fold(key))
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
    row = fetch_one(WorkerRow, "repo_id = ? AND name_folded = ?", repo.id, fold(name))
    if row is None:
        raise NotFound(
            f"There is no worker {name!r} in {repo.name}.",
            hint=f"Add it: weft worker add {name} --type human|agent",
        )
    return row
