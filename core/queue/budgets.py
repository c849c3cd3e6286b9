"""Budgets that are spent, the sentences with which starts wait, and what was allowed beyond."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, Final

from core.clock import to_ms
from core.domain.task import TaskStatus
from core.store.schema import RunRow, SettingRow, TaskRow, as_tuples
from core.store.transactions import transaction

if TYPE_CHECKING:
    from datetime import date

    from core.domain.repo import Repo

_MICRO: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the runs of one day may cost in all, in micro-dollars, and who said so."""

    micro: int
    actor: str


def allow_day(repo_id: int, day: date, micro: int, *, actor: str) -> None:
    """Keep what a person allowed for all runs of one day (UTC) in place of the settings' figure.

    It never lowers what was allowed before: two who answer at once both get what they said.
    """
    with transaction():
        before = day_allowance(repo_id, day)
        if before is None or before.micro < micro:
            value = json.dumps({"micro": micro, "actor": actor})
            SettingRow.delete().where(SettingRow.name == _key(repo_id, day)).execute()
            SettingRow.create(name=_key(repo_id, day), value=value)


def day_allowance(repo_id: int, day: date) -> Allowance | None:
    """Return what a person allowed for one day (UTC), if anybody did."""
    row = SettingRow.get_or_none(SettingRow.name == _key(repo_id, day))
    return None if row is None else Allowance(**json.loads(row.value))


def _key(repo_id: int, day: date) -> str:
    return f"budget:{repo_id}:{day.isoformat()}"


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
