"""What a killed runner or a stopped run could leave over, again and again, and does not."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from core.dispatch.control import ask
from core.dispatch.launch import LaunchTerms
from core.dispatch.live import run_record
from core.dispatch.recovery import recover
from core.domain.run import ControlVerb, RunStatus
from core.domain.task import TaskStatus
from core.processes.group import make_group, remove_group
from core.processes.identity import identify
from core.store.schema import TaskRow
from tests.waiting import wait_until_async

if TYPE_CHECKING:
    from pathlib import Path

    from tests.runs import RunProject

LEASE: Final = timedelta(seconds=20)
_MANY: Final = 1000
ALONE: Final = """
import os, pathlib, time
here, others = os.getcwd(), []
for place in pathlib.Path("/proc").glob("[0-9]*"):
    try:
        if int(place.name) != os.getpid() and os.readlink(place / "cwd") == here:
            others.append((place / "comm").read_text().strip())
    except OSError:
        pass
print("alone" if not [name for name in others if name.startswith("python")] else others, flush=True)
time.sleep(600)
"""
"""Says whether another agent is in its worktree, and works on."""
DEAF: Final = """
import signal, time
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
print("deaf", flush=True)
while True:
    time.sleep(600)
"""
ESCAPES: Final = """
import os, signal, sys, time
note = open(sys.argv[1], "a")
def fork(*steps):
    if os.fork():
        return
    for step in steps:
        step()
    note.write(f"{os.getpid()}\\n")
    note.flush()
    while True:
        time.sleep(600)
def deaf():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
def orphan():
    if os.fork():
        os._exit(0)
def bare():
    note.write(f"{os.getpid()}\\n")
    note.flush()
    os.execve("/bin/sleep", ["sleep", "600"], {})
fork()
fork(os.setsid)
fork(deaf, os.setsid, orphan)
fork(os.setsid, orphan, orphan)
if sys.argv[2] == "fenced":
    fork(os.setsid, orphan, bare)
if os.fork() == 0:
    os._exit(0)  # a zombie: nobody waits for it
note.write(f"{os.getpid()}\\n")
note.flush()
deaf()
time.sleep(600)
"""
"""A child, one in its own session, deaf and doubly forked daemons, one without environment."""


async def runners_are_killed(project: RunProject, times: int) -> float:
    """Kill the runner of one task again and again while its agent lives on.

    Returns the longest time that it took to end the agent and give the task back.

    Raises:
        AssertionError: An agent outlived that, or two were in one worktree.
    """
    terms = LaunchTerms(lease=LEASE, stale_after=timedelta(seconds=1), max_attempts=_MANY)
    key = project.add_task().key
    slowest = 0.0
    for _ in range(times):
        TaskRow.update(attempts=0).execute()  # or it is escalated before long
        run = await project.launch(project.python(ALONE), terms=terms, key=key)
        await wait_until_async(partial(project.said, run, "output"))
        assert project.said(run, "output") == ["alone"]
        agent = run_record(run.id).pid
        project.kill_runner(run)

        began = time.monotonic()
        (said,) = await recover(project.repo, clock=project.clock, max_attempts=_MANY)
        slowest = max(slowest, time.monotonic() - began)

        assert "Its runner died." in said
        assert run_record(run.id).status is RunStatus.LOST
        assert project.members(run) == ()
        assert agent is None or identify(agent) is None
        assert project.task(key).status is TaskStatus.BACKLOG
    return slowest


async def runners_are_killed_together(project: RunProject, count: int) -> float:
    """Kill many runners at once, whose agents hear no signal; return how long it took to recover.

    Raises:
        AssertionError: An agent outlived that, or a task is not free.
    """
    runs = []
    for number in range(count):
        worker = f"deaf-{number}"
        project.add_agent(worker)
        runs.append(await project.launch(project.python(DEAF), worker=worker))
    for run in runs:
        await wait_until_async(partial(project.said, run, "output"))
        project.kill_runner(run)

    began = time.monotonic()
    said = await recover(project.repo, clock=project.clock, max_attempts=_MANY)
    took = time.monotonic() - began

    assert len(said) == count
    for run in runs:
        assert project.members(run) == ()
        assert project.task(run.task).status is TaskStatus.BACKLOG
    return took


async def escapees_are_stopped(project: RunProject, times: int) -> tuple[float, int]:
    """Stop runs whose agents do all they can to leave something running.

    Returns the longest time from the wish to the last process, and how many processes there were.
    """
    slowest, ended, fenced = 0.0, 0, _can_fence()
    for number in range(times):
        note = project.note(f"escapees-{number}")
        run = await project.launch(project.python(ESCAPES, str(note), fenced))
        await wait_until_async(partial(_are_noted, note, 6 if fenced else 5))

        began = time.monotonic()
        ask(project.repo, run.id, ControlVerb.ABORT, now=project.clock.now(), actor="ana")
        await wait_until_async(partial(_are_gone, note))
        slowest = max(slowest, time.monotonic() - began)

        assert (await project.ended(run)).status is RunStatus.ABORTED
        assert project.members(run) == ()
        ended += len(note.read_text().split())
    return slowest, ended


def _can_fence() -> str:
    """Return a word when this system gives control groups to divide; else nothing."""
    group = make_group(f"weft-test-{os.getpid()}")
    return "fenced" if group is not None and remove_group(group) else ""


def _are_noted(note: Path, count: int) -> bool:
    return note.exists() and len(note.read_text().split()) >= count


def _are_gone(note: Path) -> bool:
    return not any(identify(int(pid)) for pid in note.read_text().split())
