"""`kill -9` from the claim to the end of a run: nothing lost, doubled or left; a few points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.crash_points import FEW, Ordeal

if TYPE_CHECKING:
    from tests.runs import RunProject


@pytest.mark.parametrize(("victim", "point"), FEW)
async def test_a_task_survives_the_kill_of(
    project: RunProject, monkeypatch: pytest.MonkeyPatch, victim: str, point: str
) -> None:
    await Ordeal(project, monkeypatch).survive(victim, point)
