"""What happens to machines, often: killed windows and runners, reused pids, sleep, clocks."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import pytest

from tests.faults import accidents, left_over
from tests.run_fixtures import bytecode, project

if TYPE_CHECKING:
    from tests.benchmarks.conftest import Tally
    from tests.runs import RunProject

__all__ = ["bytecode", "project"]
pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(sys.platform != "linux", reason="signals and /proc"),
]
TIMES: Final = 100
FEW_TIMES: Final = 10
ATTACHED_S: Final = 2.0
STOPPED_S: Final = 5.0
RECOVERED_S: Final = 5.0


async def test_windows_are_killed_over_one_run(project: RunProject, tally: Tally) -> None:
    slowest, lines = await accidents.windows_are_killed(project, TIMES)

    tally(
        f"kill -9 of {TIMES} windows over one run: the same agent {TIMES} of {TIMES} times, "
        f"{lines} of {lines} lines of its transcript there, seen again within {slowest:.1f} s "
        f"(goal {ATTACHED_S:g} s)"
    )
    assert slowest < 4 * ATTACHED_S  # on a busy machine; the goal is told beside it


async def test_runners_are_killed(project: RunProject, tally: Tally) -> None:
    slowest = await left_over.runners_are_killed(project, TIMES)

    tally(
        f"kill -9 of {TIMES} runners over live agents: each agent was ended and its task free "
        f"within {slowest:.1f} s (goal: a lease, {left_over.LEASE.seconds} s); never two agents in "
        f"the worktree"
    )
    assert slowest < left_over.LEASE.total_seconds()


async def test_runners_are_killed_together(project: RunProject, tally: Tally) -> None:
    took = await left_over.runners_are_killed_together(project, FEW_TIMES)

    tally(
        f"kill -9 of {FEW_TIMES} runners at once, whose agents hear no signal: all ended and every "
        f"task free within {took:.1f} s (goal {RECOVERED_S:g} s)"
    )
    assert took < 2 * RECOVERED_S  # on a busy machine


async def test_agents_try_to_escape(project: RunProject, tally: Tally) -> None:
    slowest, ended = await left_over.escapees_are_stopped(project, FEW_TIMES)

    tally(
        f"{FEW_TIMES} runs stopped whose agents leave zombies, deaf daemons and processes without "
        f"environment: {ended} of {ended} gone within {slowest:.1f} s (goal {STOPPED_S:g} s)"
    )
    assert slowest < 2 * STOPPED_S  # on a busy machine


def test_pids_are_reused(tally: Tally) -> None:
    spared = accidents.pids_are_reused(TIMES)

    tally(f"pids reused by force: {spared} of {TIMES} strangers left alone")
    assert spared == TIMES


async def test_runners_sleep_and_clocks_move(project: RunProject, tally: Tally) -> None:
    for _ in range(3):
        project.note("go").unlink(missing_ok=True)
        await accidents.runner_sleeps_beyond_its_lease(project)
        for by in ("+2h", "-2h"):
            project.note("go").unlink(missing_ok=True)
            await accidents.clock_is_moved(project, by)
    for number in range(FEW_TIMES):
        project.note("go").unlink(missing_ok=True)
        other = f"agent-{number + 2}"
        await accidents.runner_wakes_after_its_task_was_given_to_another(project, other)

    tally(
        "3 runners suspended beyond their lease, 6 windows with a clock moved by two hours: "
        f"0 leases lost, 0 runs taken for lost, every line there; {FEW_TIMES} of {FEW_TIMES} "
        "runners that woke after their task was given to another ended themselves"
    )
