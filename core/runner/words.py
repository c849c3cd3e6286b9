"""What people say to a running agent: heard at once, or with its next turn."""

from __future__ import annotations

import asyncio
import logging
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from core.errors import EnvironmentFault
from core.runner.records import note_told
from core.store.connection import DATABASE_ERRORS

if TYPE_CHECKING:
    from core.agents.driver import AgentSession
    from core.clock import Clock
    from core.runner.database_thread import DatabaseThread
    from core.runner.records import Assignment
    from core.runner.speech import Speech
    from core.runner.standing import Standing

logger = logging.getLogger(__name__)
_DELIVERY_S: Final = 10.0


class Heard(StrEnum):
    """When an agent hears what was said."""

    NOW = "at once"
    LATER = "once it goes on"
    NEXT = "with its next turn"
    NEVER = "never"


class Words:
    """Holds what was said until the agent can hear it.

    Attributes:
        session: The session under way, if there is one.
        may_go_on: Whether a further turn is possible at all.
    """

    def __init__(
        self,
        mine: Assignment,
        speech: Speech,
        standing: Standing,
        database: DatabaseThread,
        clock: Clock,
    ) -> None:
        self._mine = mine
        self._speech = speech
        self._standing = standing
        self._database = database
        self._clock = clock
        self._waiting: list[str] = []
        self.session: AgentSession | None = None
        self.may_go_on = False

    async def say(self, text: str, by: str) -> None:
        """Say *text* now if the agent takes words in mid-turn, else keep it for the next one."""
        heard = Heard.NEVER
        if await self._steered(text):
            heard = Heard.LATER if self._standing.is_held else Heard.NOW
        elif self.may_go_on:
            self._waiting.append(text)
            heard = Heard.NEXT
        self._speech.tell("state", f"{by}, heard {heard.value}: {text}", by=by)
        try:
            await self._database.call(
                note_told, self._mine, heard.value, text=text, now=self._clock.now(), actor=by
            )
        except (EnvironmentFault, *DATABASE_ERRORS) as error:  # said it is; never say it twice
            logger.warning("that %s said something could not be recorded: %s", by, error)

    async def _steered(self, text: str) -> bool:
        """Whether the agent took *text* in mid-turn; one that reads nothing is not waited for."""
        if self.session is None:
            return False
        try:
            async with asyncio.timeout(_DELIVERY_S):
                return await self.session.steer(text)
        except TimeoutError:
            return False

    def take(self) -> str:
        """Return what waits for the next turn, and forget it."""
        found, self._waiting = "\n\n".join(self._waiting), []
        return found

    def give_up(self) -> None:
        """Say of what still waits that it will not be heard."""
        for text in self._waiting:
            self._speech.tell("error", f"It ended before it could hear: {text}")
        self._waiting = []
