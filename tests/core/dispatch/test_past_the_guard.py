"""A commit past the guard is told at the end of its run, also when nobody watched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.domain.run import RunStatus
from core.domain.task import NewTask, TaskStatus
from core.events import log
from core.tasks import board
from tests.runs import shell

if TYPE_CHECKING:
    from tests.runs import RunProject

SAID = "Committed held.txt: held.txt is held by agent-2 for task-1"


@pytest.mark.parametrize("how", ["commit --no-verify", "-c core.hooksPath=/dev/null commit"])
async def test_a_commit_of_what_another_holds_is_told(project: RunProject, how: str) -> None:
    now = project.clock.now()
    board.add_task(project.repo, NewTask("Hold", files=("held.txt",)), now=now, actor="ana")
    project.add_agent("agent-2")
    project.claim("task-1", "agent-2")
    line = f"echo x > held.txt && git add . && git {how} -qm mine"

    run = await project.ended(await project.launch(project.python(shell(line))))

    assert run.status is RunStatus.DONE
    assert run.reason.startswith(SAID)
    assert project.task(run.task).status is TaskStatus.REVIEW
    assert run.reason in project.said(run, "error")
    (event,) = [event for event in log.read() if event.kind == "task.unguarded"]
    assert (event.task, event.data["sentence"]) == (run.task, run.reason)
