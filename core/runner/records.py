"""The runner's side of the database: what it takes, once or again and again."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from core.clock import to_ms
from core.domain.repo import Repo, WorktreeLayout
from core.domain.run import ControlVerb, RunStatus
from core.errors import NotFound, Refused
from core.events import log
from core.queue.renewal import note_life
from core.runner.order import RunOrder
from core.store.plain import change, select
from core.store.transactions import transaction

if TYPE_CHECKING:
    from datetime import datetime

    from core.processes.identity import ProcessIdentity

_NO_TOKEN: Final = ""
_RUN: Final = """\
SELECT run.status, run.token, run.runner_pid,
       task.key, run.worker_name, run.worktree, run.branch, run.base_sha, run.fence, run.profile,
       repo.id, repo.name, repo.path, repo.git_dir, repo.base, repo.layout
FROM run JOIN task ON task.id = run.task_id JOIN repo ON repo.id = run.repo_id WHERE run.id = ?
"""
_TAKE: Final = """\
UPDATE run SET token = ?, runner_pid = ?, runner_started_ms = ?, heartbeat_ms = ? WHERE id = ?
"""
_AGENT: Final = "UPDATE run SET pid = ?, pid_started_ms = ? WHERE id = ?"
_WISHES: Final = """\
SELECT id, verb, text, actor FROM control WHERE run_id = ? AND taken_ms IS NULL
"""


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
        found = select(_RUN, run_id)
        if not found:
            raise NotFound(f"There is no run {run_id!r}.", hint="`weft status` shows the runs.")
        status, wanted, runner, *facts = found[0]
        if status != RunStatus.STARTING.value or not wanted or wanted != token:
            raise Refused(
                f"Run {run_id} does not wait for a runner: it is {status}"
                + (f" and has runner {runner}." if runner else ".")
            )
        change(_TAKE, _NO_TOKEN, me.pid, me.started_ms, to_ms(now), run_id)
        mine = _assignment(run_id, *facts)
        note_life(mine.repo.id, mine.worker, now=now)
        _record(mine, "run.taken", now, actor="weft", runner_pid=me.pid)
    return mine


def _assignment(
    run_id: str,
    key: str,
    worker: str,
    worktree: str,
    branch: str,
    base_sha: str,
    fence: int,
    profile: str,
    *repo: Any,
) -> Assignment:
    order = RunOrder.parse(profile)
    number, name, path, git_dir, base, layout = repo
    return Assignment(
        run=run_id,
        repo=Repo(
            id=number,
            name=name,
            path=Path(path),
            git_dir=Path(git_dir),
            base=order.base or base,
            layout=WorktreeLayout(layout),
        ),
        task=key,
        worker=worker,
        worktree=Path(worktree),
        branch=branch,
        base_sha=base_sha,
        fence=fence,
        order=order,
    )


def take_wishes(run_id: str, now: datetime) -> tuple[Wish, ...]:
    """Return what was asked of the run since the last time, oldest first, and note the taking."""
    if not select(f"{_WISHES} LIMIT 1", run_id):
        return ()
    with transaction():
        rows = select(f"{_WISHES} ORDER BY id", run_id)
        for number, *_ in rows:
            change("UPDATE control SET taken_ms = ? WHERE id = ?", to_ms(now), number)
    return tuple(Wish(ControlVerb(verb), text, actor) for _, verb, text, actor in rows)


def note_told(mine: Assignment, how: str, *, text: str, now: datetime, actor: str) -> None:
    """Record that a person's words reached the agent, or how they will."""
    with transaction():
        _record(mine, "run.told", now, actor=actor, how=how, text=text)


def note_agent(mine: Assignment, agent: ProcessIdentity) -> None:
    """Keep who the agent's process is now: a further turn may be another one."""
    with transaction():
        change(_AGENT, agent.pid, agent.started_ms, mine.run)


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


def token_from_environment(variable: str) -> str:
    """Return the launch token and forget it, so that no child of the runner sees it."""
    return os.environ.pop(variable, _NO_TOKEN)
