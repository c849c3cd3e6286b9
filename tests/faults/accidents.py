"""What can happen to a machine while a run is under way, each with what must hold afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from core.clock import to_ms
from core.dispatch.launch import LaunchTerms
from core.dispatch.live import run_record, runner_of
from core.dispatch.recovery import LeaseWatch, recover
from core.domain.run import LIVE, RunStatus
from core.errors import EnvironmentFault
from core.processes.identity import is_alive, resume, suspend
from core.queue import outcomes
from core.store import transactions
from core.store.schema import ClaimRow
from tests.faults import reused_pids, window
from tests.waiting import wait_until, wait_until_async

if TYPE_CHECKING:
    from core.domain.run import Run
    from core.processes.identity import ProcessIdentity
    from tests.runs import RunProject

ROOT: Final = Path(__file__).parents[2]
COUNTS: Final = """
import os, sys, time
go, number = sys.argv[1], 0
while not os.path.exists(go):
    print(number, flush=True)
    number += 1
    time.sleep(0.005)
"""


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT)}


async def counting(project: RunProject, lease: timedelta = timedelta(seconds=20)) -> Run:
    """Launch an agent that prints numbers until it may stop; return its run."""
    terms = LaunchTerms(lease=lease, stale_after=timedelta(seconds=1))
    agent = project.python(COUNTS, str(project.note("go")))
    run = await project.launch(agent, terms=terms, key=project.add_task().key)
    await wait_until_async(lambda: len(project.said(run, "output")) > 0)
    return run


async def ends_well(project: RunProject, run: Run) -> int:
    """Let the agent stop; every number it printed must be there, in order. Return how many."""
    project.note("go").touch()
    ended = await project.ended(run)
    assert ended.status is RunStatus.DONE, (ended.reason, project.said(run, "error"))
    numbers = [int(line) for line in project.said(run, "output")]
    assert numbers == list(range(len(numbers)))
    return len(numbers)


async def windows_are_killed(project: RunProject, times: int) -> tuple[float, int]:
    """Kill window after window over one run; return the slowest re-attachment and the lines."""
    run = await counting(project)
    pid = run_record(run.id).pid
    assert pid is not None
    slowest = max(_killed_window(project, run, pid) for _ in range(times))
    return slowest, await ends_well(project, run)


def _killed_window(project: RunProject, run: Run, pid: int) -> float:
    """Start a window, have it see the run with the same agent, kill it; return how long it took."""
    began = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, window.__file__, str(project.disk.path), run.id],
        cwd=ROOT, env=_environment(), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline().split() == ["working", str(pid)]
    took = time.monotonic() - began
    child.kill()
    child.wait()
    return took


def lease_left_ms(project: RunProject) -> int:
    """Return how long the one claim's lease still holds."""
    expires_ms = ClaimRow.get().lease_expires_ms
    assert expires_ms is not None
    return expires_ms - to_ms(project.clock.now())


def run_has_ended(run: Run) -> bool:
    """Whether a run is over, for a wait that would be in vain."""
    return run_record(run.id).status not in LIVE


def suspend_between_writes(runner: ProcessIdentity) -> None:
    """Suspend a runner at a moment when it does not hold the database's lock."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transactions, "BUSY_TIMEOUT_S", 0.2)
        while True:
            assert suspend(runner)
            wait_until(lambda: _is_stopped_whole(runner.pid))
            try:
                with transactions.transaction():
                    return
            except EnvironmentFault:
                resume(runner)


def _is_stopped_whole(pid: int) -> bool:
    """Whether each thread stands still: one within the system may still come to a lock."""
    tasks = Path(f"/proc/{pid}/task").glob("*/stat")
    return all(stat.read_text().rpartition(")")[2].split()[0] == "T" for stat in tasks)


async def runner_sleeps_beyond_its_lease(project: RunProject) -> None:
    """Suspend a runner until its lease is over; whoever recovers next wakes it."""
    run = await counting(project, lease=timedelta(seconds=1))
    runner = runner_of(outcomes.run_row(run.id))
    assert runner is not None
    suspend_between_writes(runner)
    watch = LeaseWatch()
    await wait_until_async(lambda: lease_left_ms(project) < 0)
    assert await recover(project.repo, clock=project.clock, max_attempts=2, watch=watch) == ()
    await wait_until_async(lambda: lease_left_ms(project) > 0 or run_has_ended(run))
    assert not run_has_ended(run), (run_record(run.id).reason, project.said(run, "error"))
    assert await recover(project.repo, clock=project.clock, max_attempts=2, watch=watch) == ()
    await ends_well(project, run)


async def runner_wakes_after_its_task_was_given_to_another(
    project: RunProject, other: str = "agent-2"
) -> None:
    """Suspend a runner until another has its task; woken, it must end itself and touch nothing."""
    run = await counting(project, lease=timedelta(seconds=1))
    runner = runner_of(outcomes.run_row(run.id))
    assert runner is not None
    project.add_agent(other)
    suspend_between_writes(runner)
    ClaimRow.delete().execute()
    row = outcomes.run_row(run.id).task
    row.status, row.worker_name = "backlog", None
    row.save()
    claim = project.claim(run.task, other)
    assert claim.fence > outcomes.run_row(run.id).fence

    assert resume(runner)
    await wait_until_async(lambda: not is_alive(runner))

    assert run_record(run.id).status not in LIVE
    assert project.members(run) == ()
    assert ClaimRow.get().fence == claim.fence
    assert project.task(run.task).worker == other
    ClaimRow.delete().execute()


async def clock_is_moved(project: RunProject, by: str) -> None:
    """Let a window with a moved clock look at a live run; nothing of it may be taken for lost."""
    if shutil.which("faketime") is None:
        pytest.skip("needs the program faketime")
    run = await counting(project)
    before = ClaimRow.get().fence
    done = subprocess.run(  # noqa: ASYNC221  the run goes on by itself
        ["faketime", "-f", by, sys.executable, window.__file__,
         str(project.disk.path), run.id, "3"],
        cwd=ROOT, env=_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[0] == "working"
    assert (run_record(run.id).status, ClaimRow.get().fence) == (RunStatus.WORKING, before)
    await ends_well(project, run)


def pids_are_reused(rounds: int) -> int:
    """Return how many of *rounds* strangers with a dead agent's pid were left alone."""
    if os.geteuid() != 0:
        pytest.skip("chooses pids in a namespace of its own, which only root may")
    done = subprocess.run(
        ["unshare", "--fork", "--pid", "--mount-proc", sys.executable, reused_pids.__file__,
         str(rounds)],
        cwd=ROOT, env=_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "unshare" in done.stderr:
        pytest.skip(f"no namespace can be made here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    return int(done.stdout)
