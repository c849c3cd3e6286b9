"""Sums of what runs have used."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from core.clock import to_ms
from core.domain.task import NewTask
from core.domain.usage import Usage
from core.queue.facts import paid_in
from core.queue.usage import usage_of, usage_report
from core.store.schema import RunRow, TaskRow
from core.tasks import board

if TYPE_CHECKING:
    from core.domain.repo import Repo
    from tests.core.conftest import SteadyClock

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def ran(
    repo: Repo, key: str, worker: str, at: datetime, used: tuple[int, int, int] | None, cost: object
) -> None:
    task = TaskRow.get(TaskRow.key == key)
    read, written, cached = used or (None, None, None)
    RunRow.create(
        id=f"run-{RunRow.select().count()}", repo=repo.id, task=task.id, worker_name=worker,
        agent="claude", status="done", fence=1, token="", worktree="", branch="", base_sha="",
        started_ms=to_ms(at), input_tokens=read, output_tokens=written, cached_tokens=cached,
        cost_micro=cost,
    )  # fmt: skip


@pytest.fixture
def used(board_repo: Repo, clock: SteadyClock) -> Repo:
    for key in ("a", "b"):
        board.add_task(board_repo, NewTask(key, key=key), now=clock.now(), actor="person")
    ran(board_repo, "a", "agent-1", NOON, (100, 10, 40), 2_000_000)
    ran(board_repo, "a", "agent-2", NOON + timedelta(days=1), (50, 5, 0), None)
    ran(board_repo, "b", "agent-1", NOON, None, 500_000)
    return board_repo


def test_sums_hold_what_is_known_and_count_what_is_not(used: Repo) -> None:
    assert usage_of(used) == Usage(3, 150, 15, 40, 2.5, 1)
    assert usage_of(used, task="A") == Usage(2, 150, 15, 40, 2.0, 1)
    assert usage_of(used, worker="agent-1", day=date(2026, 3, 1)) == Usage(2, 100, 10, 40, 2.5, 0)


def test_a_cost_that_nobody_knows_is_none_and_not_nothing(used: Repo) -> None:
    assert usage_of(used, day=date(2026, 3, 2)).cost_usd is None
    assert usage_of(used, task="none") == Usage()


def test_shares_name_what_cost_most_first_and_days_in_order(used: Repo) -> None:
    found = usage_report(used)

    assert [(share.name, share.usage.cost_usd) for share in found.tasks] == [("a", 2.0), ("b", 0.5)]
    assert [share.name for share in found.workers] == ["agent-1", "agent-2"]
    assert [share.name for share in found.days] == ["2026-03-01", "2026-03-02"]


def test_what_the_other_runs_of_a_session_cost_is_unknown_if_one_of_them_is(used: Repo) -> None:
    RunRow.update(session="one").where(RunRow.id.in_(["run-0", "run-2"])).execute()
    RunRow.update(session="two").where(RunRow.id.in_(["run-1"])).execute()

    assert paid_in("one", but="") == 2_500_000
    assert paid_in("one", but="run-0") == 500_000
    assert paid_in("two", but="") is None
    assert paid_in("nobody's", but="") == 0
