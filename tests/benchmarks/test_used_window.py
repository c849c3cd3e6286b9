"""The window over a full board, used all over: the longest block of its loop in each step."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.benchmarks import used_window
from tests.benchmarks.full_board import BRANCHES, LINES, TASKS, WORKERS, fill
from tests.benchmarks.test_flooded_window import screen
from tests.run_fixtures import bytecode, project
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tests.benchmarks.conftest import Tally
    from tests.runs import RunProject

__all__ = ["bytecode", "project"]
pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform != "linux", reason="an X display of its own, and /proc"),
]
ROOT: Final = Path(__file__).parents[2]
STALL_MS: Final = 50.0
WORST: Final = 10


async def test_each_step_in_a_window_over_a_full_board(project: RunProject, tally: Tally) -> None:
    go = project.note("go")
    runs = await fill(project, go)
    wait_until(lambda: len(project.said(runs[0], "output")) >= LINES)
    words = [sys.executable, used_window.__file__, str(project.disk.path), runs[0].id]
    with screen() as its:
        done = await asyncio.to_thread(
            subprocess.run,
            words,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | its,
            stdout=subprocess.PIPE,
            check=False,
        )
    go.touch()
    assert done.returncode == 0
    found: dict[str, Any] = json.loads(done.stdout)

    tally(
        f"window over {TASKS} tasks, {WORKERS} workers, {BRANCHES} branches in review, {LINES} "
        f"lines ({its['QT_QPA_PLATFORM']}, load {os.getloadavg()[0]:.1f}): {count(found, 'own')} "
        f"of {len(found)} steps took the loop more than {STALL_MS:.0f} ms of its own processor "
        f"time at once, {count(found, 'wall')} by the clock; longest by step (own, process, clock):"
    )
    worst = sorted(found, key=lambda step: found[step]["own"], reverse=True)
    for step in worst:
        own, whole, wall = (found[step][name] * 1e3 for name in ("own", "whole", "wall"))
        tally(f"  {step}: {own:.0f} ms ({whole:.0f}, {wall:.0f})")
        if step in worst[:WORST]:
            for where in found[step]["where"]:
                tally(f"      seen {where}")


def count(found: dict[str, Any], time: str) -> int:
    """Return how many steps held the loop up for too long, by one way to tell the time."""
    return sum(1 for block in found.values() if block[time] * 1e3 > STALL_MS)
