"""What a supervising agent does with workers: put one to work, merge what one has done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.domain.agent_act import Spawned, WorkerMerge
from core.domain.task import TaskStatus
from core.engine import assignment, merging, tasks, workers
from core.engine.runs import assign
from core.errors import NotFound, Refused, UsageError
from core.queue import outcomes
from core.tasks import board

if TYPE_CHECKING:
    from core.domain.task import Task
    from core.domain.worker import Worker
    from core.engine.context import Engine


async def spawn_worker(
    engine: Engine, task: str | None = None, *, title: str | None = None, agent: str | None = None
) -> Spawned:
    """Have an idle agent work on a task; a task that does not exist yet is added.

    Without an idle agent one is registered: of profile *agent*, else of one that can run here.

    Raises:
        NotFound: No such task, and no title to add one.
        Refused: No agent can take it, or it cannot be claimed; a task that was added is gone.
    """
    wanted, is_new = _task(engine, task, title)
    try:
        taker = _agent(engine, wanted, agent)
        await assign(engine, wanted.key, taker.name)
    except Refused:
        if is_new:
            tasks.task_remove(engine, wanted.key)
        raise
    begun = board.get_task(engine.repo, wanted.key)
    live = outcomes.list_runs(engine.repo, live_only=True, task=wanted.key)
    return Spawned(
        worker=taker.name,
        task=begun.key,
        branch=begun.branch or "",
        worktree=begun.worktree or "",
        run=live[0].id if live else None,
    )


async def merge_worker(engine: Engine, name: str, *, strategy: str = "auto") -> WorkerMerge:
    """Land what a worker has in review (`auto`), or show how it would land (`review`).

    Raises:
        Refused: It has nothing in review.
    """
    worker = workers.get(engine, name)
    keys = tuple(
        task.key
        for task in board.list_tasks(engine.repo, status=(TaskStatus.REVIEW,))
        if task.worker == worker.name
    )
    if not keys:
        raise Refused(
            f"{worker.name} has nothing in review.", hint="`weft task list --status review`"
        )
    if strategy == "review":
        return WorkerMerge(worker.name, keys, plan=await merging.merge_plan(engine, keys))
    return WorkerMerge(worker.name, keys, merged=await merging.merge_run(engine, keys))


def _task(engine: Engine, key: str | None, title: str | None) -> tuple[Task, bool]:
    if key is None and not title:
        raise UsageError("Nothing to work on.", hint="Name a task, or a title for a new one.")
    if key is not None:
        try:
            return board.get_task(engine.repo, key, rules=engine.approval()), False
        except NotFound:
            if not title:
                raise
    return tasks.task_add(engine, title or "", key=key), True


def _agent(engine: Engine, task: Task, profile: str | None) -> Worker:
    if profile is not None:
        return assignment.agent_for(engine, task, profile)
    try:
        return assignment.agent_for(engine, task, None)
    except Refused:
        able = [c for c in workers.agent_choices(engine) if not c.problem]
        mine = [w.agent for w in workers.worker_list(engine) if w.agent]
        best = next((c.name for c in able if c.name in mine), able[0].name if able else None)
        if best is None:
            raise
        return assignment.register_agent(engine, best, skills=task.skills)
