"""`kill -9` of window, runner, agent and recovery at every step of a run, three times each."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Final

import pytest

from tests.faults.crash_points import ALL, RECOVERY_S, Ordeal
from tests.run_fixtures import bytecode, project

if TYPE_CHECKING:
    from tests.benchmarks.conftest import Tally
    from tests.runs import RunProject

__all__ = ["bytecode", "project"]
pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc"),
]
TIMES: Final = 3


async def test_killed_at_every_step_of_a_run(
    project: RunProject, monkeypatch: pytest.MonkeyPatch, tally: Tally
) -> None:
    victims: Counter[str] = Counter()
    slowest = 0.0
    for victim, point in ALL * TIMES:
        took = await Ordeal(project, monkeypatch).survive(victim, point)
        slowest = max(slowest, took)
        victims[victim] += 1

    told = ", ".join(f"{count} of {victim}" for victim, count in victims.items())
    tally(
        f"kill -9 in a run: {victims.total()} kills at {len(ALL)} points ({told}); 0 tasks lost or "
        f"doubled, 0 processes and 0 worktrees left, every byte on disk or reachable; "
        f"recovered within {slowest:.1f} s"
    )
    assert slowest <= RECOVERY_S
