from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.domain.task import TaskStatus
from core.engine.context import Engine
from core.engine.reset import reset
from core.errors import Refused
from core.store.schema import ClaimRow
from tests.waiting import wait_until_async

if TYPE_CHECKING:
    from tests.runs import RunProject


async def test_everything_is_released_and_all_work_is_kept(project: RunProject) -> None:
    begun = project.note("begun")
    steps = (
        {"write": {"path": "work.txt", "text": "half\n"}},
        {"write": {"path": str(begun), "text": ""}},
        {"wait_for": str(project.note("never"))},
    )
    run = await project.launch(project.script(*steps))
    await wait_until_async(begun.exists)
    project.add_agent("agent-2")
    waiting = project.add_task().key
    await project.provisioned(waiting, "agent-2")

    released = await reset(Engine(project.repo), yes=True)

    found = {one.task: one for one in released}
    assert set(found) == {run.task, waiting}
    assert not any(one.problem for one in released)
    assert project.disk.git("show", f"{found[run.task].preserved}:work.txt") == "half"
    assert found[waiting].preserved == ""
    assert {project.task(key).status for key in found} == {TaskStatus.BACKLOG}
    assert ClaimRow.select().count() == 0
    assert (project.worktree(run) / "work.txt").read_text() == "half\n"


async def test_without_yes_it_says_what_it_would_do(project: RunProject) -> None:
    key = project.add_task().key
    project.claim(key)

    with pytest.raises(Refused, match="takes 1 task from") as refused:
        await reset(Engine(project.repo))

    assert refused.value.reasons == (f"{key}: agent-1",)
    assert project.task(key).status is TaskStatus.CLAIMED


async def test_with_nothing_claimed_there_is_nothing_to_do(project: RunProject) -> None:
    assert await reset(Engine(project.repo)) == ()
