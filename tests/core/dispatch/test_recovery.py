"""After a crash everything is put right, and in doubt nothing is touched."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from core.dispatch.control import RunnerGone, ask
from core.dispatch.live import run_record, runner_of
from core.dispatch.recovery import LeaseWatch, recover
from core.domain.run import ControlVerb, RunStatus
from core.domain.task import TaskStatus
from core.domain.worktree import WorktreeState
from core.processes.identity import identify, is_alive
from core.queue import outcomes
from core.store.schema import ClaimRow, RunRow, WorktreeRow
from core.store.transactions import transaction
from core.worktrees import journal
from tests.faults.accidents import suspend_between_writes
from tests.waiting import wait_until_async

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.domain.run import Run
    from tests.runs import RunProject

WAIT = {"wait_for": "/no/such/file"}


async def recovered(project: RunProject, watch: LeaseWatch | None = None) -> tuple[str, ...]:
    return await recover(project.repo, clock=project.clock, max_attempts=2, watch=watch)


async def busy(project: RunProject) -> Run:
    """Launch an agent that has begun something and waits, with a deaf daemon."""
    note = project.note("pids")
    run = await project.launch(
        project.script(
            {"spawn": {"note": str(note), "daemon": True}},
            {"write": {"path": "begun.txt", "text": "begun\n"}},
            WAIT,
        )
    )
    await wait_until_async(lambda: note.exists() and note.read_text().endswith("\n"))
    await wait_until_async((project.worktree(run) / "begun.txt").exists)
    return run


def runner_is_gone(run: Run) -> Callable[[], bool]:
    pid = run_record(run.id).runner_pid
    assert pid is not None
    return lambda: identify(pid) is None


def a_stranger() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)


async def test_a_killed_runner_is_noticed_its_agent_stopped_and_its_work_kept(
    project: RunProject,
) -> None:
    run = await busy(project)
    project.kill_runner(run)
    await wait_until_async(runner_is_gone(run))

    (said,) = await recovered(project)

    run = run_record(run.id)
    task = project.task("task-1")
    assert (run.status, run.reason) == (RunStatus.LOST, "Its runner died.")
    assert (task.status, task.last_error, task.attempts) == (TaskStatus.BACKLOG, run.reason, 1)
    assert project.members(run) == ()
    assert project.disk.git("show", "refs/weft/preserved/task-1/1:begun.txt") == "begun"
    assert (project.worktree(run) / "begun.txt").exists()
    assert "refs/weft/preserved/task-1/1" in said
    assert await recovered(project) == ()


async def test_a_wish_for_a_run_without_runner_says_how_to_put_it_right(
    project: RunProject,
) -> None:
    run = await busy(project)
    project.kill_runner(run)
    await wait_until_async(runner_is_gone(run))

    with pytest.raises(RunnerGone) as refused:
        ask(project.repo, run.id, ControlVerb.ABORT, now=project.clock.now(), actor="ana")

    assert "weft doctor" in refused.value.hint
    await recovered(project)


async def test_a_live_run_is_left_alone_whatever_the_wall_clock_says(project: RunProject) -> None:
    run = await busy(project)
    with transaction():
        ClaimRow.update(lease_expires_ms=1).execute()

    assert await recovered(project) == ()
    assert await recovered(project, LeaseWatch()) == ()

    assert run_record(run.id).status is RunStatus.WORKING
    ask(project.repo, run.id, ControlVerb.ABORT, now=project.clock.now(), actor="ana")
    await project.ended(run)


async def test_a_runner_that_hangs_beyond_its_lease_is_ended(project: RunProject) -> None:
    run = await busy(project)
    runner = runner_of(outcomes.run_row(run.id))
    assert runner is not None
    suspend_between_writes(runner)
    with transaction():
        ClaimRow.update(lease_expires_ms=1).execute()

    await recovered(project, LeaseWatch(patience_s=0))

    run = run_record(run.id)
    assert run.status is RunStatus.LOST
    assert project.members(run) == ()
    assert not is_alive(runner)
    assert project.task("task-1").status is TaskStatus.BACKLOG


async def test_a_strangers_process_with_a_reused_pid_is_not_touched(project: RunProject) -> None:
    run = await busy(project)
    project.kill_runner(run)
    await wait_until_async(runner_is_gone(run))
    stranger = a_stranger()
    found = identify(stranger.pid)
    assert found is not None
    with transaction():
        RunRow.update(
            pid=stranger.pid, pid_started_ms=found.started_ms - 10,
            runner_pid=stranger.pid, runner_started_ms=found.started_ms - 10,
        ).execute()  # fmt: skip

    await recovered(project)

    assert run_record(run.id).status is RunStatus.LOST
    assert is_alive(found)
    stranger.communicate(b"\n")


async def test_a_run_whose_runner_never_came_is_lost_after_a_while(project: RunProject) -> None:
    key = project.add_task().key
    claim = project.claim(key)
    await project.provision(claim)
    now = project.clock.now()
    run_id, _ = outcomes.run_created(
        project.repo, claim, agent="x", profile={}, now=now, actor="ana"
    )

    assert await recovered(project) == ()
    with transaction():
        RunRow.update(started_ms=RunRow.started_ms - 120_000).execute()
    (said,) = await recovered(project)

    assert "Its runner never came." in said
    assert run_record(run_id).status is RunStatus.LOST
    assert project.task(key).status is TaskStatus.BACKLOG


async def test_a_claim_that_lapsed_without_a_run_is_given_back(project: RunProject) -> None:
    key = project.add_task().key
    project.claim(key, lease=timedelta(seconds=-1))

    assert await recovered(project, LeaseWatch()) == ()
    (said,) = await recovered(project)

    assert "ran out" in said
    assert project.task(key).status is TaskStatus.BACKLOG


async def test_a_half_made_worktree_of_nobody_is_cleared_and_its_work_kept(
    project: RunProject,
) -> None:
    key = project.add_task().key
    claim = project.claim(key, lease=timedelta(seconds=-1))
    made = await project.provision(claim)
    (made.path / "odd.txt").write_text("odd\n")
    with transaction():
        WorktreeRow.update(state=WorktreeState.CREATING.value).execute()

    said = await recovered(project)

    assert len(said) == 2
    assert not made.path.exists()
    assert project.disk.git("show", "refs/weft/preserved/task-1/1:odd.txt") == "odd"
    assert journal.standing(project.repo) == ()
