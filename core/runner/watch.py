"""What a runner does while its agent works: keep the lease, obey wishes, see what goes wrong."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from core.domain.run import ControlVerb, RunStatus
from core.errors import EnvironmentFault
from core.processes.identity import LINUX, look_around
from core.processes.memory import give_back
from core.processes.tree import reap_orphans
from core.queue import facts
from core.queue.renewal import renew
from core.runner.disk import has_room
from core.runner.records import take_wishes
from core.runner.standing import WISH
from core.runner.verdict import Verdict
from core.store.connection import DATABASE_ERRORS

if TYPE_CHECKING:
    from pathlib import Path

    from core.clock import Clock
    from core.queue.facts import RunFacts
    from core.runner.asking import Asking
    from core.runner.budget import Budget
    from core.runner.database_thread import DatabaseThread
    from core.runner.disk import DiskRoom
    from core.runner.records import Assignment, Wish
    from core.runner.standing import Standing
    from core.runner.tally import Tally
    from core.runner.words import Words

logger = logging.getLogger(__name__)

TICK_S: Final = 0.2
"""How often wishes and the worktree are looked at: one pragma and one stat."""
FACTS_S: Final = 0.5
"""Least time between two writes of what the agent said and did."""
_REAP_S: Final = 2.0
_PRICE_S: Final = 20.0
"""How long a run that has ended may wait for a price: on a busy machine a look-up takes seconds."""
_QUIET_S: Final = 5.0
"""After so long without news of its agent a runner gives memory back that only work needs."""


class Watch:
    """Watches one run until there is a reason to stop it."""

    def __init__(
        self,
        mine: Assignment,
        *,
        standing: Standing,
        asking: Asking,
        words: Words,
        tally: Tally,
        budget: Budget,
        disk: DiskRoom,
        database: DatabaseThread,
        clock: Clock,
    ) -> None:
        self._mine = mine
        self._standing = standing
        self._asking = asking
        self._words = words
        self._tally = tally
        self._budget = budget
        self._disk = disk
        self._database = database
        self._clock = clock
        self._kept: RunFacts | None = None
        self._kept_at = 0.0
        self._changed_at: float | None = time.monotonic()
        self._beaten = self._renewed = self._reaped = time.monotonic()
        self._dead: frozenset[int] = frozenset()
        self._leave = False
        self._wishes: list[Wish] = []
        self._stop: Verdict | None = None
        self._obeying = asyncio.Lock()

    def ask_to_leave(self) -> None:
        """Stop the run at the next look: the system told the runner to end."""
        self._leave = True

    async def until_stop(self) -> Verdict:
        """Return why the run must stop; goes on until then."""
        while True:
            self._disk.look()
            stop = self._trouble() or await self._duties()
            if stop is not None:
                return stop
            self._reap()
            await self._rest()
            await asyncio.sleep(TICK_S)

    async def hear(self) -> None:
        """Take in what people have asked and said until now; a wish to stop is kept for later."""
        try:
            await self._obey()
        except (EnvironmentFault, *DATABASE_ERRORS) as error:
            logger.warning("wishes could not be read: %s", error)

    async def hear_the_last(self) -> None:
        """Tell those who spoke to an agent that had ended that it does not hear them."""
        self._words.may_go_on = False
        try:
            for wish in await self._database.call(take_wishes, self._mine.run, self._clock.now()):
                if wish.verb is ControlVerb.SAY:
                    await self._words.say(wish.text, wish.actor)
        except (EnvironmentFault, *DATABASE_ERRORS) as error:
            logger.warning("the last wishes could not be read: %s", error)

    async def keep_last_facts(self) -> None:
        """Write what the run did and cost in the end."""
        await self._tally.priced(_PRICE_S)
        try:
            await self._keep_facts()
        except (EnvironmentFault, *DATABASE_ERRORS) as error:
            logger.warning("the last facts could not be kept: %s", error)

    async def _keep_facts(self) -> None:
        """Write what the run did and said, if that is new."""
        self._tally.begin_pricing()
        now = self._tally.now()
        if now != self._kept:
            await self._database.call(facts.write, self._mine.run, now)
            self._kept = now
            self._changed_at = time.monotonic()
        self._kept_at = time.monotonic()

    def _trouble(self) -> Verdict | None:
        """Return what can be seen without the database."""
        mine, order = self._mine, self._mine.order
        if not mine.worktree.is_dir():
            return worktree_deleted(mine.worktree)
        if order.limit_s and self._standing.worked_s() > order.limit_s:
            said = f"It worked longer than {order.limit_s / 60:g} minutes."
            return Verdict(RunStatus.FAILED, said)
        if order.idle_s and self._silent_s() > order.idle_s:
            said = f"It said nothing for {order.idle_s / 60:g} minutes."
            return Verdict(RunStatus.FAILED, said)
        if self._leave:
            return Verdict(RunStatus.LOST, "Its runner was told to end by the system.")
        return None

    def _silent_s(self) -> float:
        """Return how long a working agent has given no sign."""
        at_work = self._standing.status is RunStatus.WORKING
        if not at_work or self._tally.facts.retry_at is not None:
            self._tally.heard_at = time.monotonic()
        return time.monotonic() - self._tally.heard_at

    async def _duties(self) -> Verdict | None:
        """Do what needs the database; while that cannot be used, go on until the lease is over."""
        try:
            stop = await self._beat() or await self._obey()
            await self._standing.settle("weft")
            if stop is None and time.monotonic() - self._kept_at >= FACTS_S:
                await self._keep_facts()
                await self._standing.settle("weft")
                # Of what is kept: the budget adds up rows, and this run's must be among them.
                stop = await self._budget.look(self._kept.cost_micro if self._kept else None)
        except (EnvironmentFault, *DATABASE_ERRORS) as error:
            logger.warning("the database could not be used: %s", error)
            if not has_room():  # nobody can take the claim while nobody can write
                self._renewed = time.monotonic()
            if time.monotonic() - self._renewed > self._mine.order.lease_s:
                return Verdict(RunStatus.LOST, f"Its lease ran out: {error}")
            return None
        return stop

    async def _beat(self) -> Verdict | None:
        mine = self._mine
        if time.monotonic() - self._beaten < mine.order.beat_s:
            return None
        self._beaten = time.monotonic()
        renewed = await self._database.call(
            renew,
            mine.run,
            fence=mine.fence,
            now=self._clock.now(),
            lease=timedelta(seconds=mine.order.lease_s),
        )
        if not renewed:
            return Verdict(RunStatus.LOST, "Its claim was taken back.")
        self._renewed = time.monotonic()
        return None

    async def _obey(self) -> Verdict | None:
        """Do what was asked for; return a verdict when that is to stop."""
        async with self._obeying:
            if await self._database.has_news():
                now = self._clock.now()
                self._wishes += await self._database.call(take_wishes, self._mine.run, now)
            elif not self._wishes and not self._asking.is_due:
                return self._stop
            while self._wishes:
                await self._do(self._wishes[0])
                del self._wishes[0]  # not before: the database may fail in the middle
            await self._asking.look()
            return self._stop

    async def _do(self, wish: Wish) -> None:
        match wish.verb:
            case ControlVerb.PAUSE:
                self._standing.hold(WISH)
                await self._standing.settle(wish.actor)
            case ControlVerb.RESUME:
                self._standing.let_go(WISH)
                await self._standing.settle(wish.actor)
            case ControlVerb.ABORT:
                self._stop = Verdict(RunStatus.ABORTED, f"Stopped by {wish.actor}.")
            case ControlVerb.SAY:
                await self._words.say(wish.text, wish.actor)
            case ControlVerb.ANSWER:
                pass  # the question's own row holds it

    def _reap(self) -> None:
        """Collect dead children that nobody has waited for since the last look."""
        if time.monotonic() - self._reaped < _REAP_S:
            return
        self._reaped = time.monotonic()
        if not _has_dead_child():
            return
        own = os.getpid()
        dead = {
            seen.identity.pid for seen in look_around() if seen.parent == own and not seen.is_alive
        }
        reap_orphans(spare=dead - self._dead)  # one that died just now may have its waiter
        self._dead = frozenset(dead)

    async def _rest(self) -> None:
        """Need little memory while there is no news: an agent may wait for its person for hours."""
        if self._changed_at is None or time.monotonic() - self._changed_at < _QUIET_S:
            return
        self._changed_at = None
        try:
            await self._database.shrink()
        except DATABASE_ERRORS as error:  # said by whoever needs it
            logger.debug("the database could not be used: %s", error)
        give_back()


def _has_dead_child() -> bool:
    """Whether any child waits to be collected; it is left as it is."""
    if not LINUX:  # nothing is adopted there, and macOS has no waitid before Python 3.13
        return False
    try:
        return os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:  # there is none at all
        return False


def worktree_deleted(worktree: Path) -> Verdict:
    """Return the verdict of a run whose folder somebody took away."""
    return Verdict(RunStatus.FAILED, f"Its worktree {worktree} was deleted.")
