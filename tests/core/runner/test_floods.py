"""An agent may print whatever it likes: the runner's memory stays flat and its record readable."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from core.dispatch.control import ask
from core.dispatch.live import run_record
from core.domain.run import ControlVerb, Run, RunStatus
from tests.memory import peak_kb
from tests.waiting import wait_until_async

if TYPE_CHECKING:
    from tests.runs import RunProject, Step

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

MB = 1024 * 1024
ROOM_KB = 20 * 1024
"""How much more than an idle one a flooded runner may need."""


async def peak_of(project: RunProject, *steps: Step) -> tuple[Run, int]:
    """Run *steps* up to their end but for a last wait; return the run and its runner's peak."""
    go = project.note("go")
    go.unlink(missing_ok=True)
    ready = project.note("ready")
    ready.unlink(missing_ok=True)
    run = await project.launch(
        project.script(*steps, {"write": {"path": str(ready), "text": ""}}, {"wait_for": str(go)}),
        key=project.add_task().key,
    )
    await wait_until_async(ready.exists, timeout_s=100)
    pid = run_record(run.id).runner_pid
    assert pid is not None
    peak = peak_kb(pid)
    go.touch()
    return await project.ended(run), peak


@pytest.fixture
async def idle_kb(project: RunProject) -> int:
    """The peak of a runner whose agent says one word."""
    project.add_agent("agent-0")
    _, peak = await peak_of(project, {"say": "hello"})
    return peak


@pytest.mark.parametrize(
    ("kind", "megabytes"), [("one_line", 64), ("invalid", 6), ("escapes", 8), ("text", 12)]
)
async def test_a_flood_of_anything_leaves_the_runner_small(
    project: RunProject, idle_kb: int, kind: str, megabytes: int
) -> None:
    run, peak = await peak_of(
        project, {"flood": {"bytes": megabytes * MB, "kind": kind}}, {"print": ""}, {"say": "over"}
    )

    lines = project.said(run)
    assert run.status is RunStatus.DONE
    assert peak - idle_kb < ROOM_KB
    assert not any(ord(char) < 32 and char != "\t" for line in lines[:2000] for char in line)
    if kind == "one_line":
        assert any(line.endswith("bytes cut]") for line in lines)
        assert "over" in lines


async def test_a_flood_does_not_keep_a_wish_waiting(project: RunProject) -> None:
    run = await project.launch(project.script({"flood": {"bytes": 100_000 * MB}}))

    ask(project.repo, run.id, ControlVerb.ABORT, now=project.clock.now(), actor="ana")
    run = await project.ended(run)

    assert run.status is RunStatus.ABORTED
    assert project.members(run) == ()
