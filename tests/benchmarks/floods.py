"""Agents that talk without end, each on a task of its own, and what they left in transcripts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.dispatch.launch import launch_run
from core.dispatch.live import run_record
from tests.runs import QUICK

if TYPE_CHECKING:
    from core.agents.profiles import AgentProfile
    from core.domain.run import Run
    from tests.runs import RunProject

AGENTS: Final = 10
LINES_A_SECOND: Final = 1000
SECONDS: Final = 30
WANTED: Final = LINES_A_SECOND * SECONDS

TALKS: Final = """
import os, sys, time
rate, seconds, begin, go = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
while not os.path.exists(begin):
    time.sleep(0.05)
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
"""Usage: RATE SECONDS BEGIN GO: talks once the file BEGIN is there, ends once GO is."""
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
"""Usage: BYTES GO: says at the end how long its longest write took."""


async def started(project: RunProject, worker: str, profile: AgentProfile) -> Run:
    """Launch *profile* as *worker* on a task of its own."""
    project.add_agent(worker)
    key = project.add_task().key
    claim = project.claim(key, worker, lease=QUICK.lease)
    await project.provision(claim)
    return await launch_run(
        project.repo, project.task(key), claim, profile, QUICK, clock=project.clock, actor="ana"
    )


async def talkers(project: RunProject, begin: Path, go: Path) -> list[Run]:
    """Launch the agents that talk for half a minute once *begin* is there."""
    words = (str(LINES_A_SECOND), str(SECONDS), str(begin), str(go))
    agent = project.python(TALKS, *words)
    return [await started(project, f"talker-{n}", agent) for n in range(AGENTS)]


def lines_there(project: RunProject, run: Run) -> int:
    """Return how many lines of a talker the transcript holds, all of them and in order.

    Raises:
        AssertionError: One is missing, doubled or out of its place.
    """
    said = [line for line in project.said(run, "output") if line.startswith("line ")]
    assert [int(line.split()[1]) for line in said] == list(range(WANTED))
    return len(said)


def head(run: Run) -> str:
    """Return the first third of a transcript, and some more."""
    with Path(run.transcript).open(encoding="utf-8") as stream:
        return stream.read(WANTED // 3 * 200)


def tail(run: Run) -> str:
    """Return the end of a transcript."""
    with Path(run.transcript).open("rb") as stream:
        stream.seek(max(0, Path(run.transcript).stat().st_size - 2000))
        return stream.read().decode("utf-8", "replace")


def last(run: Run) -> str:
    """Return the last thing that the agent said."""
    return run_record(run.id).last_message
