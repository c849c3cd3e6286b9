"""Bring the base into a task's branch now; an agent at work in it is paused meanwhile."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.dispatch import control
from core.dispatch.live import settled
from core.domain.run import ControlVerb, RunStatus
from core.domain.task import OPEN, TaskStatus
from core.errors import Refused
from core.merging import take_back as way_back
from core.merging.branch_commit import Spot
from core.merging.early_cure import bring_base_in
from core.merging.half_done import recover_branches
from core.queue import outcomes
from core.tasks import board

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from core.domain.resolution import Brought
    from core.domain.run import Run
    from core.engine.context import Engine

PAUSE_LIMIT_S: Final = 15.0
_PAUSED: Final = frozenset({RunStatus.PAUSED})


async def merge_update(engine: Engine, key: str) -> Brought:
    """Merge the base into a task's branch, if that is clean; see `bring_base_in`.

    An agent at work is paused around it and goes on afterwards; one that was paused stays so.

    Raises:
        NotFound: Unknown task, or its branch is gone.
        Refused: It has no branch under way or in review, the two conflict, uncommitted files are
            in the way, or its agent could not be paused.
    """
    spot = spot_of(engine, key)
    await recover_branches(engine.repo)
    async with held_still(engine, spot.task):
        return await bring_base_in(
            engine.merge_repo(), spot, now=engine.now(), run_filters=engine.is_repo_trusted()
        )


async def take_back(engine: Engine, key: str, last: str | None = None) -> Brought:
    """Take back what Weft merged last into a task's branch; see `core.merging.take_back`.

    Raises:
        NotFound: Unknown task, or its branch is gone.
        Refused: Its last commit is another one, or uncommitted files are in the way.
    """
    spot = spot_of(engine, key)
    await recover_branches(engine.repo)
    async with held_still(engine, spot.task):
        return await way_back.take_back(
            engine.repo, spot, last=last, run_filters=engine.is_repo_trusted()
        )


def spot_of(engine: Engine, key: str) -> Spot:
    """Return where a task's work is.

    Raises:
        NotFound: Unknown task.
        Refused: It has no work that could change: no branch yet, or landed.
    """
    task = board.get_task(engine.repo, key)
    if not task.branch or task.status not in (*OPEN, TaskStatus.REVIEW):
        raise Refused(
            f"{task.key} is {task.status.words}: it has no branch under way.",
            hint="Only tasks that are claimed, in progress or in review have one.",
        )
    folder = Path(task.worktree) if task.worktree else None
    return Spot(task.key, task.branch, folder if folder and folder.is_dir() else None)


@asynccontextmanager
async def held_still(engine: Engine, key: str) -> AsyncIterator[Run | None]:
    """Keep the agent of a task paused meanwhile; gives its live run, or None without one.

    Raises:
        Refused: It does not pause; nothing was done.
    """
    live = outcomes.list_runs(engine.repo, live_only=True, task=key)
    if not live or live[0].status is RunStatus.PAUSED:
        yield live[0] if live else None
        return
    run = live[0]
    _ask(engine, run, ControlVerb.PAUSE)
    now = await settled(run.id, _PAUSED, limit_s=PAUSE_LIMIT_S)
    if now.ended_at is not None:
        yield None
        return
    try:
        if now.status is not RunStatus.PAUSED:
            raise Refused(
                f"{run.worker} works on {run.task} and did not pause.",
                hint=f"Pause it, then try again: weft pause {run.task}",
            )
        yield now
    finally:
        if outcomes.get_run(run.id).status is RunStatus.PAUSED:
            _ask(engine, run, ControlVerb.RESUME)


def _ask(engine: Engine, run: Run, verb: ControlVerb) -> None:
    control.ask(engine.repo, run.id, verb, now=engine.now(), actor=engine.actor)
