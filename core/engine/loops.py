"""What must go on by itself: starts that wait for a place, recovery after a crash."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from core.dispatch.leader import give_up_lead, take_lead
from core.dispatch.recovery import LeaseWatch
from core.engine import launching, starting
from core.engine.housekeeping import Housekeeping
from core.engine.lock_keeping import LockKeeping
from core.engine.watching import watch_files
from core.errors import EngineError
from core.merging.recovery import recover_merges

if TYPE_CHECKING:
    from core.engine.context import Engine

TICK_S: Final = 2.0
LEAD: Final = "loops"
logger = logging.getLogger(__name__)


async def keep_going(engine: Engine, stopping: asyncio.Event) -> None:
    """Tick every 2 s until *stopping* is set, as long as this process leads.

    A failure is the world's, not the loop's: it is logged and tried again with the next tick.
    """
    watch = LeaseWatch()
    house = Housekeeping()
    locks = LockKeeping()
    watching = asyncio.create_task(watch_files(engine, stopping))
    while not stopping.is_set():
        if engine.has_repo:
            try:
                if take_lead(LEAD, now=engine.now()):
                    await tick(engine, watch)
                    house.tidy(engine)
                    locks.keep(engine)
            except EngineError as error:
                logger.warning("A tick failed: %s", error)
        try:
            await asyncio.wait_for(stopping.wait(), TICK_S)
        except TimeoutError:
            continue
    await watching
    give_up_lead(LEAD)


async def tick(engine: Engine, watch: LeaseWatch | None = None) -> None:
    """Put right what died, and start what waited for a place."""
    await launching.recover(engine, watch)
    await recover_merges(engine.repo, engine.now(), run_filters=engine.is_repo_trusted())
    await starting.start_claimed(engine)
