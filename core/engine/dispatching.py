"""The dispatcher: gives tasks to idle agents, starts what is due, steals, scales, proposes.

It runs in the process that leads the loops, and does nothing that a crash could leave half done:
each step is a claim, a start or a row of its own, and the next turn goes by what is true then.
"""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from core.dispatch import autopilot
from core.dispatch.proposals import replace_proposals
from core.domain.dispatch import DispatchMode
from core.domain.worker import WorkerType
from core.engine import crew, staging, workers
from core.engine.choosing import claim_for, is_idle, mode, proposed_pairs
from core.engine.claim_terms import terms
from core.engine.notices import steal
from core.engine.starting import free_places, start_all, to_start
from core.errors import EngineError
from core.queue.outlook import read_past
from core.store.connection import DATABASE_ERRORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.domain.worker import Worker
    from core.engine.context import Engine
    from core.engine.starting import Problem
    from core.queue.assignment import Past

BARRED_FOR: Final = timedelta(minutes=10)
"""How long a task whose start failed is left alone: a person may put right what was wrong."""
_PROPOSE_EVERY_S: Final = 1.0
_GIVE_EVERY_S: Final = 5.0
"""Time alone frees memory, ends a notice, makes an agent idle for long: so often it is looked."""
_LONG_S: Final = 30.0
logger = logging.getLogger(__name__)


class Dispatcher:
    """One process's dispatcher; it keeps in mind only what may be forgotten."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._repo = 0
        self._forget()

    def _forget(self) -> None:
        self._barred: dict[str, float] = {}
        self._starting: asyncio.Task[None] | None = None
        self._start_again = False
        self._gave_at = self._proposed_at = self._past_at = self._deep_at = -_LONG_S
        self._is_stale = True
        self._past: Sequence[Past] = ()

    @property
    def is_prompt(self) -> bool:
        """Whether idle agents take tasks by themselves now, so that every moment counts."""
        return self._gives() is not None

    @property
    def is_owing(self) -> bool:
        """Whether proposals are out of date and wait for their turn."""
        return self._is_stale

    def turn(self, *, happened: bool) -> None:
        """Do all that is due now; runs come up in the background.

        Args:
            happened: Whether something changed since the last turn. Without it only what time
                itself brings is looked at, and that not every time.

        Raises:
            EngineError: A setting, the repository or the database cannot be read.
        """
        with self._engine.one_look():
            self._turn(happened=happened)

    def _turn(self, *, happened: bool) -> None:
        engine = self._engine
        if engine.repo.id != self._repo:
            self._forget()
            self._repo, happened = engine.repo.id, True
        self._is_stale = self._is_stale or happened
        for sentence in staging.judge_ended(engine):
            logger.info("%s", sentence)
        given = self._gives()
        if given is not None and (happened or _is_over(self._gave_at, _GIVE_EVERY_S)):
            self._gave_at = time.monotonic()
            self._give()
        self._propose(given)
        if to_start(engine) and not autopilot.paused_by(engine.repo):
            self._start()

    async def stop(self) -> None:
        """Let go of starts under way; whatever they have begun is taken up again."""
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)

    def _gives(self) -> DispatchMode | None:
        """Return how tasks are given out by themselves; None when they are not."""
        found = mode(self._engine)
        if found is DispatchMode.SUPERVISOR or autopilot.paused_by(self._engine.repo):
            return None
        return found

    def _give(self) -> None:
        engine = self._engine
        crew.scale(engine)
        everybody = workers.worker_list(engine)
        idle = [one for one in everybody if one.is_driven and is_idle(one)]
        if not idle:
            return
        places = free_places(engine)
        if not places:
            return
        made = claim_for(
            engine,
            idle,
            everybody,
            terms(engine),
            most=places,
            barred=self._bars(idle),
            past=self._known_past(),
            deep=self._may_look_deep(),
        )
        taken = {claim.worker for claim in made}
        free = [one for one in idle if one.name not in taken]
        if free and len(made) < places:
            steal(engine, free, everybody)

    def _propose(self, given: DispatchMode | None) -> None:
        """Bring up to date what is proposed: to people alone where agents take by themselves."""
        every = _PROPOSE_EVERY_S if self._is_stale else _LONG_S
        if not _is_over(self._proposed_at, every):
            return
        self._proposed_at, self._is_stale = time.monotonic(), False
        engine = self._engine
        everybody = workers.worker_list(engine)
        idle = [
            one
            for one in everybody
            if is_idle(one) and (given is None or one.type is WorkerType.HUMAN)
        ]
        fits = proposed_pairs(
            engine, idle, everybody, past=self._known_past(), deep=self._may_look_deep()
        )
        replace_proposals(engine.repo, fits, now=engine.now())

    def _start(self) -> None:
        if self._starting is not None and not self._starting.done():
            self._start_again = True
            return
        self._starting = asyncio.create_task(self._start_all())

    async def _start_all(self) -> None:
        self._start_again = True
        while self._start_again:
            self._start_again = False
            try:
                await start_all(self._engine, on_problem=self._bar)
            except (EngineError, *DATABASE_ERRORS) as error:
                logger.warning("Runs could not be started: %s", error)
                return

    def _bar(self, problem: Problem) -> None:
        self._barred[problem.task] = time.monotonic()
        logger.info("%s cannot begin %s: %s", problem.worker, problem.task, problem.error)

    def _bars(self, idle: Sequence[Worker]) -> frozenset[tuple[str, str]]:
        over = time.monotonic() - BARRED_FOR.total_seconds()
        self._barred = {key: at for key, at in self._barred.items() if at > over}
        return frozenset((one.name, key) for one in idle for key in self._barred)

    def _may_look_deep(self) -> bool:
        """Whether all of a long backlog may be read: not at every event while nothing fits."""
        if not _is_over(self._deep_at, _GIVE_EVERY_S):
            return False
        self._deep_at = time.monotonic()
        return True

    def _known_past(self) -> Sequence[Past]:
        if _is_over(self._past_at, _LONG_S):
            self._past_at, self._past = time.monotonic(), read_past(self._engine.repo)
        return self._past


def _is_over(since: float, seconds: float) -> bool:
    return time.monotonic() - since >= seconds
