"""Work that comes back from review to the one who did it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.domain.task import Task, TaskStatus
from core.domain.worker import WorkerType
from core.errors import Refused
from core.locks.declared import follow_edit
from core.locks.rows import Tenure
from core.queue.claims import open_claim
from core.store.schema import ClaimRow
from core.store.transactions import transaction
from core.tasks import board
from core.tasks.moves import shift
from core.tasks.records import row_of
from core.workers import registry

if TYPE_CHECKING:
    from datetime import datetime

    from core.domain.repo import Repo


def ask_changes(repo: Repo, key: str, *, now: datetime, actor: str) -> Task:
    """Give a task in review back to its person: review → in_progress, with a new claim.

    Raises:
        Refused: Its worker is an agent, is gone, or is busy.
    """
    with transaction():
        row = row_of(repo, key)
        worker = registry.find_row(repo, row.worker_name or "")
        reasons = _reasons(row.worker_name, worker)
        if worker is None or reasons:
            raise Refused(f"{row.key} cannot go back to {row.worker_name}.", reasons=reasons)
        row.fence += 1
        row.completed_ms = None
        shift(
            repo, row, TaskStatus.IN_PROGRESS, now=now, actor=actor, data={"why": "changes asked"}
        )
        tenure = Tenure(row.id, row.key, worker.id, worker.name, row.fence, None)
        open_claim(tenure, now=now)
        follow_edit(repo, row, board.get_task(repo, key).files, now=now, actor=actor)
    return board.get_task(repo, key)


def _reasons(name: str | None, worker: object) -> tuple[str, ...]:
    if worker is None:
        return (f"{name} is no longer registered: retry the task for another worker.",)
    if getattr(worker, "type", None) == WorkerType.AGENT:
        return (f"{name} is an agent, which works in runs: retry the task for a new one.",)
    busy = ClaimRow.get_or_none(ClaimRow.worker == worker)
    return () if busy is None else (f"{name} is busy with {busy.task.key}.",)
