"""Watch what worktrees really change, and hold it against declarations and locks.

Runs beside the loops, in the process that leads. Told by the file system; a full look each minute
is the safety net. One task's change costs one look at its worktree.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from core.conflicts.changed_files import Changes, changed_files
from core.conflicts.snapshots import Place
from core.conflicts.watching import QUIET_S, moves
from core.dispatch.leader import leads, loops_of
from core.engine.conflicts import contenders
from core.errors import EngineError
from core.events import log as event_log
from core.locks.touched import note_touched
from core.store.connection import DATABASE_ERRORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.conflicts.watching import Moved
    from core.domain.conflict import Contender
    from core.domain.lock import TaskWarning
    from core.engine.context import Engine

LOOK_S: Final = 1.0
"""How often it is looked whether the tasks under way are still the same ones."""
logger = logging.getLogger(__name__)


async def watch_files(engine: Engine, stopping: asyncio.Event) -> None:
    """Follow the worktrees until *stopping* is set, as long as this process leads."""
    watched: _Watched | None = None
    try:
        while not stopping.is_set():
            try:
                watched = await _followed(engine, watched)
            except (EngineError, *DATABASE_ERRORS) as error:
                logger.warning("Worktrees could not be watched: %s", error)
            try:
                await asyncio.wait_for(stopping.wait(), LOOK_S)
            except TimeoutError:
                continue
    finally:
        if watched is not None:
            await watched.stop()


async def look_at_files(engine: Engine) -> tuple[TaskWarning, ...]:
    """Look once at every worktree; return the warnings that are new."""
    found = await changed_files(engine.repo, contenders(engine))
    return note_touched(engine.repo, found.files, now=engine.now())


async def _followed(engine: Engine, watched: _Watched | None) -> _Watched | None:
    """Return the watching of exactly those who are under way now, begun anew if need be."""
    newest = event_log.last_id()
    if watched is not None and watched.event == newest and not watched.task.done():
        return watched
    wanted: tuple[Contender, ...] = ()
    if engine.has_repo and leads(loops_of(engine.repo)):
        wanted = contenders(engine)
    key = (engine.repo.id if engine.has_repo else 0, frozenset(_identity(one) for one in wanted))
    if watched is not None and watched.key == key and not watched.task.done():
        watched.event = newest
        return watched
    if watched is not None:
        await watched.stop()
    if not wanted:
        return None
    return _Watched(key, newest, asyncio.create_task(_follow(engine, wanted)))


def _identity(one: Contender) -> object:
    """Return what the watching depends on: not the title, nor who runs."""
    return (one.task, one.branch, one.worktree, one.depends_on)


async def _follow(engine: Engine, wanted: Sequence[Contender]) -> None:
    repo = engine.repo
    former: Changes | None = None
    async with aclosing(moves(repo, wanted, quiet_s=QUIET_S)) as changes:
        async for moved in changes:
            kept = None if former is None else _without(former, wanted, moved)
            former = await changed_files(repo, wanted, former=kept)
            note_touched(repo, former.files, now=engine.now())


def _without(former: Changes, wanted: Sequence[Contender], moved: Moved) -> Changes:
    """Return the look without the snapshots that may be out of date."""
    places = {Place(one.branch, one.worktree) for one in wanted if one.task in moved.tasks}
    still = {place: taken for place, taken in former.snapshots.items() if place not in places}
    return replace(former, snapshots=still)


@dataclass(slots=True)
class _Watched:
    """A watching under way, whom it follows, and the last event when that was looked at."""

    key: object
    event: int
    task: asyncio.Task[None]

    async def stop(self) -> None:
        """End it; what made it end before is told."""
        self.task.cancel()
        (ended,) = await asyncio.gather(self.task, return_exceptions=True)
        if isinstance(ended, (EngineError, *DATABASE_ERRORS)):
            logger.warning("Worktrees could not be watched: %s", ended)
        elif isinstance(ended, Exception):
            raise ended
