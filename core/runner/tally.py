"""What a run is known to do and to cost, gathered from its events."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from core.domain.agent_event import (
    AgentEvent,
    MessageChunk,
    PlanChanged,
    PlanState,
    RateLimited,
    SessionStarted,
    ToolCall,
    ToolState,
    UsageReported,
)
from core.queue.facts import STRETCH_S, STRETCHES, RunFacts

if TYPE_CHECKING:
    from core.runner.speech import Speech

_MICRO: Final = 1_000_000
PROGRAM: Final = "program"
PRICES: Final = "prices"


class Tally:
    """Keeps the facts of one run.

    Attributes:
        facts: As they are now, but for `message` and `activity`.
        paid_before: What earlier runs of the session cost in micro-dollars, None for unknown.
        heard_at: When the agent last gave a sign, on the monotonic clock.
    """

    def __init__(self, speech: Speech, *, hint: str, session: str = "") -> None:
        self._speech = speech
        self._hint = hint
        self._began = time.monotonic()
        self._stretches: dict[int, int] = {}
        self._counted = 0
        self._unpriced = False
        self._pricing: asyncio.Task[None] | None = None
        self._before = RunFacts()
        self.facts = RunFacts(session=session)
        self.paid_before: int | None = 0
        self.heard_at = self._began

    def take(self, event: AgentEvent) -> None:
        """Take what the agent said."""
        self.heard_at = time.monotonic()
        facts = self.facts
        match event:
            case SessionStarted(session, model):
                facts.session, facts.model = session or facts.session, model or facts.model
            case ToolCall(title, state=state):
                facts.tool = self._speech.mask(title) if state is ToolState.RUNNING else ""
                self._goes_on()
            case PlanChanged(entries):
                facts.plan_total = len(entries)
                facts.plan_done = sum(state is PlanState.DONE for _, state in entries)
            case UsageReported():
                self._use(event)
            case RateLimited(reason, retry_at):
                facts.reason, facts.retry_at = self._speech.mask(reason), retry_at
            case MessageChunk():
                self._goes_on()
            case _:
                pass

    def another_process(self) -> None:
        """Note that the session goes on in another process, whose totals begin at nothing."""
        self._before = replace(self.facts)

    def heard_now(self) -> None:
        """Note a sign of life that is no event."""
        self.heard_at = time.monotonic()

    def turn_ended(self) -> None:
        """Note that nothing is being done."""
        self.facts.tool = ""

    def _goes_on(self) -> None:
        self.facts.reason, self.facts.retry_at = "", None

    def _use(self, used: UsageReported) -> None:
        facts, before = self.facts, self._before
        facts.model = used.model or facts.model
        for name in ("input_tokens", "output_tokens", "cached_tokens"):
            told = getattr(used, name)
            if told is not None:
                setattr(facts, name, (getattr(before, name) or 0) + told)
        if used.cost_usd is not None:
            self._pay(round(used.cost_usd * _MICRO), of_session=used.of_session)
        self._unpriced = facts.cost_source != PROGRAM

    def _pay(self, told: int, *, of_session: bool) -> None:
        facts, before = self.facts, self._before
        if not of_session:
            facts.cost_micro = told
            if before.cost_source == PROGRAM:
                facts.cost_micro += before.cost_micro or 0
        elif self.paid_before is None:
            return
        else:
            facts.cost_micro = max(0, told - self.paid_before)
        facts.cost_source = PROGRAM

    def begin_pricing(self) -> None:
        """Begin to ask what the tokens cost, if the program has not said so."""
        if self._unpriced and (self._pricing is None or self._pricing.done()):
            self._unpriced = False
            self._pricing = asyncio.create_task(self._price())

    async def priced(self, limit_s: float) -> None:
        """Wait for a price that is asked for, but not long: unknown stays unknown."""
        self.begin_pricing()
        if self._pricing is not None:
            await asyncio.wait({self._pricing}, timeout=limit_s)
            self._pricing.cancel()

    async def _price(self) -> None:
        from core.agents.prices import price  # not before there is something to price

        facts = self.facts
        cost = await asyncio.to_thread(
            price,
            facts.model,
            self._hint,
            facts.input_tokens,
            facts.output_tokens,
            facts.cached_tokens,
        )
        if cost is not None and facts.cost_source != PROGRAM:
            facts.cost_micro, facts.cost_source = cost, PRICES

    def now(self) -> RunFacts:
        """Return the facts as they are to be kept."""
        return replace(self.facts, message=self._speech.last, activity=self._activity())

    def _activity(self) -> tuple[int, ...]:
        stretch = int((time.monotonic() - self._began) // STRETCH_S)
        fresh, self._counted = self._speech.lines - self._counted, self._speech.lines
        self._stretches[stretch] = self._stretches.get(stretch, 0) + fresh
        first = max(0, stretch - STRETCHES + 1)
        for old in [number for number in self._stretches if number < first]:
            del self._stretches[old]
        return tuple(self._stretches.get(number, 0) for number in range(first, stretch + 1))
