"""Budgets that are spent hold the starts of agents back, and say how much it was."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from core.domain.task import NewTask
from core.domain.worker import WorkerType
from core.queue import claims, outcomes
from core.queue.budgets import day_spent, tasks_spent
from core.store.schema import RunRow, TaskRow
from core.tasks import board
from core.workers.registry import add_worker
from tests.core.conftest import terms

if TYPE_CHECKING:
    from core.domain.repo import Repo
    from tests.core.conftest import SteadyClock


@pytest.fixture
def cost(board_repo: Repo, clock: SteadyClock) -> Repo:
    """A task in the backlog, whose run of today cost two dollars."""
    now = clock.now()
    board.add_task(board_repo, NewTask("Dear", key="dear"), now=now, actor="person")
    add_worker(board_repo, "agent-1", WorkerType.AGENT, agent="quick", now=now, actor="person")
    claim = claims.claim_task(board_repo, "dear", "agent-1", terms(), now=now, actor="person")
    outcomes.run_created(board_repo, claim, agent="quick", profile={}, now=now, actor="person")
    RunRow.update(cost_micro=2_000_000, status="failed").execute()
    claims.release(board_repo, "dear", why="test", now=now, actor="person")
    return board_repo


def test_the_day_s_budget_counts_today_s_runs_alone(cost: Repo, clock: SteadyClock) -> None:
    said = "The day's budget is spent ($2.00 of $1.50); it is new at 00:00 UTC."

    assert day_spent(cost, 1.5, now=clock.now()) == said
    assert day_spent(cost, 2.5, now=clock.now()) == ""
    assert day_spent(cost, 0, now=clock.now()) == ""
    assert day_spent(cost, 1.5, now=clock.now() + timedelta(days=1)) == ""


def test_what_a_person_allowed_for_a_task_counts_in_place_of_the_setting(cost: Repo) -> None:
    assert tasks_spent(cost, 2) == {"dear": "Its budget is spent ($2.00 of $2.00)."}
    assert tasks_spent(cost, 0) == {}

    TaskRow.update(budget_micro=5_000_000).execute()
    assert tasks_spent(cost, 2) == {}
