from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.domain.run import RunStatus
from core.domain.task import TaskStatus
from core.engine.context import Engine
from core.engine.curing import merge_update
from core.errors import Refused
from tests.waiting import wait_until_async

if TYPE_CHECKING:
    from tests.runs import RunProject


async def test_an_agent_at_work_is_paused_around_it_and_goes_on(project: RunProject) -> None:
    begun, go = project.note("begun"), project.note("go")
    steps = (
        {"write": {"path": "mine.txt", "text": "mine\n"}},
        {"write": {"path": str(begun), "text": ""}},
        {"wait_for": str(go)},
    )
    run = await project.launch(project.script(*steps))
    await wait_until_async(begun.exists)
    project.disk.commit("the base moves on", {"new.txt": "new\n"})

    brought = await merge_update(Engine(project.repo), run.task)

    folder = project.worktree(run)
    assert brought.files == ("new.txt",)
    assert (folder / "new.txt").read_text() == "new\n"
    assert (folder / "mine.txt").read_text() == "mine\n"
    go.touch()
    ended = await project.ended(run)
    assert ended.status is RunStatus.DONE
    assert project.task(run.task).status is TaskStatus.REVIEW
    branch = project.task(run.task).branch
    assert branch
    named = project.disk.git("ls-tree", "--name-only", branch).splitlines()
    assert named == ["a.txt", "b.txt", "mine.txt", "new.txt"]


async def test_a_task_without_a_branch_is_refused(project: RunProject) -> None:
    key = project.add_task().key

    with pytest.raises(Refused, match="no branch under way"):
        await merge_update(Engine(project.repo), key)
