"""A process that kills itself without a word at a named stage of a merge run or of its undo.

Usage: killed_merge.py DATABASE REPO STAGE [CHECK]; STAGE is a `MergeStage`, `undo-moved`, or a
point of `crash_points.py`, with `undo ` before it for one of an undo. `only KEY` kills nothing: it
lands that task alone, and tries again until it has. `cure POINT`, `resolve POINT` and `hand POINT`
bring the base into the branch `one`, decide its conflict, or give that to an agent.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.domain.claim import Claim
from core.domain.conflict import Contender
from core.domain.plan import Strategy
from core.domain.repo import Repo, WorktreeLayout
from core.domain.resolution import Decision, FileDecision, Take
from core.domain.task import TaskStatus
from core.errors import Refused
from core.merging.branch_commit import Spot
from core.merging.early_cure import bring_base_in
from core.merging.execute import MergeOrder, run_merge
from core.merging.hand_over import begin_in_worktree
from core.merging.journal_entry import unfinished
from core.merging.resolve import lay_open, resolve
from core.merging.undo import undo_merge
from core.store.connection import open_database
from core.store.schema import RepoRow
from core.tasks.board import list_tasks
from core.worktrees import journal
from tests.core.merging.board import START
from tests.killing import KILL
from tests.waiting import wait_until_async

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from core.domain.merge_run import MergeProgress


BRANCH_ACTS = ("cure ", "resolve ", "hand ")


def die() -> None:
    os.kill(os.getpid(), KILL)


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


async def act_on_branch(repo: Repo, act: str) -> None:
    """Do what may be killed between a worktree's files and its branch, on `one`."""
    (standing,) = journal.standing(repo)
    spot = Spot("one", "one", standing.path)
    if act == "cure":
        await bring_base_in(repo, spot, now=START)
        return
    opened = await lay_open(repo, spot, None)
    if act == "resolve":
        chosen = [FileDecision(file.path, whole=Decision(Take.LEFT)) for file in opened.files]
        await resolve(repo, opened, spot, chosen, now=START)
        return
    where = str(standing.path)
    claim = Claim("one", "agent-1", "one", where, repo.base, opened.base_sha, fence=1)
    await begin_in_worktree(repo, opened, spot, claim, run_filters=False)


async def main(database: str, repo_id: str, stage: str, check: str = "") -> None:
    open_database(Path(database))
    row = RepoRow.get_by_id(int(repo_id))
    repo = Repo(
        row.id, row.name, Path(row.path), Path(row.git_dir), row.base, WorktreeLayout(row.layout)
    )
    if stage.startswith(BRANCH_ACTS):
        act, _, point = stage.partition(" ")
        if point != "-":
            arm(point)
        await act_on_branch(repo, act)
        return
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
