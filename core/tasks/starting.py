"""A claimed task is begun. Apart from `moves`: each runner does this and no other move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.clock import to_ms
from core.events import log
from core.store.plain import change

if TYPE_CHECKING:
    from datetime import datetime

    from core.domain.repo import Repo

STARTED: Final = "task.started"
_START: Final = """\
UPDATE task
SET status = 'in_progress', moved_ms = ?, started_ms = coalesce(started_ms, ?), completed_ms = NULL
WHERE id = ? AND status = 'claimed'
"""


def start(repo: Repo, task_id: int, *, key: str, worker: str, run: str, now: datetime) -> None:
    """Move a task from claimed to in_progress, with its event; only inside a transaction.

    One that is not claimed stays as it is: a later run of the same claim finds it in progress.
    """
    if change(_START, to_ms(now), to_ms(now), task_id):
        log.record(
            STARTED,
            now,
            actor=worker,
            repo=str(repo.path),
            task=key,
            worker=worker,
            run=run,
            **{"from": "claimed", "to": "in_progress"},  # as `core.domain.task` has them
        )
