"""A conflict given to the agent of the branch that pays."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from core.domain.run import Run, RunStatus
from core.domain.task import TaskStatus
from core.engine.context import Engine
from core.engine.resolving import ask_agent, dispute
from core.errors import Refused
from core.paths import run_folder, user_settings_file
from core.runner.order import PROMPT_FILE
from tests.scenarios import Repo, numbered_lines

if TYPE_CHECKING:
    from tests.runs import RunProject, Step

RESOLVED = numbered_lines(line_3="ours and theirs")


async def in_review(project: RunProject, *steps: Step) -> str:
    """Return a task in review whose branch and the base change one line in two ways.

    Its agent follows *steps* the next time that it is run.
    """
    work = {"write": {"path": "a.txt", "text": numbered_lines(line_3="mine")}}
    run = await project.run_through(work)
    project.disk.commit("the base moves on", {"a.txt": numbered_lines(line_3="base")})
    script = project.note("next.json")
    script.write_text(json.dumps({"steps": steps}), encoding="utf-8")
    file = user_settings_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        f'[agents.quick]\ndriver = "scripted"\ncommand = [{json.dumps(str(script))}]\n',
        encoding="utf-8",
    )
    return run.task


async def asked(project: RunProject, key: str) -> Run:
    started = await ask_agent(Engine(project.repo), key)
    assert isinstance(started, Run)
    return await project.ended(started)


async def test_what_the_agent_makes_of_it_is_committed_as_the_merge(project: RunProject) -> None:
    key = await in_review(project, {"write": {"path": "a.txt", "text": RESOLVED}})
    branch = project.task(key).branch or ""
    head, base = project.disk.head(branch), project.disk.head("main")

    run = await asked(project, key)

    assert run.status is RunStatus.DONE, project.said(run)
    assert project.task(key).status is TaskStatus.REVIEW
    assert project.disk.git("log", "-1", "--format=%P", branch).split() == [head, base]
    assert project.disk.git("show", f"{branch}:a.txt") == RESOLVED.rstrip("\n")
    assert Repo(project.worktree(run)).git("status", "--porcelain") == ""
    assert (await dispute(Engine(project.repo), key)).files == ()
    assert project.disk.head("main") == base


async def test_the_agent_is_told_exactly_the_conflicting_stretches(project: RunProject) -> None:
    key = await in_review(project, {"write": {"path": "a.txt", "text": RESOLVED}})

    run = await asked(project, key)

    told = (run_folder(run.id) / PROMPT_FILE).read_text(encoding="utf-8")
    assert "## `a.txt` (contents)\n\nLines 3 to 9." in told
    assert "This branch:\n\n```text\nmine\n```\n\n`main`:\n\n```text\nbase\n```" in told


async def test_an_agent_may_commit_the_merge_itself(project: RunProject) -> None:
    key = await in_review(
        project, {"write": {"path": "a.txt", "text": RESOLVED}}, {"commit": "my own words"}
    )

    run = await asked(project, key)

    assert run.status is RunStatus.DONE, project.said(run)
    subject = project.disk.git("log", "-1", "--format=%s", project.task(key).branch or "")
    assert subject == "my own words"


async def test_markers_that_are_left_fail_the_run_and_the_next_one_is_told_again(
    project: RunProject,
) -> None:
    key = await in_review(project, {"say": "I did nothing."})
    head = project.disk.head(project.task(key).branch or "")

    first = await asked(project, key)

    assert first.status is RunStatus.FAILED
    assert first.reason == "Conflict markers are left in a.txt, line 3."
    assert project.disk.head(project.task(key).branch or "") == head
    right = {"write": {"path": "a.txt", "text": RESOLVED}}
    second = await project.ended(await project.launch(project.script(right), key=key))
    assert second.status is RunStatus.DONE, project.said(second)
    assert "<<<<<<<" in (run_folder(second.id) / PROMPT_FILE).read_text(encoding="utf-8")


async def test_a_merge_that_the_agent_gave_up_is_no_resolution(project: RunProject) -> None:
    key = await in_review(project, {"say": "never mind"})
    engine = Engine(project.repo)
    script = project.note("next.json")
    abort = 'import subprocess; subprocess.run(["git", "merge", "--abort"], check=True)'
    user_settings_file().write_text(
        f'[agents.quick]\ndriver = "command"\ncommand = {json.dumps(["python3", "-c", abort])}\n',
        encoding="utf-8",
    )
    del script

    started = await ask_agent(engine, key)

    assert isinstance(started, Run)
    run = await project.ended(started)
    assert run.status is RunStatus.FAILED
    assert run.reason == "The merge of main was given up: it is not on the branch."


async def test_uncommitted_work_comes_first_and_the_task_stays_in_review(
    project: RunProject,
) -> None:
    key = await in_review(project)
    folder = project.task(key).worktree or ""
    Repo(project.disk.path.__class__(folder)).write("a.txt", "unfinished\n")

    with pytest.raises(Refused, match="uncommitted changes"):
        await ask_agent(Engine(project.repo), key)

    assert project.task(key).status is TaskStatus.REVIEW


async def test_without_a_conflict_nobody_is_asked(project: RunProject) -> None:
    run = await project.run_through({"write": {"path": "mine.txt", "text": "mine\n"}})

    with pytest.raises(Refused, match="do not collide"):
        await ask_agent(Engine(project.repo), run.task)
