"""Who collides with whom, as the board's tasks stand now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.conflicts.matrix import conflict_matrix
from core.conflicts.sides import file_sides
from core.domain.conflict import ConflictMatrix, Contender, FileSides, LandingMode
from core.domain.plan import Strategy
from core.domain.task import OPEN, Task, TaskStatus
from core.domain.worker import WorkerType
from core.engine import workers
from core.errors import Refused
from core.queue import outcomes
from core.tasks import board

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.engine.context import Engine

    Progress = Callable[[str, int, int], None]


async def conflicts(
    engine: Engine,
    *,
    task: tuple[str, ...] = (),
    fresh: bool = False,
    progress: Progress | None = None,
) -> ConflictMatrix:
    """Return the matrix over every task that has a branch under way or in review.

    Args:
        engine: The engine.
        task: Only these keys.
        fresh: Use no cache.
        progress: Called with the stage (`snapshots`, `base`, `pairs`), how many are done, of
            how many; on the engine's thread.

    Raises:
        NotFound: An unknown key.
        Refused: A named task has no branch.
    """
    chosen = contenders(engine, task)
    return await conflict_matrix(
        engine.merge_repo(), chosen, mode=landing_mode(engine), fresh=fresh, progress=progress
    )


async def conflict_sides(engine: Engine, a: str, b: str | None, path: str) -> FileSides:
    """Return both versions of a conflicted file; *b* None compares with the base."""
    keys = (a,) if b is None else (a, b)
    repo = engine.merge_repo()
    matrix = await conflict_matrix(repo, contenders(engine, keys), mode=landing_mode(engine))
    states = {branch.task: branch for branch in matrix.branches}
    other = None if b is None else states[board.get_task(engine.repo, b).key]
    first = states[board.get_task(engine.repo, a).key]
    return await file_sides(repo, first, other, path, mode=matrix.mode)


def landing_mode(engine: Engine, strategy: Strategy | None = None) -> LandingMode:
    """Return how branches will land: a rebase lands like a squash, without shared history."""
    chosen = strategy or Strategy(engine.settings().text("strategy"))
    return LandingMode.MERGE if chosen is Strategy.MERGE else LandingMode.SQUASH


def contenders(engine: Engine, keys: Sequence[str] = ()) -> tuple[Contender, ...]:
    """Return the branches of the named tasks, or of all that are under way or in review."""
    if keys:
        chosen = tuple(board.get_task(engine.repo, key) for key in dict.fromkeys(keys))
        without = tuple(
            f"{task.key} is {task.status.words} and has no branch yet."
            for task in chosen
            if not task.branch or task.status in (TaskStatus.BACKLOG, TaskStatus.DONE)
        )
        if without:
            raise Refused(
                "Only tasks with work that has not landed can be looked at.", reasons=without
            )
    else:
        chosen = board.list_tasks(engine.repo, status=(*sorted(OPEN), TaskStatus.REVIEW))
    kinds = {worker.name: worker.type for worker in workers.worker_list(engine)}
    running = {run.task for run in outcomes.list_runs(engine.repo, live_only=True)}
    return tuple(
        _contender(task, kinds.get(task.worker or ""), running=task.key in running)
        for task in chosen
        if task.branch
    )


def _contender(task: Task, kind: WorkerType | None, *, running: bool) -> Contender:
    worktree = Path(task.worktree) if task.worktree else None
    return Contender(
        task=task.key,
        title=task.title,
        worker=task.worker,
        branch=task.branch or "",
        worktree=worktree if worktree is not None and worktree.is_dir() else None,
        depends_on=task.depends_on,
        arrived_at=task.completed_at or task.claimed_at,
        rank=task.priority.rank,
        human=kind is WorkerType.HUMAN,
        running=running,
        in_review=task.status is TaskStatus.REVIEW,
    )
