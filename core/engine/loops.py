"""What must go on by itself: dispatch, recovery after a crash, the keeping of locks and logs."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Final

from core.dispatch.leader import LOOPS, give_up_lead, take_lead
from core.dispatch.recovery import LeaseWatch, wake_runners
from core.engine import launching
from core.engine.dispatching import Dispatcher
from core.engine.housekeeping import Housekeeping
from core.engine.lock_keeping import LockKeeping
from core.engine.waking import POLL_S, Wake
from core.engine.watching import watch_files
from core.errors import EngineError
from core.merging.recovery import recover_merges
from core.store.connection import DATABASE_ERRORS

if TYPE_CHECKING:
    from core.engine.context import Engine

TICK_S: Final = 2.0
LOCKS_EVERY: Final = 2
"""Ticks between two looks at all that waits: with 1,000 tasks one takes some 60 ms."""
LAZY_POLL_S: Final = 0.25
"""How often commits are looked for while nobody waits for the dispatcher."""
SOON_S: Final = 0.5
logger = logging.getLogger(__name__)


async def keep_going(engine: Engine, stopping: asyncio.Event) -> None:
    """Keep house every 2 s and dispatch whenever something happens, as long as this process leads.

    Ends once *stopping* is set. A failure is the world's, not the loop's: it is logged and tried
    again with the next turn.
    """
    lead = _Lead(engine)
    watching = asyncio.create_task(watch_files(engine, stopping))
    dispatching = asyncio.create_task(_dispatch(engine, stopping, lead))
    await _keep_house(engine, stopping, lead)
    await dispatching
    await watching
    give_up_lead(LOOPS)


class _Lead:
    """Whether this process leads; asked for once a tick, because asking is a commit."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.holds = False

    def take(self) -> bool:
        self.holds = take_lead(LOOPS, now=self._engine.now())
        return self.holds


async def _keep_house(engine: Engine, stopping: asyncio.Event, lead: _Lead) -> None:
    watch = LeaseWatch()
    house = Housekeeping()
    locks = LockKeeping()
    for number in count():
        if stopping.is_set():
            return
        if engine.has_repo:
            try:
                if lead.take():
                    await tick(engine, watch)
                    house.tidy(engine)
                    if number % LOCKS_EVERY == 0:
                        await locks.keep(engine)
            except EngineError as error:
                lead.holds = False
                wake_runners(engine.repo)
                logger.warning("A tick failed: %s", error)
        try:
            await asyncio.wait_for(stopping.wait(), TICK_S)
        except TimeoutError:
            continue


async def _dispatch(engine: Engine, stopping: asyncio.Event, lead: _Lead) -> None:
    dispatcher = Dispatcher(engine)
    happened = True
    with Wake() as wake:
        while not stopping.is_set():
            poll_s, limit_s = LAZY_POLL_S, TICK_S
            try:
                if engine.has_repo and lead.holds:
                    dispatcher.turn(happened=happened)
                    poll_s = POLL_S if dispatcher.is_prompt else LAZY_POLL_S
                    limit_s = SOON_S if dispatcher.is_owing else TICK_S
                else:
                    limit_s = SOON_S
                happened = await wake.wait(limit_s, stopping=stopping, poll_s=poll_s)
            except (EngineError, *DATABASE_ERRORS) as error:
                logger.warning("The dispatcher could not act: %s", error)
                happened = True
                await _pause(stopping, TICK_S)
    await dispatcher.stop()


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)


async def tick(engine: Engine, watch: LeaseWatch | None = None) -> None:
    """Put right what died."""
    await launching.recover(engine, watch)
    await recover_merges(engine.repo, engine.now(), run_filters=engine.is_repo_trusted())
