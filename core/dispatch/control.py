"""Ask something of a live run: a row that its runner takes, and the event of the asking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import to_ms
from core.domain.run import LIVE, ControlVerb, Run, RunStatus
from core.errors import Refused
from core.events import log
from core.queue import outcomes
from core.store.schema import ControlRow
from core.store.transactions import transaction

if TYPE_CHECKING:
    from datetime import datetime

    from core.domain.repo import Repo


def ask(
    repo: Repo, run_id: str, verb: ControlVerb, *, text: str = "", now: datetime, actor: str
) -> Run:
    """Ask *verb* of a run; its runner takes the wish within some 100 ms.

    Raises:
        NotFound: Unknown run.
        Refused: The run has ended, or already is as asked.
    """
    with transaction():
        run = outcomes.run_row(run_id)
        status = RunStatus(run.status)
        if status not in LIVE:
            raise Refused(f"The run of {run.task.key} has ended: it is {status.value}.")
        if verb is ControlVerb.PAUSE and status is RunStatus.PAUSED:
            raise Refused(f"The run of {run.task.key} is paused already.")
        if verb is ControlVerb.RESUME and status is not RunStatus.PAUSED:
            raise Refused(f"The run of {run.task.key} is {status.value}, not paused.")
        ControlRow.create(run=run_id, verb=verb.value, text=text, actor=actor, asked_ms=to_ms(now))
        log.record(
            f"run.{verb.value}_asked",
            now,
            actor=actor,
            repo=str(repo.path),
            task=run.task.key,
            worker=run.worker_name,
            run=run_id,
        )
    return outcomes.get_run(run_id)
