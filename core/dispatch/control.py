"""What a person asks of a live run: written down, and taken by its runner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import to_ms
from core.dispatch.live import run_record, runner_of
from core.domain.run import LIVE, ControlVerb, Run, RunStatus
from core.errors import Refused
from core.events import log
from core.processes.identity import is_alive
from core.queue import outcomes
from core.store.schema import ControlRow
from core.store.transactions import transaction

if TYPE_CHECKING:
    from datetime import datetime

    from core.domain.repo import Repo


def ask(
    repo: Repo, run_id: str, verb: ControlVerb, *, now: datetime, actor: str, text: str = ""
) -> Run:
    """Write down a wish for a live run; its runner obeys within a fraction of a second.

    `core.dispatch.live.settled` waits for the effect. *text* is what is to be said to the agent.

    Raises:
        NotFound: There is no such run.
        Refused: It has ended, is so already, or its runner is dead (then `recover` ends it).
    """
    with transaction():
        row = outcomes.run_row(run_id)
        status = RunStatus(row.status)
        _refuse(run_record(run_id), status, verb)
        require_runner(run_id)
        ControlRow.create(run=run_id, verb=verb.value, text=text, actor=actor, asked_ms=to_ms(now))
        log.record(
            "run.asked",
            now,
            actor=actor,
            repo=str(repo.path),
            task=row.task.key,
            worker=row.worker_name,
            run=run_id,
            verb=verb.value,
        )
    return run_record(run_id)


def require_runner(run_id: str) -> None:
    """Refuse when nobody is there any more who would hear what is said to a run.

    Raises:
        NotFound: There is no such run.
        RunnerGone: Its runner is dead; `recover` ends the run.
    """
    runner = runner_of(outcomes.run_row(run_id))
    if runner is not None and not is_alive(runner):
        raise RunnerGone(f"The runner of {run_id} is gone.", hint="Put it right: weft doctor --fix")


class RunnerGone(Refused):
    """The process that would obey is dead."""

    code = "runner_gone"


def _refuse(run: Run, status: RunStatus, verb: ControlVerb) -> None:
    if status not in LIVE:
        raise Refused(
            f"{run.task} has no live run: {run.id} is {status.value}.",
            hint=f"Start a new one: weft run {run.task}",
        )
    if verb is ControlVerb.PAUSE and status is RunStatus.PAUSED:
        raise Refused(f"Run {run.id} of {run.task} is paused already.")
    if verb is ControlVerb.RESUME and status is not RunStatus.PAUSED:
        raise Refused(f"Run {run.id} of {run.task} is not paused: it is {status.value}.")
