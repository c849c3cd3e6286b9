"""Worktrees under way are watched: what they change past their declaration is told in seconds."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from core.clock import SystemClock
from core.dispatch.leader import loops_of, take_lead
from core.engine import overview, tasks, workers
from core.engine.claiming import claim_and_provision
from core.engine.watching import look_at_files, watch_files
from tests.waiting import wait_until_async

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from core.engine.context import Engine
    from tests.scenarios import Repo


async def claimed(engine: Engine, key: str, worker: str, *files: str) -> Path:
    tasks.task_add(engine, key, key=key, file=files)
    workers.worker_add(engine, worker, type="human")
    return Path((await claim_and_provision(engine, key, worker)).worktree)


@asynccontextmanager
async def watching(engine: Engine) -> AsyncIterator[None]:
    stopping = asyncio.Event()
    task = asyncio.create_task(watch_files(engine, stopping))
    try:
        yield
    finally:
        stopping.set()
        await task


async def told(engine: Engine, wanted: set[str]) -> None:
    """Wait until exactly *wanted* is told of warnings."""
    await wait_until_async(
        lambda: {one.sentence for one in overview.board(engine).warnings} == wanted
    )


async def test_uncommitted_edits_are_told_on_both_cards_and_taken_back_again(
    engine: Engine, repo: Repo
) -> None:
    engine.clock = SystemClock()
    repo.commit("start", {"app.py": "x\n"})
    await claimed(engine, "a", "human-ana", "app.py")
    other = await claimed(engine, "b", "human-bob")
    take_lead(loops_of(engine.repo), now=engine.now())

    async with watching(engine):
        (other / "app.py").write_text("y\n")
        await told(
            engine,
            {
                "Changes app.py: app.py is held by human-ana for a.",
                "human-bob changes app.py for b, which this task holds.",
            },
        )
        (other / "app.py").write_text("x\n")
        await told(engine, set())


async def test_one_look_tells_committed_from_uncommitted(engine: Engine, repo: Repo) -> None:
    mine = await claimed(engine, "a", "human-ana", "docs/**")
    (mine / "left.txt").write_text("l")
    (mine / "done.txt").write_text("d")
    repo.git("add", "done.txt", cwd=mine)
    repo.git("commit", "-q", "-m", "done", cwd=mine)

    (found,) = await look_at_files(engine)

    assert found.paths == ("done.txt", "left.txt")
    assert await look_at_files(engine) == ()
