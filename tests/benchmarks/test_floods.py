"""Ten agents that talk all the time, and one that never stops: nothing lost, nothing grows."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from core.agents.transcript import CAP
from core.dispatch.launch import launch_run
from core.dispatch.live import run_record
from core.domain.run import RunStatus
from tests.memory import peak_kb, resident_kb
from tests.run_fixtures import bytecode, project
from tests.runs import QUICK
from tests.waiting import wait_until_async

if TYPE_CHECKING:
    from core.agents.profiles import AgentProfile
    from core.domain.run import Run
    from tests.benchmarks.conftest import Tally
    from tests.runs import RunProject

__all__ = ["bytecode", "project"]
pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]
AGENTS: Final = 10
LINES_A_SECOND: Final = 1000
SECONDS: Final = 30
FLAT_KB: Final = 4 * 1024
MOST_KB: Final = 60 * 1024
MB: Final = 1024 * 1024

TALKS: Final = """
import sys, time
rate, seconds, go = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
import os
began = time.monotonic()
number = 0
while number < rate * seconds:
    due = min(rate * seconds, int((time.monotonic() - began) * rate))
    sys.stdout.write("".join(f"line {n} of what an agent says while it works on a task\\n"
                             for n in range(number, due)))
    sys.stdout.flush()
    number = due
    time.sleep(0.02)
sys.stdout.write(f"took {time.monotonic() - began:.1f}\\n")
sys.stdout.flush()
while not os.path.exists(go):
    time.sleep(0.1)
"""
FLOODS: Final = """
import os, sys, time
total, go = int(sys.argv[1]), sys.argv[2]
block = b"".join(b"%09d " % n + b"x" * 990 + b"\\n" for n in range(1000))
longest = 0.0
while total > 0:
    began = time.monotonic()
    total -= os.write(1, block)
    longest = max(longest, time.monotonic() - began)
sys.stdout.write(f"\\nblocked {longest:.2f}\\n")
sys.stdout.flush()
while not os.path.exists(go):
    time.sleep(0.1)
"""


async def started(project: RunProject, worker: str, profile: AgentProfile) -> Run:
    """Launch *profile* as *worker* on a task of its own."""
    project.add_agent(worker)
    key = project.add_task().key
    claim = project.claim(key, worker, lease=QUICK.lease)
    await project.provision(claim)
    return await launch_run(
        project.repo, project.task(key), claim, profile, QUICK, clock=project.clock, actor="ana"
    )


async def test_ten_agents_talk_for_half_a_minute(project: RunProject, tally: Tally) -> None:
    go = str(project.note("go"))
    agent = project.python(TALKS, str(LINES_A_SECOND), str(SECONDS), go)
    runs = [await started(project, f"talker-{n}", agent) for n in range(AGENTS)]
    pids = [pid for run in runs if (pid := run_record(run.id).runner_pid)]
    third = f'"line {LINES_A_SECOND * SECONDS // 3} '
    await wait_until_async(lambda: all(third in head(run) for run in runs), timeout_s=300)
    early = [resident_kb(pid) for pid in pids]
    await wait_until_async(lambda: all("took" in tail(run) for run in runs), timeout_s=300)
    late = [resident_kb(pid) for pid in pids]
    Path(go).touch()

    wanted = LINES_A_SECOND * SECONDS
    for run in runs:
        ended = await project.ended(run)
        assert ended.status is RunStatus.DONE
        said = [line for line in project.said(run, "output") if line.startswith("line ")]
        assert [int(line.split()[1]) for line in said] == list(range(wanted))
    grown = max(after - before for before, after in zip(early, late, strict=True))
    tally(
        f"{AGENTS} agents of {LINES_A_SECOND} lines/s for {SECONDS} s: {AGENTS * wanted} of "
        f"{AGENTS * wanted} lines in the transcripts; a runner is at most {max(late) / 1024:.1f} "
        f"MB and grew by {grown / 1024:.1f} MB after the first {SECONDS // 3} s"
    )
    assert grown < FLAT_KB


async def test_an_agent_prints_a_gigabyte(project: RunProject, tally: Tally) -> None:
    go = str(project.note("go"))
    began = time.monotonic()
    run = await started(project, "flood", project.python(FLOODS, str(1024 * MB), go))
    await wait_until_async(lambda: "blocked" in last(run), timeout_s=600)
    took = time.monotonic() - began
    pid = run_record(run.id).runner_pid
    assert pid is not None
    peak, blocked = peak_kb(pid), float(last(run).split()[-1])
    Path(go).touch()
    ended = await project.ended(run)

    assert ended.status is RunStatus.DONE
    kept = Path(run.transcript).stat().st_size
    tally(
        f"1 GB of output in {took:.0f} s: the runner's peak is {peak / 1024:.1f} MB, the "
        f"transcript {kept / MB:.0f} MB; the agent's longest write took {blocked:.2f} s"
    )
    assert peak < MOST_KB
    assert kept < 1.1 * CAP


def head(run: Run) -> str:
    """Return the first third of a transcript, and some more."""
    with Path(run.transcript).open(encoding="utf-8") as stream:
        return stream.read(LINES_A_SECOND * SECONDS // 3 * 200)


def tail(run: Run) -> str:
    """Return the end of a transcript."""
    with Path(run.transcript).open("rb") as stream:
        stream.seek(max(0, Path(run.transcript).stat().st_size - 2000))
        return stream.read().decode("utf-8", "replace")


def last(run: Run) -> str:
    """Return the last thing that the agent said."""
    return run_record(run.id).last_message
