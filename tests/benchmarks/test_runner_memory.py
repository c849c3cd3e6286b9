"""Memory of one runner whose agent is quiet, against a bare Python, in one run."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from core.dispatch.control import ask
from core.dispatch.live import run_record
from core.domain.run import ControlVerb
from core.processes.identity import look
from tests.memory import resident_kb
from tests.run_fixtures import bytecode, project
from tests.waiting import wait_until, wait_until_async

if TYPE_CHECKING:
    from tests.benchmarks.conftest import Report
    from tests.runs import RunProject

__all__ = ["bytecode", "project"]
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


async def test_memory_of_an_idle_runner(project: RunProject, report: Report) -> None:
    warm = await project.launch(project.script())  # compiles the modules, as an installation does
    await project.ended(warm)
    key = project.add_task().key
    run = await project.launch(
        project.script({"say": "waiting"}, {"wait_for": "/no/such/file"}), key=key
    )
    await wait_until_async(lambda: run_record(run.id).last_message == "waiting")
    pid = run_record(run.id).runner_pid
    assert pid is not None

    runner, bare = resident_kb(pid), bare_python_kb()

    figures = f"{runner / 1024:.1f} MB, bare Python {bare / 1024:.1f} MB"
    report("memory of an idle runner", runner / bare, figures)
    ask(project.repo, run.id, ControlVerb.ABORT, now=project.clock.now(), actor="ana")
    await project.ended(run)
    assert runner < 5 * bare
