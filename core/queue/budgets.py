"""Budgets that are spent, and the sentences with which starts wait for them."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, time
from typing import TYPE_CHECKING, Final

from core.clock import to_ms
from core.domain.task import TaskStatus
from core.queue.allowances import day_allowance
from core.store.schema import RunRow, TaskRow, as_tuples

if TYPE_CHECKING:
    from core.domain.repo import Repo

_MICRO: Final = 1_000_000


def day_spent(repo: Repo, budget_usd: float, *, now: datetime) -> str:
    """Return the sentence of a spent budget of the day (UTC); empty while there is some left.

    Costs that are not known are not counted. Zero is no budget. What a person allowed for the day
    when a run asked counts in place of *budget_usd*.
    """
    if not budget_usd:
        return ""
    allowed = day_allowance(repo.id, now.date())
    if allowed is not None:
        budget_usd = max(budget_usd, allowed.micro / _MICRO)
    today = datetime.combine(now.date(), time.min, now.tzinfo)
    costs = RunRow.select(RunRow.cost_micro).where(
        RunRow.repo == repo.id,
        RunRow.started_ms >= to_ms(today),
        RunRow.cost_micro.is_null(False),
    )
    spent = sum(cost for (cost,) in as_tuples(costs)) / _MICRO
    if spent < budget_usd:
        return ""
    return f"The day's budget is spent (${spent:.2f} of ${budget_usd:.2f}); it is new at 00:00 UTC."


def tasks_spent(repo: Repo, budget_usd: float) -> dict[str, str]:
    """Return key → sentence for tasks of the backlog whose budget is spent; none without budget.

    What a person allowed for a task alone counts in place of *budget_usd*.
    """
    if not budget_usd:
        return {}
    query = (
        RunRow.select(TaskRow.key, TaskRow.budget_micro, RunRow.cost_micro)
        .join(TaskRow)
        .where(
            RunRow.repo == repo.id,
            TaskRow.status == TaskStatus.BACKLOG.value,
            RunRow.cost_micro.is_null(False),
        )
    )
    spent: defaultdict[tuple[str, int], int] = defaultdict(int)
    for key, allowed, cost in as_tuples(query):
        spent[key, allowed or round(budget_usd * _MICRO)] += cost
    return {
        key: f"Its budget is spent (${cost / _MICRO:.2f} of ${allowed / _MICRO:.2f})."
        for (key, allowed), cost in spent.items()
        if cost >= allowed
    }
