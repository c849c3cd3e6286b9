"""What must go on by itself: dispatch, recovery after a crash, the keeping of locks and logs."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Final

from core.dispatch.leader import give_up_lead, loops_of, take_lead
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
    lead.give_up()


class _Lead:
    """Whether this process leads here; asked for once a tick, because asking is a commit."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._name = ""
        self._held = False

    @property
    def holds(self) -> bool:
        """Whether the loops of the repository that is chosen now are this process's to run."""
        return self._held and self._engine.has_repo and self._name == loops_of(self._engine.repo)

    def take(self) -> bool:
        name = loops_of(self._engine.repo)
        if self._name not in {"", name}:
            give_up_lead(self._name)  # the window has gone to another repository
        self._name = name
        self._held = take_lead(name, now=self._engine.now())
        return self._held

    def lose(self) -> None:
        self._held = False

    def give_up(self) -> None:
        if self._name:
            give_up_lead(self._name)


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
                lead.lose()
                wake_runners(engine.repo)
                logger.warning("A tick failed: %s", error)
        try:
            await asyncio.wait_for(stopping.wait(), TICK_S)
        except TimeoutError:
            continue


async def _dispatch(engine: Engine, stopping: asyncio.Event, lead: _Lead) -> None:
    dispatcher = Dispatcher(engine)
    happened, told = True, ""
    with Wake() as wake:
        while not stopping.is_set():
            poll_s, limit_s = LAZY_POLL_S, TICK_S
            try:
                if lead.holds:
                    dispatcher.turn(happened=happened)
                    told = ""
                    poll_s = POLL_S if dispatcher.is_prompt else LAZY_POLL_S
                    limit_s = SOON_S if dispatcher.is_owing else TICK_S
                else:
                    limit_s = SOON_S
                happened = await wake.wait(limit_s, stopping=stopping, poll_s=poll_s)
            except (EngineError, *DATABASE_ERRORS) as error:
                if str(error) != told:  # once, for as long as it stays so
                    logger.warning("The dispatcher could not act: %s", error)
                happened, told = True, str(error)
                await _pause(stopping, TICK_S)
    await dispatcher.stop()


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)


async def tick(engine: Engine, watch: LeaseWatch | None = None) -> None:
    """Put right what died."""
    await launching.recover(engine, watch)
    await recover_merges(engine.repo, engine.now(), run_filters=engine.is_repo_trusted())
