"""The conversation with an agent: turn after turn, as long as there is something to say."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from core.agents.driver import DriverUnavailable
from core.domain.agent_event import PermissionAsked, RateLimited, TurnEnded, TurnOutcome
from core.errors import EnvironmentFault
from core.runner.disk import until_kept
from core.runner.records import note_agent
from core.store.connection import DATABASE_ERRORS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from core.agents.driver import AgentDriver, AgentSession, LaunchSpec
    from core.clock import Clock
    from core.domain.agent_event import AgentEvent
    from core.runner.asking import Asking
    from core.runner.database_thread import DatabaseThread
    from core.runner.records import Assignment
    from core.runner.speech import Speech
    from core.runner.tally import Tally
    from core.runner.words import Words

logger = logging.getLogger(__name__)
_LONGEST_WAIT: Final = timedelta(minutes=15)
_MOST_TRIES: Final = 8
"""Rate limits in a row that are waited out when nobody says until when."""
_GO_ON: Final = "Go on with the task where you were held up."


class Turns:
    """Walks an agent's turns; what it says goes into the transcript, the tally and the questions.

    Attributes:
        session: The session under way.
    """

    def __init__(
        self,
        mine: Assignment,
        driver: AgentDriver,
        spec: LaunchSpec,
        *,
        speech: Speech,
        tally: Tally,
        asking: Asking,
        words: Words,
        database: DatabaseThread,
        clock: Clock,
    ) -> None:
        self._mine = mine
        self._driver = driver
        self._spec = spec
        self._speech = speech
        self._tally = tally
        self._asking = asking
        self._words = words
        self._database = database
        self._clock = clock
        self._limited: RateLimited | None = None
        self._tries = 0
        self.session: AgentSession

    async def start(self) -> None:
        """Start the agent.

        Raises:
            DriverUnavailable: It cannot be started.
        """
        await self._start(self._spec)

    async def walk(self, hear: Callable[[], Awaitable[object]]) -> TurnEnded:
        """Return how the last turn ended; *hear* takes in what people have said until then."""
        while True:
            end = await self._turn()
            self._tally.turn_ended()
            await self._asking.turn_ended()
            await hear()
            words = await self._held_up(end) or self._next_words(end)
            if not words or not await self._begin(words):
                self._words.give_up()
                return end

    async def _turn(self) -> TurnEnded:
        session = self.session
        self._words.session = session
        try:
            async with asyncio.TaskGroup() as beside:
                async for event in session.events():
                    if isinstance(event, TurnEnded):
                        return event
                    self._take(event)
                    if not self._speech.is_kept:
                        await until_kept(self._speech)
                    if isinstance(event, PermissionAsked):
                        beside.create_task(self._asking.permission(session, event))
        finally:
            self._words.session = None
        raise RuntimeError("the driver's events ended without TurnEnded")

    def _take(self, event: AgentEvent) -> None:
        self._speech.write(event)
        self._tally.take(event)
        if isinstance(event, RateLimited):
            self._limited = event
        elif not self._tally.facts.reason:
            self._limited = None  # it went on by itself
            self._tries = 0
        self._words.may_go_on = self._may_go_on()

    def _may_go_on(self) -> bool:
        if self.session.takes_words or self._tally.facts.session or self._driver.can_ask:
            return True
        return self._can_resume()

    def _can_resume(self) -> bool:
        """Whether its program goes on in sessions: Kimi tells which with its last line alone."""
        if not self._spec.program:
            return False
        from core.agents.invocation import program_of  # the driver of a known program has it

        program = program_of(self._spec)
        return program is not None and bool(program.resume)

    def _next_words(self, end: TurnEnded) -> str:
        """Return what people have said; also to an agent that broke off when it was denied."""
        return "" if end.outcome is TurnOutcome.FAILED else self._words.take()

    async def _held_up(self, end: TurnEnded) -> str:
        """Wait out a rate limit that ended the turn; return the words to go on with, or nothing."""
        limited, self._limited = self._limited, None
        if limited is None or end.outcome is not TurnOutcome.FAILED:
            return ""
        self._tries += 1
        if self._tries > _MOST_TRIES or not self._may_go_on():
            return ""
        now = self._clock.now()
        wait = timedelta(seconds=self._mine.order.retry_s) * 2 ** (self._tries - 1)
        until = limited.retry_at or now + min(wait, _LONGEST_WAIT)
        facts = self._tally.facts
        facts.reason, facts.retry_at = self._speech.mask(limited.reason), until
        self._speech.tell("state", f"{limited.reason} Next try at {until:%H:%M:%S} UTC.")
        await self._passed(until)
        facts.reason, facts.retry_at = "", None
        return "\n\n".join(filter(None, (_GO_ON, self._words.take())))

    async def _passed(self, until: datetime) -> None:
        """Wait by steps: somebody may move the clock, or suspend the machine."""
        left = (until - self._clock.now()).total_seconds()
        while left > 0:
            await asyncio.sleep(min(1.0, left))
            left = (until - self._clock.now()).total_seconds()

    async def _begin(self, words: str) -> bool:
        """Begin another turn with *words*, in this session or in a new process of it."""
        session = self.session
        try:
            if session.takes_words:
                with suppress(DriverUnavailable):  # it has just ended: then by a new process
                    await session.say(words)
                    await self._note_agent()
                    return True
            known = self._tally.facts.session
            if not known:
                self._speech.tell("error", f"It has ended and cannot hear: {words}")
                return False
            await session.close()
            self._tally.another_process()
            await self._start(replace(self._spec, session=known, prompt=words))
        except DriverUnavailable as error:
            self._speech.tell("error", f"{error} So it cannot hear: {words}")
            return False
        await self._note_agent()
        return True

    async def _start(self, spec: LaunchSpec) -> None:
        self.session = await self._driver.start(spec)
        self._words.may_go_on = self._may_go_on()

    async def _note_agent(self) -> None:
        try:
            await self._database.call(note_agent, self._mine, self.session.agent)
        except (EnvironmentFault, *DATABASE_ERRORS) as error:  # its tree is found without it
            logger.warning("the agent's process could not be recorded: %s", error)
