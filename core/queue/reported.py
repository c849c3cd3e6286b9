"""What a worker reports itself, and what it tried on work that is not its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.domain.run import RunStatus
from core.domain.task import OPEN, TaskStatus
from core.errors import Refused
from core.events import log
from core.queue import outcomes
from core.store.transactions import transaction
from core.tasks.moves import shift
from core.tasks.records import row_of

if TYPE_CHECKING:
    from datetime import datetime

    from core.domain.repo import Repo


FOREIGN: Final = "worker.refused"


def note_foreign(repo: Repo, worker: str, sentence: str, *, now: datetime) -> None:
    """Write down that *worker* tried to act on what is not its own; the same again, only once."""
    with transaction():
        for last in log.read(repo=str(repo.path), worker=worker, limit=1, newest=True):
            if (last.kind, last.data.get("sentence")) == (FOREIGN, sentence):
                return
        log.record(
            FOREIGN, now, actor=worker, repo=str(repo.path), worker=worker, sentence=sentence
        )


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
        status = TaskStatus(row.status)
        if status not in OPEN:
            raise Refused(f"{row.key} is {status.words}: nobody works on it.")
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
