"""What a worker may do for itself: the acts behind the tools of agents.

Every act names who acts: `worker`; `task` pins it to one task, as a run's environment does; `run`
is its run, None outside of one. The act is refused when the worker does not own the task, whoever
calls: a door or a client that forgets to check changes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.domain.agent_act import Asked, Completed, MyTask, Standing, WorkerState
from core.domain.claim import Claim
from core.domain.names import fold
from core.domain.run import LIVE, RunStatus
from core.domain.task import TaskStatus
from core.engine import locking, tasks, workers
from core.engine.claiming import claim_and_provision
from core.engine.conflicts import conflicts
from core.engine.context import Engine
from core.errors import Refused, UsageError
from core.events import log
from core.queue import claims, outcomes
from core.queue.reported import note_foreign
from core.store.schema import ClaimRow
from core.store.transactions import transaction
from core.tasks import board
from core.tasks.records import row_of

if TYPE_CHECKING:
    from core.domain.conflict import ConflictMatrix
    from core.domain.lock import Lock
    from core.domain.task import Task
    from core.domain.worker import Worker


class NotYours(Refused):
    """An act on a task that the acting worker does not own."""

    code = "not_yours"


async def claim_task(
    engine: Engine,
    key: str | None = None,
    *,
    worker: str | None = None,
    task: str | None = None,
    run: str | None = None,
) -> Claim:
    """Claim *key*, or the best task that fits; a worker that owns a task is told its claim.

    Raises:
        NotYours: A pinned worker asks for another task than its own.
        Refused: Every reason why it cannot be claimed is in `reasons`.
    """
    del run
    me = _who(engine, worker)
    if task is not None and key is not None and fold(key) != fold(task):
        raise _foreign(engine, me, f"{me.name} works on {task} alone and cannot claim {key}.")
    wanted = key or task
    if me.task is not None and (wanted is None or fold(wanted) == fold(me.task)):
        return _claim_of(engine, _own(engine, me, task))
    return await claim_and_provision(_as(engine, me), wanted, me.name)


def my_task(
    engine: Engine, *, worker: str | None = None, task: str | None = None, run: str | None = None
) -> MyTask:
    """Return the task that the worker owns, with its claim and locks."""
    me = _who(engine, worker)
    if me.task is None:
        return MyTask(me.name, None, None, run=run)
    mine = _own(engine, me, task)
    held = tuple(lock for lock in locking.locks(engine) if lock.task == mine.key)
    return MyTask(me.name, mine, _claim_of(engine, mine), held, run)


def heartbeat(
    engine: Engine,
    message: str = "",
    *,
    worker: str | None = None,
    task: str | None = None,
    run: str | None = None,
) -> WorkerState:
    """Note a sign of life and what the worker says; tells it whether to go on."""
    me = _who(engine, worker)
    if message:
        _say(engine, me, message, run)
    claims.extend(engine.repo, me.name, now=engine.now(), lease=engine.lease())
    return worker_status(engine, worker=me.name, task=task, run=run)


def worker_status(
    engine: Engine, *, worker: str | None = None, task: str | None = None, run: str | None = None
) -> WorkerState:
    """Return whether the worker should go on, is paused, or has lost its task."""
    me = _who(engine, worker)
    lost = _why_lost(engine, me, task, run)
    if lost:
        return WorkerState(me.name, me.task, Standing.ABORTED, lost)
    if me.paused or me.status.value == RunStatus.PAUSED.value:
        return WorkerState(me.name, me.task, Standing.PAUSED, f"{me.name} is paused.")
    return WorkerState(me.name, me.task, Standing.WORKING)


def reserve_files(
    engine: Engine,
    paths: tuple[str, ...],
    *,
    worker: str | None = None,
    task: str | None = None,
    run: str | None = None,
    shared: bool = False,
) -> tuple[Lock, ...]:
    """Lock files or globs for the worker's task, all of them or none.

    Raises:
        Refused: Somebody holds one; each reason says who, for which task and until when.
    """
    del run
    me = _who(engine, worker)
    mine = _own(engine, me, task)
    return locking.lock(_as(engine, me), tuple(paths), worker=me.name, task=mine.key, shared=shared)


def release_files(
    engine: Engine,
    paths: tuple[str, ...],
    *,
    worker: str | None = None,
    task: str | None = None,
    run: str | None = None,
) -> tuple[Lock, ...]:
    """Give files or globs free that the worker's task holds; returns what was held."""
    del run
    me = _who(engine, worker)
    mine = _own(engine, me, task)
    return locking.unlock(_as(engine, me), tuple(paths), worker=me.name, task=mine.key)


