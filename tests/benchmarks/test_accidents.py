"""What happens to machines, often: killed windows, reused pids, sleep, moved clocks."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import pytest

from tests.faults import accidents
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
ATTACHED_S: Final = 2.0


async def test_windows_are_killed_over_one_run(project: RunProject, tally: Tally) -> None:
    slowest, lines = await accidents.windows_are_killed(project, TIMES)

    tally(
        f"kill -9 of {TIMES} windows over one run: the same agent {TIMES} of {TIMES} times, "
        f"{lines} of {lines} lines of its transcript there, seen again within {slowest:.1f} s"
    )


def test_pids_are_reused(tally: Tally) -> None:
    spared = accidents.pids_are_reused(TIMES)

    tally(f"pids reused by force: {spared} of {TIMES} strangers left alone")
    assert spared == TIMES


async def test_runners_sleep_and_clocks_move(project: RunProject, tally: Tally) -> None:
    for number in range(3):
        project.note("go").unlink(missing_ok=True)
        await accidents.runner_sleeps_beyond_its_lease(project)
        for by in ("+2h", "-2h"):
            project.note("go").unlink(missing_ok=True)
            await accidents.clock_is_moved(project, by)
        assert number < 3

    tally(
        "3 runners suspended beyond their lease, 6 windows with a clock moved by two hours: "
        "0 leases lost, 0 runs taken for lost, every line there"
    )
