"""Facts of a live run that change all the time: written often, without events, in one go."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.clock import to_ms
from core.store.schema import RunRow, TaskRow
from core.store.transactions import transaction

if TYPE_CHECKING:
    from datetime import datetime

LONGEST_MESSAGE: Final = 500
STRETCH_S: Final = 10
"""Length of one stretch of `activity`."""
STRETCHES: Final = 30


@dataclass(slots=True)
class RunFacts:
    """What a run has told so far; None and empty where nothing is known.

    Attributes:
        message: The last thing that it said.
        session: The agent's own name for the session.
        model: The model that works.
        input_tokens: Tokens read, those from a cache included.
        output_tokens: Tokens written.
        cached_tokens: Those of `input_tokens` that came from a cache.
        cost_micro: Cost in micro-dollars.
        cost_source: `program`, `prices` or empty for unknown.
        tool: What it does right now.
        plan_done: Entries of its plan that are done.
        plan_total: Entries of its plan.
        activity: Lines in each of the last stretches of 10 s, oldest first.
        retry_at: When a rate limit lets it try again.
        reason: What it waits for, while it does.
    """

    message: str = ""
    session: str = ""
    model: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    cost_micro: int | None = None
    cost_source: str = ""
    tool: str = ""
    plan_done: int = 0
    plan_total: int = 0
    activity: tuple[int, ...] = ()
    retry_at: datetime | None = None
    reason: str = ""


def write(run_id: str, facts: RunFacts) -> None:
    """Keep *facts* in the run's row; no event: the transcript and the end of the run hold them."""
    retry = None if facts.retry_at is None else to_ms(facts.retry_at)
    with transaction():
        RunRow.update(
            last_message=facts.message[:LONGEST_MESSAGE],
            session=facts.session or None,
            model=facts.model,
            input_tokens=facts.input_tokens,
            output_tokens=facts.output_tokens,
            cached_tokens=facts.cached_tokens,
            cost_micro=facts.cost_micro,
            cost_source=facts.cost_source,
            tool=facts.tool,
            plan_done=facts.plan_done,
            plan_total=facts.plan_total,
            activity=json.dumps(facts.activity),
            retry_ms=retry,
            reason=facts.reason,
        ).where(RunRow.id == run_id).execute()


def spent(repo_id: int, task_key: str, since: datetime) -> tuple[int, int, int | None]:
    """Return micro-dollars: of a task, of the repository since *since*, and allowed for the task.

    What is not known is not counted. The last is None unless a person allowed a figure of its own.
    """
    task = TaskRow.get(TaskRow.repo == repo_id, TaskRow.key == task_key)
    known = RunRow.select(RunRow.cost_micro).where(RunRow.repo == repo_id)
    of_task = known.where(RunRow.task == task.id)
    of_day = known.where(RunRow.started_ms >= to_ms(since))
    sums = [sum(row.cost_micro or 0 for row in rows) for rows in (of_task, of_day)]
    return sums[0], sums[1], task.budget_micro


def paid_in(session: str, *, but: str) -> int | None:
    """Return what the runs of an agent's session cost in micro-dollars, all *but* one.

    None when it is not known of each of them.
    """
    rows = RunRow.select(RunRow.cost_micro).where(RunRow.session == session, RunRow.id != but)
    costs: list[int | None] = [row.cost_micro for row in rows]
    known = [cost for cost in costs if cost is not None]
    return sum(known) if len(known) == len(costs) else None


def allow(repo_id: int, task_key: str, micro: int) -> None:
    """Keep how much a person allowed for one task, in place of the settings' figure."""
    with transaction():
        TaskRow.update(budget_micro=micro).where(
            TaskRow.repo == repo_id, TaskRow.key == task_key
        ).execute()
