"""Ten agents that talk all the time, and the window over them: its loop is never held up."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from core.domain.run import RunStatus
from tests.benchmarks import flooded_window
from tests.benchmarks.floods import (
    AGENTS,
    LINES_A_SECOND,
    SECONDS,
    WANTED,
    lines_there,
    tail,
    talkers,
)
from tests.run_fixtures import bytecode, project
from tests.waiting import wait_until_async

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.conftest import Tally
    from tests.runs import RunProject

__all__ = ["bytecode", "project"]
pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform != "linux", reason="an X display of its own, and /proc"),
]
ROOT: Final = Path(__file__).parents[2]
P99_MS: Final = 50.0
STALL_MS: Final = 50.0


@contextmanager
def screen() -> Iterator[dict[str, str]]:
    """What a window needs to know of its screen: an X display, or offscreen without one."""
    if shutil.which("Xvfb") is None:
        yield {"QT_QPA_PLATFORM": "offscreen"}
        return
    read, write = os.pipe()
    words = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    server = subprocess.Popen(words, pass_fds=(write,), stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as told:
            number = told.readline().strip()
        yield {"QT_QPA_PLATFORM": "xcb", "DISPLAY": f":{number}"}
    finally:
        server.terminate()
        server.wait()


async def test_the_window_over_ten_agents_that_talk(
    project: RunProject, tally: Tally, tmp_path: Path
) -> None:
    begin, go, stop = project.note("begin"), project.note("go"), project.note("stop")
    runs = await talkers(project, begin, go)
    words = [sys.executable, flooded_window.__file__, str(project.disk.path), runs[0].id]
    with screen() as its:
        window = subprocess.Popen(  # noqa: ASYNC220  a process of its own, which is killed below
            [*words, str(stop), str(tmp_path / "window.png")],
            env=os.environ | {"PYTHONPATH": str(ROOT)} | its,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert window.stdout is not None
        try:
            assert await asyncio.to_thread(window.stdout.readline) == "ready\n"
            begin.touch()
            await wait_until_async(lambda: all("took" in tail(run) for run in runs), timeout_s=300)
            stop.touch()
            found = json.loads(await asyncio.to_thread(window.stdout.readline))
            await asyncio.to_thread(window.wait, 60)
        finally:
            window.kill()
            window.wait()
            window.stdout.close()
    go.touch()
    there = 0
    for run in runs:
        assert (await project.ended(run)).status is RunStatus.DONE
        there += lines_there(project, run)
    assert window.returncode == 0

    tally(
        f"window over {AGENTS} agents of {LINES_A_SECOND} lines/s for {SECONDS} s "
        f"({its['QT_QPA_PLATFORM']}, load {os.getloadavg()[0]:.1f}): {there} of {AGENTS * WANTED} "
        f"lines in the transcripts, the last one in sight; its loop was late by "
        + "; ".join(told(phase, found[phase]) for phase in ("following", "using"))
    )
    for phase in ("following", "using"):
        assert p99_ms(found[phase]) < P99_MS, phase


def p99_ms(late: list[float]) -> float:
    """Return what 99 of 100 beats were not later than."""
    return statistics.quantiles(late, n=100)[98] * 1e3


def told(phase: str, late: list[float]) -> str:
    """Return the figures of one phase in words."""
    stalls = sum(1 for beat in late if beat * 1e3 > STALL_MS)
    return (
        f"{phase}: p50 {statistics.median(late) * 1e3:.1f} ms, p99 {p99_ms(late):.1f} ms, longest "
        f"{max(late) * 1e3:.0f} ms, {stalls} of {len(late)} beats over {STALL_MS:.0f} ms"
    )
