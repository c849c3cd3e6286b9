"""Ten agents that talk all the time, and one that never stops: nothing lost, nothing grows."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from core.agents.transcript import CAP
from core.dispatch.live import run_record
from core.domain.run import RunStatus
from tests.benchmarks.floods import (
    AGENTS,
    FLOODS,
    LINES_A_SECOND,
    SECONDS,
    WANTED,
    head,
    last,
    lines_there,
    started,
    tail,
    talkers,
)
from tests.memory import peak_kb, resident_kb
from tests.run_fixtures import bytecode, project
from tests.waiting import wait_until_async

if TYPE_CHECKING:
    from tests.benchmarks.conftest import Tally
    from tests.runs import RunProject

__all__ = ["bytecode", "project"]
pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]
FLAT_KB: Final = 4 * 1024
MOST_KB: Final = 60 * 1024
MB: Final = 1024 * 1024
LONGEST_WRITE_S: Final = 1.0


async def test_ten_agents_talk_for_half_a_minute(project: RunProject, tally: Tally) -> None:
    begin, go = project.note("begin"), project.note("go")
    runs = await talkers(project, begin, go)
    pids = [pid for run in runs if (pid := run_record(run.id).runner_pid)]
    begin.touch()
    third = f'"line {WANTED // 3} '
    await wait_until_async(lambda: all(third in head(run) for run in runs), timeout_s=300)
    early = [resident_kb(pid) for pid in pids]
    await wait_until_async(lambda: all("took" in tail(run) for run in runs), timeout_s=300)
    late = [resident_kb(pid) for pid in pids]
    go.touch()

    there = 0
    for run in runs:
        ended = await project.ended(run)
        assert ended.status is RunStatus.DONE
        there += lines_there(project, run)
    grown = max(after - before for before, after in zip(early, late, strict=True))
    tally(
        f"{AGENTS} agents of {LINES_A_SECOND} lines/s for {SECONDS} s: {there} of "
        f"{AGENTS * WANTED} lines in the transcripts; a runner is at most {max(late) / 1024:.1f} "
        f"MB and grew by {grown / 1024:.1f} MB after the first {SECONDS // 3} s"
    )
    assert grown < FLAT_KB


async def test_an_agent_prints_a_gigabyte(project: RunProject, tally: Tally) -> None:
    go = project.note("go")
    began = time.monotonic()
    run = await started(project, "flood", project.python(FLOODS, str(1024 * MB), str(go)))
    await wait_until_async(lambda: "blocked" in last(run), timeout_s=600)
    took = time.monotonic() - began
    pid = run_record(run.id).runner_pid
    assert pid is not None
    peak, blocked = peak_kb(pid), float(last(run).split()[-1])
    go.touch()
    ended = await project.ended(run)

    assert ended.status is RunStatus.DONE
    kept = Path(run.transcript).stat().st_size
    tally(
        f"1 GB of output in {took:.0f} s: the runner's peak is {peak / 1024:.1f} MB, the "
        f"transcript {kept / MB:.0f} MB; the agent's longest write took {blocked:.2f} s"
    )
    assert peak < MOST_KB
    assert kept < 1.1 * CAP
    assert blocked < LONGEST_WRITE_S
