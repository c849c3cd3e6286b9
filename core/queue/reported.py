"""A failure that a worker reports itself: its run, if it has one, and its task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.domain.run import RunStatus
from core.domain.task import OPEN, TaskStatus
from core.errors import Refused
from core.queue import outcomes
from core.store.transactions import transaction
from core.tasks.moves import shift
from core.tasks.records import row_of

if TYPE_CHECKING:
    from datetime import datetime

    from core.domain.repo import Repo


def report_failure(
    repo: Repo, key: str, *, why: str, max_attempts: int, now: datetime, actor: str
) -> None:
    """Put a task back into the backlog as a failed attempt, with *why* as its last error.

    A live run fails with it: its runner finds that the claim is gone, ends the agent and keeps
    what it left.

    Raises:
        Refused: Nobody works on it.
    """
    with transaction():
        row = row_of(repo, key)
        if TaskStatus(row.status) not in OPEN:
            raise Refused(f"{row.key} is {row.status}: nobody works on it.")
        live = outcomes.live_run(row)
        if live is not None:
            outcomes.run_ended(
                repo,
                live.id,
                RunStatus.FAILED,
                reason=why,
                max_attempts=max_attempts,
                now=now,
                actor=actor,
            )
            return
        row.last_error = why
        row.attempts += 1
        row.escalated = row.attempts >= max_attempts
        data = {"why": why, "attempts": row.attempts, "escalated": row.escalated}
        shift(repo, row, TaskStatus.BACKLOG, now=now, actor=actor, data=data)
