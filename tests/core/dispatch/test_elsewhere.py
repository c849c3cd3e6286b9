"""Commits that an agent makes beside its branch are told of and kept."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from core.dispatch.recovery import recover
from core.domain.run import RunStatus
from core.domain.task import TaskStatus
from tests.runs import shell
from tests.waiting import wait_until_async

if TYPE_CHECKING:
    from tests.runs import RunProject

EMPTY = "git commit -q --allow-empty -m"
ASIDE = f"git switch -q -c side && {EMPTY} one && {EMPTY} two && git switch -q -"
KEPT = "refs/weft/preserved/task-1/1"


async def test_commits_on_another_branch_are_told_with_how_to_take_them(
    project: RunProject,
) -> None:
    run = await project.ended(await project.launch(project.python(shell(ASIDE))))

    side, task = project.disk.head("side"), project.task("task-1")
    assert (run.status, task.status) == (RunStatus.DONE, TaskStatus.REVIEW)
    assert f"It left 2 commits on the branch side ({side[:10]}), not on its own." in run.reason
    assert run.last_message == "(It changed nothing on its branch.)"
    assert run.reason.partition("branch. ")[2] in project.said(run, "error")
    assert project.disk.head(KEPT) == side
    command = run.reason.rpartition("To take them: ")[2]
    project.disk.git(*shlex.split(command)[1:])
    assert project.disk.head("worker/agent-1/task-1") == side


async def test_commits_on_no_branch_are_kept_and_told(project: RunProject) -> None:
    line = f"git switch -q --detach && {EMPTY} lone && git rev-parse HEAD > ../lone"
    code = shell(f"{line} && git switch -q -", "open('a.txt', 'a').write('more\\n')")

    run = await project.ended(await project.launch(project.python(code)))

    kept = project.disk.head(KEPT)
    assert run.status is RunStatus.DONE
    assert project.disk.git("log", "-1", "--format=%s", KEPT) == "lone"
    assert run.reason.startswith(f"It left 1 commit on no branch ({kept[:10]}), kept as {KEPT}.")


@pytest.mark.parametrize(
    "line",
    [
        f"{EMPTY} one && git commit -q --amend --allow-empty -m better",
        f"{ASIDE} && git merge -q side && git branch -q -d side",
        "git switch -q -c side && echo x > x && git add x && git commit -q -m x"
        " && git switch -q - && git merge -q --squash side && git commit -q -m all"
        " && git branch -q -D side",
    ],
)
async def test_what_reached_its_branch_in_the_end_is_not_elsewhere(
    project: RunProject, line: str
) -> None:
    run = await project.ended(await project.launch(project.python(shell(line))))

    assert (run.status, run.reason) == (RunStatus.DONE, "")
    assert project.disk.git("for-each-ref", "refs/weft/preserved") == ""


async def test_the_next_run_does_not_tell_of_them_again(project: RunProject) -> None:
    code = shell(ASIDE, "raise SystemExit(3)")
    first = await project.ended(await project.launch(project.python(code)))

    run = await project.ended(
        await project.launch(project.python(shell(f"{EMPTY} mine")), key="task-1")
    )

    assert "on the branch side" in first.reason
    assert (run.status, run.reason) == (RunStatus.DONE, "")


async def test_a_run_whose_runner_died_tells_of_them_too(project: RunProject) -> None:
    done = project.note("done")
    code = shell(ASIDE, f"open({str(done)!r}, 'w').close(); import time; time.sleep(600)")
    run = await project.launch(project.python(code))
    await wait_until_async(done.exists)
    project.kill_runner(run)

    await recover(project.repo, clock=project.clock, max_attempts=2)

    assert "It left 2 commits on the branch side" in (project.task("task-1").last_error or "")
