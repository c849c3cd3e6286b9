"""Memory of runners whose agents are quiet, one and ten, against a bare Python, in one run."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.dispatch.live import run_record
from core.processes.identity import look
from tests.memory import resident_kb, weigh
from tests.run_fixtures import bytecode, project
from tests.waiting import wait_until, wait_until_async

if TYPE_CHECKING:
    from tests.benchmarks.conftest import Report, Tally
    from tests.runs import RunProject

__all__ = ["bytecode", "project"]
CROWD = 10
MOST = 2.5
"""So many times a bare Python; it was 1.8."""
QUIET_S = 20.0
"""After so long without news of its agent a runner has given back what only work needs."""
pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]


def bare_python_kb() -> int:
    """Return what an interpreter needs that has loaded nothing and waits."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    wait_until(lambda: (seen := look(child.pid)) is not None and seen.state == "S")
    size = resident_kb(child.pid)
    child.communicate(b"\n")
    return size


async def idle_runner(project: RunProject, number: int) -> int:
    """Start the run of a new task; return its runner once the agent is quiet."""
    worker = f"agent-{number}"
    if number > 1:
        project.add_agent(worker)
    script = project.script({"say": "waiting"}, {"wait_for": "/no/such/file"})
    run = await project.launch(script, worker=worker)
    await wait_until_async(lambda: run_record(run.id).last_message == "waiting")
    pid = run_record(run.id).runner_pid
    assert pid is not None
    return pid


async def test_memory_of_idle_runners(project: RunProject, report: Report, tally: Tally) -> None:
    warm = await project.launch(project.script())  # compiles the modules, as an installation does
    await project.ended(warm)

    pids = [await idle_runner(project, 1)]
    await quiet()
    runner, bare = resident_kb(pids[0]), bare_python_kb()
    report(
        "memory of an idle runner",
        runner / bare,
        f"RSS {runner / 1024:.1f} MB, of a bare Python {bare / 1024:.1f} MB",
    )
    if may_look_into(pids[0]):
        tally(f"an idle runner alone: {weigh(pids)}")
        pids += [await idle_runner(project, number) for number in range(2, CROWD + 1)]
        await quiet()
        tally(f"each of {CROWD} idle runners at once: {weigh(pids)}")

    assert runner < MOST * bare


async def quiet() -> None:
    """Let time go by without news."""
    began = time.monotonic()
    await wait_until_async(lambda: time.monotonic() - began > QUIET_S)


def may_look_into(pid: int) -> bool:
    """Whether the parts of a private process's memory may be read: root may."""
    try:
        Path(f"/proc/{pid}/smaps_rollup").read_bytes()
    except PermissionError:
        return False
    return True