async def check_conflicts(
    engine: Engine, *, worker: str | None = None, task: str | None = None, run: str | None = None
) -> ConflictMatrix:
    """Return what the worker's own branch collides with, uncommitted work included."""
    del run
    mine = _own(engine, _who(engine, worker), task)
    whole = await conflicts(engine)
    pairs = tuple(pair for pair in whole.pairs if mine.key in (pair.a, pair.b))
    met = {mine.key, *(pair.a for pair in pairs), *(pair.b for pair in pairs)}
    return replace(
        whole,
        branches=tuple(branch for branch in whole.branches if branch.task in met),
        against_base=tuple(one for one in whole.against_base if one.task == mine.key),
        pairs=pairs,
        hot_files=tuple(hot for hot in whole.hot_files if mine.key in hot.tasks),
    )


async def ask_person(
    engine: Engine,
    question: str,
    *,
    option: tuple[str, ...] = (),
    wait: int | None = None,
    worker: str | None = None,
    task: str | None = None,
    run: str | None = None,
) -> Asked:
    """Ask a person; only a run can, since an answer needs somebody who waits for it.

    Raises:
        Refused: Outside a run; within one its runner asks.
    """
    del question, option, wait, task, run
    me = _who(engine, worker)
    raise Refused(
        f"{me.name} has no run that could wait for an answer.",
        hint="Ask whoever started you, or have the task run by Weft: weft run KEY",
    )


async def complete_work(
    engine: Engine,
    message: str = "",
    *,
    worker: str | None = None,
    task: str | None = None,
    run: str | None = None,
) -> Completed:
    """Say that the work is done: the task moves to review.

    Raises:
        Refused: A run is at work on it; it ends by itself.
    """
    me = _who(engine, worker)
    mine = _own(engine, me, task)
    done = tasks.finish(_as(engine, me), mine.key)
    if message:
        _say(engine, me, message, run, about=mine.key)
    return Completed(done.key, me.name, done.status.value, message)


def _who(engine: Engine, worker: str | None) -> Worker:
    if not worker:
        raise UsageError("Nobody was named who acts.", hint="Name the worker: --worker NAME")
    return workers.get(engine, worker)


def _as(engine: Engine, me: Worker) -> Engine:
    """Return the same engine with the worker as the one who acts, for the audit trail."""
    return Engine(engine.repo, clock=engine.clock, actor=me.name)


def _own(engine: Engine, me: Worker, pinned: str | None) -> Task:
    if me.task is None or (pinned is not None and fold(pinned) != fold(me.task)):
        if pinned is None:
            raise NotYours(f"{me.name} owns no task.", hint="Claim one first.")
        held = f"it owns {me.task}" if me.task else "it owns no task"
        raise _foreign(engine, me, f"{pinned} is not {me.name}'s: {held}.")
    return board.get_task(engine.repo, me.task, rules=engine.approval())


def _foreign(engine: Engine, me: Worker, said: str) -> NotYours:
    """Return the refusal of an act on what is not the worker's, which is then on record."""
    note_foreign(engine.repo, me.name, said, now=engine.now())
    return NotYours(said)


def _why_lost(engine: Engine, me: Worker, task: str | None, run: str | None) -> str:
    """Return why the worker's work is not wanted any more, or nothing."""
    if run is not None:
        found = outcomes.get_run(run)
        if found.status not in LIVE:
            return found.reason or f"Run {run} is {found.status.value}."
    if task is None or (me.task is not None and fold(me.task) == fold(task)):
        return ""
    row = row_of(engine.repo, task)
    if row.worker_name is None or row.worker_name == me.name:
        return f"{row.key} is {TaskStatus(row.status).words} and not {me.name}'s any more."
    return f"{row.key} is {TaskStatus(row.status).words} and belongs to {row.worker_name}."


def _claim_of(engine: Engine, mine: Task) -> Claim:
    held = ClaimRow.get(ClaimRow.task == row_of(engine.repo, mine.key).id)
    return Claim(
        task=mine.key,
        worker=mine.worker or "",
        branch=mine.branch or "",
        worktree=mine.worktree or "",
        base=engine.repo.base,
        base_sha=mine.base_sha or "",
        fence=held.fence,
    )


def _say(
    engine: Engine, me: Worker, message: str, run: str | None, *, about: str | None = None
) -> None:
    with transaction():
        log.record(
            "worker.said",
            engine.now(),
            actor=me.name,
            repo=str(engine.repo.path),
            task=about or me.task,
            worker=me.name,
            run=run,
            message=message[:2000],
        )
