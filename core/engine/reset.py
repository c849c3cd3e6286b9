"""Give everything back: every claim of a repository is released, and all work is kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.dispatch import control
from core.dispatch.live import settled
from core.domain.landed import Released
from core.domain.run import ControlVerb
from core.domain.task import OPEN
from core.engine import launching
from core.errors import EngineError, Refused
from core.locks import leases
from core.queue import claims, outcomes
from core.tasks import board
from core.worktrees.guard import require_worktree
from core.worktrees.preserve import preserve

if TYPE_CHECKING:
    from core.domain.task import Task
    from core.engine.context import Engine

ABORT_LIMIT_S: Final = 30.0


async def reset(engine: Engine, *, yes: bool = False) -> tuple[Released, ...]:
    """Release every claim and lock of this repository; runs are ended first.

    What no merged commit holds, uncommitted files included, is kept under a ref first; worktrees
    and branches stay too. What cannot be kept safe is not released, and says why.

    Raises:
        Refused: Without *yes*; the reasons are what would be released.
    """
    held = board.list_tasks(engine.repo, status=tuple(sorted(OPEN)))
    if held and not yes:
        raise Refused(
            f"This takes {len(held)} task{'' if len(held) == 1 else 's'} from their workers.",
            reasons=tuple(f"{task.key}: {task.worker}" for task in held),
            hint="All work is kept. Do it: weft reset --yes",
        )
    await _end_runs(engine)
    released = tuple([await _released(engine, task) for task in held])
    leases.end_all(engine.repo, now=engine.now(), actor=engine.actor, why="reset")
    return released


async def _end_runs(engine: Engine) -> None:
    live = outcomes.list_runs(engine.repo, live_only=True)
    for run in live:
        try:
            control.ask(
                engine.repo, run.id, ControlVerb.ABORT, now=engine.now(), actor=engine.actor
            )
        except Refused:
            continue  # it has just ended, or its runner is dead: recovery ends it
    for run in live:
        await settled(run.id, limit_s=ABORT_LIMIT_S)
    if live:
        await launching.recover(engine)


async def _released(engine: Engine, task: Task) -> Released:
    repo, folder = engine.repo, Path(task.worktree or "")
    kept, problem = "", ""
    try:
        if task.branch:
            place = (
                require_worktree(repo.path, repo.git_dir, folder)
                if task.worktree and folder.exists()
                else None
            )
            found = await preserve(
                repo, task=task.key, place=place, branch=task.branch, why="everything was reset"
            )
            kept = found.ref
        if board.get_task(repo, task.key).status in OPEN:
            claims.release(repo, task.key, why="reset", now=engine.now(), actor=engine.actor)
    except EngineError as error:
        problem = str(error)
    return Released(task.key, task.worker, task.branch or "", task.worktree or "", kept, problem)
