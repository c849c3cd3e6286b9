"""A fenced run goes the whole way; whatever dies, nothing of it is left."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.agents.sandbox import sandbox_problem
from core.dispatch.recovery import recover
from core.domain.run import RunStatus
from core.processes.identity import look_around
from core.runner.fence import fence_of
from tests.killing import KILL
from tests.waiting import wait_until, wait_until_async

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.runs import RunProject

needs_sandbox = pytest.mark.skipif(bool(sandbox_problem()), reason=sandbox_problem() or "none")

COMMITS = """
import os, pathlib, subprocess
subprocess.run(["weft", "task", "show", os.environ["WEFT_TASK"]], check=True)
pathlib.Path("new.txt").write_text("done")
subprocess.run(["git", "add", "-A"], check=True)
subprocess.run(["git", "commit", "-qm", "mine"], check=True)
bad = subprocess.run(["git", "branch", "-f", "main", "HEAD"], capture_output=True)
print("main moved" if bad.returncode == 0 else "main stays")
"""
DAEMON = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execve("/bin/sleep", ["sleep", sys.argv[1]], {})
    os._exit(0)
os.wait()
print("up", flush=True)
time.sleep(600)
"""


def sleepers(mark: str) -> list[int]:
    """Return the pids of `sleep` with this argument, whatever their environment says."""
    found = []
    for seen in look_around():
        try:
            words = Path(f"/proc/{seen.identity.pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if seen.is_alive and words[:2] == [b"sleep", mark.encode()]:
            found.append(seen.identity.pid)
    return found


@pytest.fixture
def mark() -> Iterator[str]:
    """An argument of `sleep` that nobody else uses; what still sleeps so is ended."""
    found = f"987{os.getpid()}"
    yield found
    for pid in sleepers(found):
        os.kill(pid, KILL)


@needs_sandbox
async def test_a_sandboxed_run_commits_on_its_branch_and_goes_to_review(
    project: RunProject,
) -> None:
    run = await project.launch(replace(project.python(COMMITS), permissions="sandboxed"))
    ended = await project.ended(run)

    assert (ended.status, ended.last_message) == (RunStatus.DONE, "main stays"), project.said(run)
    assert any("Say hello" in line for line in project.said(run, "output"))
    branch = project.task(run.task).branch
    assert project.disk.git("show", f"{branch}:new.txt") == "done"
    assert project.disk.git("log", "-1", "--format=%s", str(branch)) == "mine"


@pytest.mark.parametrize("policy", ["watched", pytest.param("sandboxed", marks=needs_sandbox)])
async def test_not_even_a_daemon_without_environment_outlives_a_killed_runner(
    project: RunProject, policy: str, mark: str
) -> None:
    run = await project.launch(replace(project.python(DAEMON, mark), permissions=policy))
    if policy == "watched" and fence_of(run.id) is None:
        pytest.skip("this system gives no control group to divide")
    await wait_until_async(lambda: "up" in project.said(run, "output"))
    await wait_until_async(lambda: len(sleepers(mark)) == 1)

    project.kill_runner(run)
    if policy == "sandboxed":  # the kernel ends it, before anybody recovers
        wait_until(lambda: not sleepers(mark))

    (said,) = await recover(project.repo, clock=project.clock, max_attempts=2)
    assert "Its runner died" in said
    assert (sleepers(mark), project.members(run), fence_of(run.id)) == ([], (), None)
