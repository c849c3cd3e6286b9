"""How many agents there should be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from core.dispatch.scaling import RETIRE_AFTER, Change, Crew, change
from core.domain.worker import Worker, WorkerStatus, WorkerType

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - RETIRE_AFTER


def agent(number: int, *, busy: bool = False, since: datetime = NOW) -> Worker:
    return Worker(
        f"agent-quick-{number}", WorkerType.AGENT, WorkerStatus.AVAILABLE, (), "quick",
        "task-1" if busy else None, None, NOW, idle_since=None if busy else since,
    )  # fmt: skip


def wanted(*agents: Worker, **more: Any) -> Change:
    plain = {"floor": 0, "ceiling": 4, "runs": 10, "ready": 0}
    return change(Crew(agents=agents, **{**plain, **more}), NOW)


def test_the_floor_is_kept_whatever_waits() -> None:
    assert wanted(agent(1), floor=3).add == 2


def test_a_floor_above_the_ceiling_never_passes_it() -> None:
    assert wanted(agent(1), floor=5, ceiling=2).add == 1
    assert wanted(floor=5, ceiling=0) == Change()


def test_what_waits_brings_agents_up_to_ceiling_and_places() -> None:
    assert wanted(agent(1, busy=True), ready=2).add == 2
    assert wanted(agent(1, busy=True), ready=9).add == 3
    assert wanted(agent(1, busy=True), ready=9, runs=2).add == 1
    assert wanted(ready=1).why == "1 task waits and nobody is idle."


def test_a_machine_that_bears_no_more_gets_no_more_and_says_why() -> None:
    held = wanted(agent(1, busy=True), ready=2, holds="Starts when memory is free.")

    assert held == Change(why="Starts when memory is free.")


def test_who_is_idle_for_long_goes_the_last_one_first_down_to_the_floor() -> None:
    idle = [agent(number, since=LONG_AGO) for number in (1, 2, 3)]

    assert wanted(*idle).retire == ("agent-quick-3", "agent-quick-2", "agent-quick-1")
    assert wanted(*idle, floor=2).retire == ("agent-quick-3",)
    assert wanted(agent(1, since=LONG_AGO + timedelta(seconds=1))).retire == ()
    assert wanted(*idle, ready=1, ceiling=3).retire == ()
    assert wanted(agent(1, busy=True)).retire == ()


def test_a_lower_ceiling_retires_the_idle_at_once() -> None:
    assert wanted(agent(1), agent(2), agent(3, busy=True), ceiling=1).retire == (
        "agent-quick-2",
        "agent-quick-1",
    )
