"""What an agent asks: decided by its policy, or put to a person whose answer is passed on."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

from core.agents import permissions
from core.agents.permissions import Verdict as Leave
from core.domain.question import QuestionKind
from core.errors import EnvironmentFault, UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from core.agents.driver import AgentSession
    from core.clock import Clock
    from core.domain.agent_event import PermissionAsked
    from core.domain.question import Question, QuestionOption
    from core.runner.database_thread import DatabaseThread
    from core.runner.records import Assignment
    from core.runner.speech import Speech
    from core.runner.standing import Standing
    from core.runner.words import Words

P = ParamSpec("P")
R = TypeVar("R")
logger = logging.getLogger(__name__)
_TRY_AGAIN_S: Final = 1.0
_LOOK_AGAIN_S: Final = 2.0
"""How often answers are looked for although nothing seems to have been committed."""
_DELIVERY_S: Final = 10.0
"""How long an agent may take to read an answer; it may be stuck."""
_OWN: Final = "weft"
"""Stands for the asker's own name where Weft itself or the agent's tools ask."""
_WORD: Final = {Leave.ALLOW: "yes", Leave.DENY: "no"}


@dataclass(slots=True)
class _Open:
    """A question that waits for its answer: of a session, or of whoever awaits `heard`."""

    title: str
    event: PermissionAsked | None = None
    session: AgentSession | None = None
    heard: asyncio.Future[Question] | None = None


class Asking:
    """The open questions of one run.

    Attributes:
        denied: Titles of what was refused, by a rule or a person.
    """

    def __init__(
        self,
        mine: Assignment,
        speech: Speech,
        standing: Standing,
        words: Words,
        database: DatabaseThread,
        clock: Clock,
    ) -> None:
        self._mine = mine
        self._speech = speech
        self._standing = standing
        self._words = words
        self._database = database
        self._clock = clock
        self._open: dict[int, _Open] = {}
        self._remembered: frozenset[str] = frozenset()
        self._looked_at = 0.0
        self.denied: list[str] = []

    async def permission(self, session: AgentSession, event: PermissionAsked) -> None:
        """Decide a request by the policy, or put it to a person."""
        decision = permissions.decide(
            event,
            worktree=self._mine.worktree,
            policy=self._mine.order.permissions,
            remembered=self._remembered,
        )
        if decision.verdict is not Leave.ASK:
            self._note(decision.verdict, event, decision.why)
            await session.answer(event.token, decision.option_id or _WORD[decision.verdict])
            return
        kind = QuestionKind.PERMISSION if event.options else QuestionKind.QUESTION
        await self._put(
            _Open(event.title, event, session),
            kind,
            detail=event.detail,
            options=permissions.choices(event),
            token=event.token,
        )

    async def question(
        self,
        kind: QuestionKind,
        title: str,
        *,
        detail: str = "",
        options: Iterable[QuestionOption] = (),
    ) -> tuple[int, asyncio.Future[Question]]:
        """Ask a person; return the question's id and what its answer will come as.

        Whoever cancels that future has gone: the answer is then said to the agent in words.
        """
        heard: asyncio.Future[Question] = asyncio.get_running_loop().create_future()
        self._speech.tell("question", f"{title}\n{detail}".strip())
        number = await self._put(
            _Open(title, heard=heard), kind, detail=detail, options=options, token=_OWN
        )
        return number, heard

    @property
    def is_due(self) -> bool:
        """Whether answers should be looked for, whatever seems to be new."""
        return bool(self._open) and time.monotonic() - self._looked_at > _LOOK_AGAIN_S

    async def look(self) -> None:
        """Pass on what has been answered since the last look."""
        self._looked_at = time.monotonic()
        if not self._open:
            return
        from core.queue import questions

        for answered in await self._database.call(questions.answered, tuple(self._open)):
            mine = self._open.pop(answered.id, None)
            self._standing.asks.discard(answered.id)
            if mine is not None:
                await self._pass_on(answered, mine)
            await self._standing.settle(answered.answered_by)

    async def turn_ended(self) -> None:
        """Withdraw what the turn asked and does not wait for any more."""
        gone = [number for number, mine in self._open.items() if mine.event is not None]
        if not gone:
            return
        from core.queue import questions

        for number in gone:
            del self._open[number]
            self._standing.asks.discard(number)
        await self._surely(questions.close, gone, why="the end of its turn", now=self._clock.now())
        await self._standing.settle("weft")

    async def _put(
        self,
        mine: _Open,
        kind: QuestionKind,
        *,
        detail: str,
        options: Iterable[QuestionOption],
        token: str,
    ) -> int:
        from core.queue import questions  # with the row classes: loaded for the first one

        number = await self._surely(
            questions.ask,
            self._mine.run,
            token,
            kind,
            self._speech.mask(mine.title),
            detail=self._speech.mask(detail),
            options=tuple(options),
            now=self._clock.now(),
        )
        self._open[number] = mine
        self._standing.asks.add(number)
        await self._standing.settle(self._mine.worker)
        return number

    async def _pass_on(self, answered: Question, mine: _Open) -> None:
        label = next((o.label for o in answered.options if o.id == answered.answer), "")
        said = label or answered.answer
        self._speech.tell("question", f"{answered.answered_by}: {said}", by=answered.answered_by)
        if mine.event is not None and mine.session is not None:
            await self._answer_agent(mine.session, mine.event, answered)
        elif mine.heard is not None and not mine.heard.done():
            mine.heard.set_result(answered)
        else:  # whoever asked has gone: its tool call gave up, or its time was over
            text = f"The answer to your question {mine.title!r} is: {said}"
            await self._words.say(text, answered.answered_by)

    async def _answer_agent(
        self, session: AgentSession, event: PermissionAsked, answered: Question
    ) -> None:
        words = answered.answer
        if event.options:
            try:
                meant = permissions.understood(event, words)
            except UserError as error:
                self._speech.tell("error", str(error))
                await self.permission(session, event)
                return
            if meant.remember:
                self._remembered |= {meant.remember}
            self._note(meant.verdict, event, f"{answered.answered_by} said so.")
            words = meant.option_id or _WORD[meant.verdict]
        try:
            async with asyncio.timeout(_DELIVERY_S):
                heard = await session.answer(event.token, words)
        except TimeoutError:
            heard = False
        if not heard:
            self._speech.tell("error", "The agent did not wait for that answer any more.")

    def _note(self, verdict: Leave, event: PermissionAsked, why: str) -> None:
        if verdict is Leave.DENY:
            self.denied.append(event.title)
        word = "Allowed" if verdict is Leave.ALLOW else "Denied"
        self._speech.tell("question", f"{word}: {event.title} ({why})")

    async def _surely(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Write, and while the database cannot be written try again: the agent waits anyway."""
        while True:
            try:
                return await self._database.call(function, *args, **kwargs)
            except EnvironmentFault as error:
                logger.warning("a question could not be recorded yet: %s", error)
                await asyncio.sleep(_TRY_AGAIN_S)
