"""Killed windows, sleeping runners, moved clocks and reused pids: a few rounds of each."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.faults import accidents, left_over

if TYPE_CHECKING:
    from tests.runs import RunProject

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and /proc")


async def test_a_run_does_not_notice_that_windows_are_killed(project: RunProject) -> None:
    await accidents.windows_are_killed(project, times=2)


async def test_a_runner_that_slept_beyond_its_lease_goes_on(project: RunProject) -> None:
    await accidents.runner_sleeps_beyond_its_lease(project)


async def test_a_runner_that_wakes_too_late_ends_itself(project: RunProject) -> None:
    await accidents.runner_wakes_after_its_task_was_given_to_another(project)


@pytest.mark.parametrize("by", ["+2h", "-2h"])
async def test_a_moved_clock_loses_no_lease(project: RunProject, by: str) -> None:
    await accidents.clock_is_moved(project, by)


def test_a_stranger_with_a_reused_pid_is_left_alone() -> None:
    assert accidents.pids_are_reused(5) == 5


async def test_an_agent_whose_runner_is_killed_is_ended_before_the_next_one(
    project: RunProject,
) -> None:
    await left_over.runners_are_killed(project, times=2)


async def test_nothing_that_an_agent_leaves_behind_outlives_a_stop(project: RunProject) -> None:
    await left_over.escapees_are_stopped(project, times=1)


async def test_runners_that_die_together_are_all_put_right(project: RunProject) -> None:
    await left_over.runners_are_killed_together(project, 2)
