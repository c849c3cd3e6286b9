"""Budgets: what a task and a day may cost before a person is asked; meanwhile the run is held."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from datetime import datetime
from datetime import time as daytime
from typing import TYPE_CHECKING, Final

from core.domain.question import OptionKind, QuestionKind, QuestionOption
from core.domain.run import RunStatus
from core.errors import Refused
from core.queue import allowances, facts
from core.runner.standing import BUDGET
from core.runner.verdict import Verdict

if TYPE_CHECKING:
    from core.clock import Clock
    from core.domain.question import Question
    from core.runner.asking import Asking
    from core.runner.database_thread import DatabaseThread
    from core.runner.records import Assignment
    from core.runner.standing import Standing

AGAIN_S: Final = 2.0
"""How often the day is looked at although this run costs nothing new: others spend it too."""
_MICRO: Final = 1_000_000
_MORE: Final = "allow"
_STOP: Final = "deny"


class Budget:
    """Watches what one run and those beside it have cost."""

    def __init__(
        self,
        mine: Assignment,
        standing: Standing,
        asking: Asking,
        database: DatabaseThread,
        clock: Clock,
    ) -> None:
        self._mine = mine
        self._standing = standing
        self._asking = asking
        self._database = database
        self._clock = clock
        self._task_step = round(mine.order.budget_task_usd * _MICRO)
        self._day_step = round(mine.order.budget_day_usd * _MICRO)
        self._seen: int | None = None
        self._looked = 0.0
        self._asked: asyncio.Task[Verdict | None] | None = None
        self._asked_for_day: int | None = None

    async def look(self, cost_micro: int | None) -> Verdict | None:
        """Ask a person once a budget is spent; return a verdict when they say stop."""
        if self._asked is not None:
            return await self._look_at_answer(self._asked)
        if not (self._task_step or self._day_step):
            return None
        is_same = cost_micro == self._seen
        if is_same and not (self._day_step and self._is_due()):
            return None
        self._seen, self._looked = cost_micro, time.monotonic()
        task, day, allowed = await self._spent()
        task_limit = allowed or self._task_step
        if self._task_step and task >= task_limit:
            self._asked = asyncio.create_task(self._ask_for_task(task, task_limit))
            return None
        day_limit = await self._day_limit()
        if self._day_step and day >= day_limit:
            self._asked = asyncio.create_task(self._ask_for_day(day, day_limit))
        return None

    def stop(self) -> None:
        """Ask no more."""
        if self._asked is not None:
            self._asked.cancel()

    async def _ask_for_task(self, spent: int, limit: int) -> Verdict | None:
        said = f"{self._mine.task} has cost {_usd(spent)} of {_usd(limit)}."
        stop = await self._ask(said, self._task_step)
        if stop is None:
            await self._database.call(
                facts.allow, self._mine.repo.id, self._mine.task, spent + self._task_step
            )
        return stop

    async def _ask_for_day(self, spent: int, limit: int) -> Verdict | None:
        today = self._clock.now().date()
        said = f"The runs of today have cost {_usd(spent)} of {_usd(limit)}."
        number, heard = await self._put(said, self._day_step)
        self._asked_for_day = number
        answered = await heard
        self._asked_for_day = None
        stop = self._decided(answered, said)
        if stop is None:
            await self._database.call(
                allowances.allow_day,
                self._mine.repo.id,
                today,
                spent + self._day_step,
                actor=answered.answered_by or "",
            )
        return stop

    async def _look_at_answer(self, asked: asyncio.Task[Verdict | None]) -> Verdict | None:
        """Return the verdict of an answer; without an answer see what others were told."""
        if not asked.done():
            if self._asked_for_day is not None and self._is_due():
                await self._hear_of_others(self._asked_for_day)
            return None
        stop = asked.result()
        if stop is None:  # else the verdict stays
            self._asked = None
        return stop

    async def _hear_of_others(self, question: int) -> None:
        """Take what a person allowed when another run asked for an answer to this one's too."""
        self._looked = time.monotonic()
        today = self._clock.now().date()
        allowed = await self._database.call(allowances.day_allowance, self._mine.repo.id, today)
        _, day, _ = await self._spent()
        if allowed is None or day >= allowed.micro:
            return
        from core.queue import questions  # with the row classes: loaded when one is open

        with suppress(Refused):  # answered in the meantime
            await self._database.call(
                questions.answer, question, _MORE, now=self._clock.now(), actor=allowed.actor
            )

    async def _spent(self) -> tuple[int, int, int | None]:
        now = self._clock.now()
        today = datetime.combine(now.date(), daytime.min, now.tzinfo)
        return await self._database.call(facts.spent, self._mine.repo.id, self._mine.task, today)

    async def _day_limit(self) -> int:
        today = self._clock.now().date()
        allowed = await self._database.call(allowances.day_allowance, self._mine.repo.id, today)
        return max(self._day_step, allowed.micro if allowed else 0)

    def _is_due(self) -> bool:
        return time.monotonic() - self._looked >= AGAIN_S

    async def _ask(self, said: str, more: int) -> Verdict | None:
        _, heard = await self._put(said, more)
        return self._decided(await heard, said)

    async def _put(self, said: str, more: int) -> tuple[int, asyncio.Future[Question]]:
        self._standing.hold(BUDGET)
        return await self._asking.question(
            QuestionKind.BUDGET,
            f"{said} Go on?",
            options=(
                QuestionOption(_MORE, f"Allow {_usd(more)} more", OptionKind.ALLOW_ONCE),
                QuestionOption(_STOP, "Stop the run", OptionKind.DENY),
            ),
        )

    def _decided(self, answered: Question, said: str) -> Verdict | None:
        self._standing.let_go(BUDGET)
        if answered.answer == _MORE:
            return None
        return Verdict(RunStatus.ABORTED, f"{said} {answered.answered_by} stopped it.")


def _usd(micro: int) -> str:
    return f"${micro / _MICRO:.2f}"
