"""A process that kills itself without a word at a named stage of a merge run or of its undo.

Usage: killed_merge.py DATABASE REPO STAGE [CHECK]; STAGE is a `MergeStage`, `undo-moved`, or a
point of `crash_points.py`, with `undo ` before it for one of an undo. `only KEY` kills nothing: it
lands that task alone, and tries again until it has.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.domain.conflict import Contender
from core.domain.plan import Strategy
from core.domain.repo import Repo, WorktreeLayout
from core.domain.task import TaskStatus
from core.errors import Refused
from core.merging.execute import MergeOrder, run_merge
from core.merging.journal_entry import unfinished
from core.merging.undo import undo_merge
from core.store.connection import open_database
from core.store.schema import RepoRow
from core.tasks.board import list_tasks
from tests.waiting import wait_until_async

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from core.domain.merge_run import MergeProgress


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str) -> None:
    """Put the kill before or after a function, as its module calls it."""
    where, name, when = point.rsplit(":", 2)
    module, _, inner = where.partition(":")
    name, _, first = name.partition(" ")
    holder: Any = importlib.import_module(module)
    if inner:
        holder = getattr(holder, inner)
    found = getattr(holder, name)

    def armed(*args: Any, **named: Any) -> Any:
        if first and first not in args:
            return found(*args, **named)
        if when == "before":
            die()
        made = found(*args, **named)
        return _then_die(made) if inspect.isawaitable(made) else die()

    setattr(holder, name, armed)


async def _then_die(made: Awaitable[Any]) -> None:
    await made
    die()


def reviewed(repo: Repo) -> tuple[Contender, ...]:
    return tuple(
        Contender(task.key, task.title, task.worker, task.branch or "", None, in_review=True)
        for task in list_tasks(repo, status=[TaskStatus.REVIEW])
    )


async def land_alone(repo: Repo, key: str) -> None:
    """Land one task in a run of its own, however often others are in the way."""
    while mine := [one for one in reviewed(repo) if one.task == key]:
        try:
            await run_merge(repo, MergeOrder(tuple(mine), Strategy.MERGE), actor="person")
        except Refused:
            await wait_until_async(lambda: not unfinished(repo))  # another run is under way


async def main(database: str, repo_id: str, stage: str, check: str = "") -> None:
    open_database(Path(database))
    row = RepoRow.get_by_id(int(repo_id))
    repo = Repo(
        row.id, row.name, Path(row.path), Path(row.git_dir), row.base, WorktreeLayout(row.layout)
    )
    if ":" in stage:
        arm(stage.removeprefix("undo "))
    if stage.startswith("undo "):
        await undo_merge(repo, actor="person")
        return
    if stage == "undo-moved":
        await undo_merge(repo, actor="person", moved=die)
        return

    if stage.startswith("only "):
        await land_alone(repo, stage.removeprefix("only "))
        return

    def told(progress: MergeProgress) -> None:
        if progress.stage == stage:
            die()

    contenders = reviewed(repo)
    wish = MergeOrder(contenders, Strategy.MERGE, check=check or None)
    await run_merge(repo, wish, actor="person", progress=told)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
