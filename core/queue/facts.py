"""Facts of a live run that change all the time: written often, without events, in one go."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.clock import to_ms
from core.store.plain import change, select
from core.store.transactions import transaction

if TYPE_CHECKING:
    from datetime import datetime

LONGEST_MESSAGE: Final = 500
STRETCH_S: Final = 10
"""Length of one stretch of `activity`."""
STRETCHES: Final = 30
_WRITE: Final = """\
UPDATE run SET
    last_message = ?, session = ?, model = ?, input_tokens = ?, output_tokens = ?,
    cached_tokens = ?, cost_micro = ?, cost_source = ?, tool = ?, plan_done = ?, plan_total = ?,
    activity = ?, retry_ms = ?, reason = ?
WHERE id = ?
"""
_SPENT_ON_TASK: Final = """\
SELECT coalesce((SELECT sum(cost_micro) FROM run WHERE task_id = task.id), 0), budget_micro
FROM task WHERE repo_id = ? AND key = ?
"""
_SPENT_SINCE: Final = """\
SELECT coalesce(sum(cost_micro), 0) FROM run WHERE repo_id = ? AND started_ms >= ?
"""
_ALLOW: Final = "UPDATE task SET budget_micro = ? WHERE repo_id = ? AND key = ?"
_PAID: Final = """\
SELECT count(*), count(cost_micro), coalesce(sum(cost_micro), 0)
FROM run WHERE session = ? AND id <> ?
"""


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
        change(
            _WRITE,
            facts.message[:LONGEST_MESSAGE],
            facts.session or None,
            facts.model,
            facts.input_tokens,
            facts.output_tokens,
            facts.cached_tokens,
            facts.cost_micro,
            facts.cost_source,
            facts.tool,
            facts.plan_done,
            facts.plan_total,
            json.dumps(facts.activity),
            retry,
            facts.reason,
            run_id,
        )


def spent(repo_id: int, task_key: str, since: datetime) -> tuple[int, int, int | None]:
    """Return micro-dollars: of a task, of the repository since *since*, and allowed for the task.

    What is not known is not counted. The last is None unless a person allowed a figure of its own.
    """
    of_task, allowed = select(_SPENT_ON_TASK, repo_id, task_key)[0]
    of_day = select(_SPENT_SINCE, repo_id, to_ms(since))[0][0]
    return of_task, of_day, allowed


def paid_in(session: str, *, but: str) -> int | None:
    """Return what the runs of an agent's session cost in micro-dollars, all *but* one.

    None when it is not known of each of them.
    """
    runs, known, paid = select(_PAID, session, but)[0]
    return paid if known == runs else None


def allow(repo_id: int, task_key: str, micro: int) -> None:
    """Keep how much a person allowed for one task, in place of the settings' figure."""
    with transaction():
        change(_ALLOW, micro, repo_id, task_key)
