"""What the routes of the contract do, each over the operations of the table.

They run on the engine's thread. Names of arguments are the routes' own, in snake case.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.dispatch.live import settled
from core.domain.run import ENDED
from core.engine import agent_acts, conflicts, figures, merging, runs, supervising, tasks, workers
from core.errors import Refused
from core.queue import outcomes
from core.queue.reported import report_failure
from core.tasks import board

if TYPE_CHECKING:
    from core.domain.agent_act import WorkerMerge
    from core.domain.conflict import ConflictMatrix
    from core.domain.figures import Health
    from core.domain.plan import MergePlan
    from core.domain.run import Run
    from core.domain.task import Task
    from core.domain.worker import Worker
    from core.engine.context import Engine

_END_S: Final = 20.0
"""How long a run may take to end before its worker's removal is refused."""
_LONGEST: Final = 2000


@dataclass(frozen=True, slots=True)
class SpawnedWorker:
    """An agent that was put to work, in the words of its route."""

    workerId: str  # noqa: N815  the contract's spelling
    worktreePath: str  # noqa: N815
    branchName: str  # noqa: N815
    taskId: str  # noqa: N815
    runId: str | None  # noqa: N815


@dataclass(frozen=True, slots=True)
class ClaimedTask:
    """The task that was claimed, or None with the reasons why nothing fits now."""

    task: Task | None
    reasons: tuple[str, ...] = ()


async def spawn(
    engine: Engine, *, task_id: str | None = None, task_title: str | None = None, agent: str = ""
) -> SpawnedWorker:
    """Have an idle agent work on a task."""
    told = await supervising.spawn_worker(engine, task_id, title=task_title, agent=agent or None)
    return SpawnedWorker(told.worker, told.worktree, told.branch, told.task, told.run)


def list_workers(engine: Engine) -> tuple[Worker, ...]:
    """Return the workers."""
    return workers.worker_list(engine)


async def report(
    engine: Engine,
    name: str,
    *,
    status: str = "working",
    heartbeat: bool = False,
    message: str = "",
) -> Worker:
    """Take a worker's report: it is alive, done, or has failed."""
    del heartbeat  # every report is one
    worker = workers.get(engine, name)
    match status:
        case "done":
            await agent_acts.complete_work(engine, message, worker=worker.name)
        case "error":
            await _failed(engine, worker, message or "The worker reported an error.")
        case _:
            agent_acts.heartbeat(engine, message, worker=worker.name)
    return workers.get(engine, name)


async def remove(engine: Engine, name: str, *, force: bool = False) -> Worker:
    """Remove a worker; with *force* its run is aborted and its task goes back first.

    Raises:
        Refused: It owns a task, or its run does not end.
    """
    worker = workers.get(engine, name)
    if force and worker.task is not None:
        live = _live_run(engine, worker)
        if live is not None:
            await runs.abort(engine, worker=worker.name)
            ended = await settled(live.id, ENDED, limit_s=_END_S)
            if ended.status not in ENDED:
                raise Refused(f"{worker.name} cannot be removed: {live.id} does not end.")
        elif outcomes.owner_of(engine.repo, worker.task) == worker.name:
            tasks.release(engine, worker.task)
    return workers.worker_remove(engine, worker.name)


async def merge(engine: Engine, name: str, *, strategy: str = "auto") -> WorkerMerge:
    """Land what a worker has in review, or show how it would land."""
    return await supervising.merge_worker(engine, name, strategy=strategy)


async def claim(engine: Engine, *, worker_id: str, task_id: str | None = None) -> ClaimedTask:
    """Claim the best task for a worker, or the named one; None when nothing fits it now."""
    try:
        made = await agent_acts.claim_task(engine, task_id, worker=worker_id)
    except Refused as refused:
        if task_id is not None:
            raise
        return ClaimedTask(None, refused.reasons or (refused.message,))
    return ClaimedTask(board.get_task(engine.repo, made.task, rules=engine.approval()))


def list_tasks(
    engine: Engine, *, status: tuple[str, ...] = (), worker: str = "", available: bool = False
) -> tuple[Task, ...]:
    """Return tasks in the order of the board."""
    return tasks.task_list(engine, status=status, worker=worker or None, available=available)


def add_task(
    engine: Engine,
    *,
    title: str,
    description: str = "",
    priority: str = "medium",
    skills: tuple[str, ...] = (),
    files: tuple[str, ...] = (),
    depends_on: tuple[str, ...] = (),
    estimate_minutes: int | None = None,
    issue_number: int | None = None,
    key: str | None = None,
) -> Task:
    """Add a task, its fields named as in the answer."""
    return tasks.task_add(
        engine,
        title,
        description=description,
        priority=priority,
        skill=skills,
        file=files,
        depends=depends_on,
        estimate=estimate_minutes,
        issue=issue_number,
        key=key,
    )


async def matrix(
    engine: Engine, *, task: tuple[str, ...] = (), fresh: bool = False
) -> ConflictMatrix:
    """Return who collides with whom."""
    return await conflicts.conflicts(engine, task=task, fresh=fresh)


async def plan(
    engine: Engine, *, task: tuple[str, ...] = (), strategy: str | None = None
) -> MergePlan:
    """Return the recommended order of merges, dry-run."""
    return await merging.merge_plan(engine, task, strategy=strategy)


def health(engine: Engine) -> Health:
    """Return how the work goes."""
    return figures.health(engine)


def note_refused_tokens(engine: Engine, failures: int) -> None:
    """Write down that somebody keeps trying tokens: one event for many tries."""
    from core.events import log
    from core.store.transactions import transaction

    repo = str(engine.repo.path) if engine.has_repo else None
    with transaction():
        log.record("api.refused", engine.now(), actor="weft", repo=repo, failures=failures)


async def _failed(engine: Engine, worker: Worker, why: str) -> None:
    """Put the worker's task back as a failed attempt; its live run is stopped."""
    if worker.task is None:
        raise Refused(f"{worker.name} owns no task that could have failed.")
    if _live_run(engine, worker) is not None:
        await runs.abort(engine, worker=worker.name)
    report_failure(
        engine.repo,
        worker.task,
        why=why[:_LONGEST],
        max_attempts=engine.settings().whole("max_attempts"),
        now=engine.now(),
        actor=worker.name,
    )


def _live_run(engine: Engine, worker: Worker) -> Run | None:
    live = outcomes.list_runs(engine.repo, live_only=True)
    return next((run for run in live if run.worker == worker.name), None)
