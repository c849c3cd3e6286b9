"""The runner's side of the database: what it takes, once or again and again."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.clock import to_ms
from core.domain.repo import Repo, WorktreeLayout
from core.domain.run import ControlVerb, RunStatus
from core.errors import Refused
from core.events import log
from core.queue import outcomes
from core.queue.renewal import note_life
from core.runner.order import RunOrder
from core.store.schema import ControlRow, RunRow
from core.store.transactions import transaction

if TYPE_CHECKING:
    from datetime import datetime

    from core.processes.identity import ProcessIdentity

_NO_TOKEN: Final = ""


@dataclass(frozen=True, slots=True)
class Assignment:
    """The run that a runner has taken."""

    run: str
    repo: Repo
    task: str
    worker: str
    worktree: Path
    branch: str
    base_sha: str
    fence: int
    order: RunOrder


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked of the run."""

    verb: ControlVerb
    text: str
    actor: str


def take_run(run_id: str, token: str, me: ProcessIdentity, now: datetime) -> Assignment:
    """Become the one runner of a run that is starting; the token works once.

    Raises:
        NotFound: There is no such run.
        Refused: It has a runner, has ended, or the token is not its own.
    """
    with transaction():
        row = outcomes.run_row(run_id)
        if row.status != RunStatus.STARTING.value or not row.token or row.token != token:
            raise Refused(
                f"Run {run_id} does not wait for a runner: it is {row.status}"
                + (f" and has runner {row.runner_pid}." if row.runner_pid else ".")
            )
        row.token = _NO_TOKEN
        row.runner_pid, row.runner_started_ms = me.pid, me.started_ms
        row.heartbeat_ms = to_ms(now)
        row.save()
        repo = _repo(row)
        note_life(repo.id, row.worker_name, now=now)
        log.record(
            "run.taken",
            now,
            actor="weft",
            repo=str(repo.path),
            task=row.task.key,
            worker=row.worker_name,
            run=run_id,
            runner_pid=me.pid,
        )
        return Assignment(
            run=run_id,
            repo=repo,
            task=row.task.key,
            worker=row.worker_name,
            worktree=Path(row.worktree),
            branch=row.branch,
            base_sha=row.base_sha,
            fence=row.fence,
            order=RunOrder.parse(row.profile),
        )


def take_wishes(run_id: str, now: datetime) -> tuple[Wish, ...]:
    """Return what was asked of the run since the last time, oldest first, and note the taking."""
    waiting = ControlRow.select().where(ControlRow.run == run_id, ControlRow.taken_ms.is_null())
    if not waiting.exists():
        return ()
    with transaction():
        rows = list(waiting.order_by(ControlRow.id))
        ids = [row.id for row in rows]
        ControlRow.update(taken_ms=to_ms(now)).where(ControlRow.id.in_(ids)).execute()
    return tuple(Wish(ControlVerb(row.verb), row.text, row.actor) for row in rows)


def note_told(mine: Assignment, how: str, *, text: str, now: datetime, actor: str) -> None:
    """Record that a person's words reached the agent, or how they will."""
    with transaction():
        _record(mine, "run.told", now, actor=actor, how=how, text=text)


def note_agent(mine: Assignment, agent: ProcessIdentity) -> None:
    """Keep who the agent's process is now: a further turn may be another one."""
    with transaction():
        RunRow.update(pid=agent.pid, pid_started_ms=agent.started_ms).where(
            RunRow.id == mine.run
        ).execute()


def _record(mine: Assignment, kind: str, now: datetime, *, actor: str, **data: object) -> None:
    log.record(
        kind,
        now,
        actor=actor,
        repo=str(mine.repo.path),
        task=mine.task,
        worker=mine.worker,
        run=mine.run,
        **data,
    )


def _repo(row: RunRow) -> Repo:
    found = row.repo
    order = RunOrder.parse(row.profile)
    return Repo(
        id=found.id,
        name=found.name,
        path=Path(found.path),
        git_dir=Path(found.git_dir),
        base=order.base or found.base,
        layout=WorktreeLayout(found.layout),
    )


def token_from_environment(variable: str) -> str:
    """Return the launch token and forget it, so that no child of the runner sees it."""
    return os.environ.pop(variable, _NO_TOKEN)
