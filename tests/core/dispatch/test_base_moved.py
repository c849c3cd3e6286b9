"""A run that moves the base by itself fails and says so; the moves of others are their own."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from core.dispatch.control import ask
from core.dispatch.recovery import recover
from core.domain.run import ControlVerb, RunStatus
from core.domain.task import TaskStatus
from core.events import log
from tests.runs import shell
from tests.waiting import wait_until_async

if TYPE_CHECKING:
    from tests.runs import RunProject

THERE = "git checkout -q --ignore-other-worktrees main && git commit -q --allow-empty -m sneaked"
WRITTEN = "git commit -q --allow-empty -m sneaked && git update-ref refs/heads/main HEAD"


@pytest.mark.parametrize("line", [THERE, WRITTEN])
async def test_a_run_that_moves_the_base_fails_and_says_how_to_put_it_back(
    project: RunProject, line: str
) -> None:
    before = project.disk.head("main")

    run = await project.ended(await project.launch(project.python(shell(line))))

    after = project.disk.head("main")
    assert project.disk.git("log", "-1", "--format=%s", "main") == "sneaked"
    assert run.status is RunStatus.FAILED
    assert f"moved main from {before[:10]} to {after[:10]}, past every check." in run.reason
    assert project.task("task-1").status is TaskStatus.BACKLOG
    (event,) = [event for event in log.read() if event.kind == "base.moved_by_run"]
    assert (event.run, event.data["before"], event.data["after"]) == (run.id, before, after)
    command = run.reason.rpartition("put it back: ")[2]
    project.disk.git(*shlex.split(command)[1:])
    assert project.disk.head("main") == before
    assert project.disk.git("status", "--porcelain") == ""


async def test_a_person_may_move_the_base_and_the_run_may_follow(project: RunProject) -> None:
    go, line = project.note("go"), "git commit -q --allow-empty -m mine && git rebase -q main"
    code = (
        "import os, pathlib, time\n"
        f"while not pathlib.Path({str(go)!r}).exists(): time.sleep(0.01)\n"
        f"assert os.system({line!r}) == 0\n"
    )
    run = await project.launch(project.python(code))
    project.disk.commit("a person's commit")
    go.touch()

    run = await project.ended(run)

    assert (run.status, run.reason) == (RunStatus.DONE, "")


async def test_it_is_told_also_of_a_run_whose_runner_died(project: RunProject) -> None:
    done = project.note("done")
    code = shell(THERE, f"open({str(done)!r}, 'w').close(); import time; time.sleep(600)")
    run = await project.launch(project.python(code))
    await wait_until_async(done.exists)
    project.kill_runner(run)

    await wait_until_async(lambda: project.members(run) != ())
    await recover(project.repo, clock=project.clock, max_attempts=2)

    assert "The run itself moved main" in (project.task("task-1").last_error or "")


async def test_an_aborted_run_stays_aborted_and_tells_it_too(project: RunProject) -> None:
    done = project.note("done")
    code = shell(THERE, f"open({str(done)!r}, 'w').close(); import time; time.sleep(600)")
    run = await project.launch(project.python(code))
    await wait_until_async(done.exists)

    ask(project.repo, run.id, ControlVerb.ABORT, now=project.clock.now(), actor="ana")
    run = await project.ended(run)

    assert run.status is RunStatus.ABORTED
    assert run.reason.startswith("Stopped by ana. The run itself moved main")
