"""What a runner does while its agent works: keep the lease, obey wishes, see what goes wrong."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from core.domain.run import ControlVerb, RunStatus
from core.errors import EnvironmentFault
from core.processes.tree import reap_orphans
from core.queue import claims, outcomes
from core.runner.records import take_wishes
from core.runner.verdict import Verdict
from core.store.connection import DATABASE_ERRORS

if TYPE_CHECKING:
    from pathlib import Path

    from core.clock import Clock
    from core.processes.tree import ProcessTree
    from core.runner.database_thread import DatabaseThread
    from core.runner.records import Assignment, Wish
    from core.runner.speech import Speech

logger = logging.getLogger(__name__)

TICK_S: Final = 0.2
"""How often wishes and the worktree are looked at: one pragma and one stat."""
MESSAGE_S: Final = 0.5
"""Least time between two writes of what the agent said last."""
_REAP_S: Final = 2.0


class Watch:
    """Watches one run until there is a reason to stop it."""

    def __init__(
        self,
        mine: Assignment,
        tree: ProcessTree,
        speech: Speech,
        database: DatabaseThread,
        clock: Clock,
    ) -> None:
        self._mine = mine
        self._tree = tree
        self._speech = speech
        self._database = database
        self._clock = clock
        self._told = ""
        self._told_at = 0.0
        self._started = self._beaten = self._renewed = self._reaped = time.monotonic()
        self._leave = False

    def ask_to_leave(self) -> None:
        """Stop the run at the next look: the system told the runner to end."""
        self._leave = True

    async def until_stop(self, agent_pid: int) -> Verdict:
        """Return why the run must stop; goes on until then."""
        while True:
            stop = self._trouble()
            if stop is None:
                stop = await self._duties()
            if stop is not None:
                return stop
            if time.monotonic() - self._reaped >= _REAP_S:
                self._reaped = time.monotonic()
                reap_orphans(spare=[agent_pid])
            await asyncio.sleep(TICK_S)

    def _trouble(self) -> Verdict | None:
        """Return what can be seen without the database."""
        mine, limit_s = self._mine, self._mine.order.limit_s
        if not mine.worktree.is_dir():
            return worktree_deleted(mine.worktree)
        if limit_s and time.monotonic() - self._started > limit_s:
            return Verdict(RunStatus.FAILED, f"It ran longer than {limit_s / 60:g} minutes.")
        if self._leave:
            return Verdict(RunStatus.LOST, "Its runner was told to end by the system.")
        return None

    async def _duties(self) -> Verdict | None:
        """Do what needs the database; while that cannot be used, go on until the lease is over."""
        try:
            stop = await self._beat() or await self._obey()
            await self._pass_message_on()
        except (EnvironmentFault, *DATABASE_ERRORS) as error:
            logger.warning("the database could not be used: %s", error)
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
            claims.renew,
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
        if not await self._database.has_news():
            return None
        for wish in await self._database.call(take_wishes, self._mine.run, self._clock.now()):
            stop = await self._do(wish)
            if stop is not None:
                return stop
        return None

    async def _do(self, wish: Wish) -> Verdict | None:
        match wish.verb:
            case ControlVerb.PAUSE:
                if not self._tree.suspend():
                    self._speech.tell("error", "Some of its processes could not be suspended.")
                await self._moved(RunStatus.PAUSED, wish)
            case ControlVerb.RESUME:
                self._tree.resume()
                await self._moved(RunStatus.WORKING, wish)
            case ControlVerb.ABORT:
                return Verdict(RunStatus.ABORTED, f"Stopped by {wish.actor}.")
            case ControlVerb.SAY | ControlVerb.ANSWER:
                self._speech.tell("error", "This agent cannot be told anything while it works.")
        return None

    async def _moved(self, status: RunStatus, wish: Wish) -> None:
        mine = self._mine
        moved = await self._database.call(
            outcomes.run_moved,
            mine.repo,
            mine.run,
            status,
            now=self._clock.now(),
            actor=wish.actor,
        )
        if moved:
            word = "Paused" if status is RunStatus.PAUSED else "Resumed"
            self._speech.tell("state", f"{word} by {wish.actor}.")

    async def _pass_message_on(self) -> None:
        now = time.monotonic()
        if self._speech.last != self._told and now - self._told_at >= MESSAGE_S:
            self._told, self._told_at = self._speech.last, now
            await self._database.call(outcomes.note_message, self._mine.run, self._told)


def worktree_deleted(worktree: Path) -> Verdict:
    """Return the verdict of a run whose folder somebody took away."""
    return Verdict(RunStatus.FAILED, f"Its worktree {worktree} was deleted.")
