"""Where a run stands: at work, waiting for a person, or paused; and its processes with it."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Final

from core.domain.run import RunStatus
from core.errors import EnvironmentFault
from core.queue import progress
from core.store.connection import DATABASE_ERRORS

if TYPE_CHECKING:
    from core.clock import Clock
    from core.processes.tree import ProcessTree
    from core.runner.database_thread import DatabaseThread
    from core.runner.records import Assignment
    from core.runner.speech import Speech

logger = logging.getLogger(__name__)
WISH: Final = "wish"
BUDGET: Final = "budget"
DISK: Final = "disk"
_PAUSING: Final = frozenset({WISH, DISK})


class Standing:
    """Derives the run's status from what holds it and what it asks.

    Attributes:
        asks: Ids of the questions that are open.
    """

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
        self._holds: set[str] = set()
        self._told = RunStatus.WORKING
        self._worked_s = 0.0
        self._since = time.monotonic()
        self._settling = asyncio.Lock()
        self.asks: set[int] = set()

    @property
    def status(self) -> RunStatus:
        """Return what the run is doing."""
        if self._holds & _PAUSING:
            return RunStatus.PAUSED
        return RunStatus.WAITING if self.asks else RunStatus.WORKING

    @property
    def is_held(self) -> bool:
        """Whether its processes are suspended, whatever for."""
        return bool(self._holds)

    def worked_s(self) -> float:
        """Return how long it has worked, without the time that it was paused or waited."""
        running = self._told is RunStatus.WORKING
        return self._worked_s + (time.monotonic() - self._since if running else 0.0)

    def hold(self, why: str) -> None:
        """Suspend all processes of the run."""
        self._holds.add(why)
        if not self._tree.suspend():
            self._speech.tell("error", "Some of its processes could not be suspended.")

    def let_go(self, why: str) -> None:
        """Let them go on, unless something else holds them."""
        self._holds.discard(why)
        if not self._holds:
            self._tree.resume()

    async def settle(self, actor: str) -> None:
        """Record the status if it has changed; *actor* caused the change.

        While the database cannot be written it stays as it is told: the next call tries again.
        """
        async with self._settling:
            status = self.status
            if status is not self._told and await self._is_recorded(status, actor):
                self._turn_to(status, actor)

    async def _is_recorded(self, status: RunStatus, actor: str) -> bool:
        mine = self._mine
        try:
            await self._database.call(
                progress.run_moved, mine.repo, mine.run, status, now=self._clock.now(), actor=actor
            )
        except (EnvironmentFault, *DATABASE_ERRORS) as error:
            logger.warning("that the run is %s could not be recorded: %s", status.value, error)
            return False
        return True

    def _turn_to(self, status: RunStatus, actor: str) -> None:
        self._worked_s = self.worked_s()
        self._since = time.monotonic()
        before, self._told = self._told, status
        if status is RunStatus.PAUSED:
            self._speech.tell("state", f"Paused by {actor}.")
        elif before is RunStatus.PAUSED:
            self._speech.tell("state", f"Resumed by {actor}.")
