"""Budgets: what a task and a day may cost before a person is asked; meanwhile the run is held."""

from __future__ import annotations

import asyncio
from datetime import datetime, time
from typing import TYPE_CHECKING, Final

from core.domain.question import OptionKind, QuestionKind, QuestionOption
from core.domain.run import RunStatus
from core.queue import facts
from core.runner.standing import BUDGET
from core.runner.verdict import Verdict

if TYPE_CHECKING:
    from core.clock import Clock
    from core.runner.asking import Asking
    from core.runner.database_thread import DatabaseThread
    from core.runner.records import Assignment
    from core.runner.standing import Standing

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
        self._day_limit = self._day_step
        self._seen: int | None = None
        self._asked: asyncio.Task[Verdict | None] | None = None

    async def look(self, cost_micro: int | None) -> Verdict | None:
        """Ask a person once a budget is spent; return a verdict when they say stop."""
        if self._asked is not None:
            return self._asked.result() if self._asked.done() and self._clear() else None
        if cost_micro == self._seen or not (self._task_step or self._day_step):
            return None
        self._seen = cost_micro
        today = datetime.combine(self._clock.now().date(), time.min, self._clock.now().tzinfo)
        task, day, allowed = await self._database.call(
            facts.spent, self._mine.repo.id, self._mine.task, today
        )
        task_limit = allowed or self._task_step
        if self._task_step and task >= task_limit:
            self._asked = asyncio.create_task(self._ask_for_task(task, task_limit))
        elif self._day_step and day >= self._day_limit:
            self._asked = asyncio.create_task(self._ask_for_day(day))
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

    async def _ask_for_day(self, spent: int) -> Verdict | None:
        said = f"The runs of today have cost {_usd(spent)} of {_usd(self._day_limit)}."
        stop = await self._ask(said, self._day_step)
        self._day_limit = spent + self._day_step
        return stop

    async def _ask(self, said: str, more: int) -> Verdict | None:
        self._standing.hold(BUDGET)
        _, heard = await self._asking.question(
            QuestionKind.BUDGET,
            f"{said} Go on?",
            options=(
                QuestionOption(_MORE, f"Allow {_usd(more)} more", OptionKind.ALLOW_ONCE),
                QuestionOption(_STOP, "Stop the run", OptionKind.DENY),
            ),
        )
        answered = await heard
        self._standing.let_go(BUDGET)
        if answered.answer == _MORE:
            return None
        return Verdict(RunStatus.ABORTED, f"{said} {answered.answered_by} stopped it.")

    def _clear(self) -> bool:
        asked, self._asked = self._asked, None
        if asked is not None and asked.result() is not None:
            self._asked = asked  # the verdict stays
        return True


def _usd(micro: int) -> str:
    return f"${micro / _MICRO:.2f}"
