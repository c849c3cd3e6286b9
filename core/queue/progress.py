"""What a live run's own runner records of it: at work, paused, waiting; each with its event.

Apart from `outcomes`, and without the row classes: there is a runner for each agent, and all that
it loads weighs as often (docs/decisions).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.clock import to_ms
from core.domain.run import LIVE, RunStatus, check_run_move
from core.errors import NotFound
from core.events import log
from core.store.plain import change, select
from core.store.transactions import transaction
from core.tasks.starting import start

if TYPE_CHECKING:
    from datetime import datetime

    from core.domain.repo import Repo

_RUN: Final = """\
SELECT run.status, run.worker_name, task.id, task.key
FROM run JOIN task ON task.id = run.task_id WHERE run.id = ?
"""
_WORKING: Final = """\
UPDATE run SET status = ?, pid = ?, pid_started_ms = ?, heartbeat_ms = ? WHERE id = ?
"""
_MOVED: Final = "UPDATE run SET status = ? WHERE id = ?"
_STOPPING: Final = "UPDATE run SET reason = ?, tool = '', retry_ms = NULL WHERE id = ?"


@dataclass(frozen=True, slots=True)
class _Run:
    id: str
    status: RunStatus
    worker: str
    task_id: int
    task: str


def run_working(
    repo: Repo, run_id: str, *, pid: int, pid_started_ms: int, base_sha: str = "", now: datetime
) -> None:
    """Record that the agent's process runs: run → working, task → in_progress.

    *base_sha* is where the base was right before (`core.queue.moved_base`).

    Raises:
        NotFound: There is no such run.
        IllegalTransition: Somebody has ended it.
    """
    with transaction():
        run = _run(run_id)
        check_run_move(run.id, run.status, RunStatus.WORKING)
        change(_WORKING, RunStatus.WORKING.value, pid, pid_started_ms, to_ms(now), run.id)
        _record(repo, run, "run.started", now, actor=run.worker, pid=pid, base_sha=base_sha)
        start(repo, run.task_id, key=run.task, worker=run.worker, run=run.id, now=now)


def run_moved(repo: Repo, run_id: str, new: RunStatus, *, now: datetime, actor: str) -> bool:
    """Record working ↔ paused ↔ waiting; False when it already was so or has ended.

    Raises:
        NotFound: There is no such run.
    """
    with transaction():
        run = _run(run_id)
        if run.status is new or run.status not in LIVE:
            return False
        check_run_move(run.id, run.status, new)
        change(_MOVED, new.value, run.id)
        _record(repo, run, f"run.{new.value}", now, actor=actor, **{"from": run.status.value})
    return True


def run_stopping(repo: Repo, run_id: str, why: str, *, now: datetime) -> None:
    """Record that a live run is being stopped; until it has ended its reason says so.

    Its status stays: for as long as its agent takes to end, it is there and can do things.

    Raises:
        NotFound: There is no such run.
    """
    with transaction():
        run = _run(run_id)
        if run.status in LIVE:
            change(_STOPPING, f"Being stopped. {why}", run.id)
            _record(repo, run, "run.stopping", now, actor="weft", why=why)


def _run(run_id: str) -> _Run:
    found = select(_RUN, run_id)
    if not found:
        raise NotFound(f"There is no run {run_id!r}.", hint="`weft status` shows the runs.")
    status, worker, task_id, task = found[0]
    return _Run(run_id, RunStatus(status), worker, task_id, task)


def _record(repo: Repo, run: _Run, kind: str, now: datetime, *, actor: str, **data: object) -> None:
    log.record(
        kind,
        now,
        actor=actor,
        repo=str(repo.path),
        task=run.task,
        worker=run.worker,
        run=run.id,
        **data,
    )
