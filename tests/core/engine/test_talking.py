"""Talking with agents through the engine: what every face calls."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from core.dispatch.control import RunnerGone
from core.dispatch.live import has_dead_runner, settled
from core.domain.run import Run, RunStatus
from core.domain.task import TaskStatus
from core.engine import launching
from core.engine.context import Engine
from core.engine.continuing import attach, continue_task
from core.engine.desktop import open_task
from core.engine.overview import board
from core.engine.runs import abort, pause, resume
from core.engine.talking import answer, asked_questions, say
from core.errors import NotFound, Refused, UsageError
from core.events import log
from core.paths import run_folder, user_settings_file
from core.runner.order import PROMPT_FILE
from tests.killing import KILL
from tests.runs import LIMIT_S
from tests.waiting import wait_until, wait_until_async

if TYPE_CHECKING:
    from tests.runs import RunProject, Step

ASK: Step = {"ask": {"title": "make deploy", "detail": "make deploy PROD=1"}}
WAITING = frozenset({RunStatus.WAITING})


def settings(project: RunProject, *lines: str, steps: tuple[Step, ...] = ()) -> None:
    """Write the person's settings, with the profile that the next run of a script takes."""
    script = project.note("next.json")
    script.write_text(json.dumps({"steps": steps}), encoding="utf-8")
    file = user_settings_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    profile = f'[agents.script]\ndriver = "scripted"\ncommand = [{json.dumps(str(script))}]\n'
    file.write_text("\n".join([*lines, profile]), encoding="utf-8")


async def waiting(project: RunProject, *steps: Step) -> Run:
    run = await project.launch(project.script(*steps))
    return await settled(run.id, WAITING, limit_s=LIMIT_S)


async def test_what_an_agent_asks_is_on_the_board_and_can_be_answered_by_any_name(
    project: RunProject,
) -> None:
    engine = Engine(project.repo, actor="ana")
    run = await waiting(project, ASK, ASK, ASK)

    (question,) = asked_questions(engine)
    assert board(engine).questions == (question,)
    with pytest.raises(UsageError, match="answers nothing here"):
        answer(engine, run.id, "perhaps")
    with pytest.raises(NotFound, match="does not ask question 99"):
        answer(engine, run.id, "yes", question=99)
    with pytest.raises(NotFound, match="no run, task or worker 'nobody'"):
        answer(engine, "nobody", "yes")

    for name in ("task-1", "AGENT-1", run.id):
        await wait_until_async(lambda: asked_questions(engine))
        assert answer(engine, name, "yes").answer == "allow"

    assert (await project.ended(run)).status is RunStatus.DONE
    with pytest.raises(Refused, match="task-1 asks nothing"):
        answer(engine, "task-1", "yes")


async def test_who_answers_late_is_told_who_was_quicker_and_what_was_said(
    project: RunProject,
) -> None:
    engine = Engine(project.repo, actor="ana")
    run = await waiting(project, ASK)
    (asked, *_) = asked_questions(engine)
    answer(Engine(project.repo, actor="bo"), run.id, "no", question=asked.id)

    with pytest.raises(Refused, match="bo has answered agent-1 already: Deny"):
        answer(engine, run.id, "yes", question=asked.id)


async def test_who_answers_after_the_end_is_told_that_nobody_waits(project: RunProject) -> None:
    engine = Engine(project.repo, actor="ana")
    run = await waiting(project, ASK)
    (asked, *_) = asked_questions(engine)
    await abort(engine, "task-1")
    await project.ended(run)

    with pytest.raises(Refused, match="agent-1 does not wait for that any more: the end"):
        answer(engine, run.id, "yes", question=asked.id)


async def test_an_answer_that_nobody_would_hear_is_refused(project: RunProject) -> None:
    engine = Engine(project.repo, actor="ana")
    run = await waiting(project, ASK)
    assert run.runner_pid is not None
    os.kill(run.runner_pid, KILL)
    await wait_until_async(lambda: has_dead_runner(project.repo))

    with pytest.raises(RunnerGone, match="is gone"):
        answer(engine, run.id, "yes")

    await launching.recover(engine)
    assert project.task("task-1").status is TaskStatus.BACKLOG


async def test_saying_something_tells_how_it_is_heard(project: RunProject) -> None:
    engine = Engine(project.repo, actor="ana")
    run = await project.launch(
        project.script({"steerable": True}, {"say": "ready"}, {"hear": True}, {"hear": True})
    )
    await wait_until_async(lambda: project.said(run, "message"))

    said = await say(engine, "task-1", "to the left")
    everyone = await say(engine, "and on", all=True)

    assert said == everyone == ("agent-1 on task-1 heard it at once.",)
    with pytest.raises(UsageError, match="nothing to say"):
        await say(engine, "task-1")


async def test_a_paused_agent_is_not_said_to_have_heard_already(project: RunProject) -> None:
    engine = Engine(project.repo, actor="ana")
    run = await project.launch(
        project.script({"steerable": True}, {"say": "ready"}, {"hear": True})
    )
    await wait_until_async(lambda: project.said(run, "message"))
    await pause(engine, "task-1")
    await settled(run.id, frozenset({RunStatus.PAUSED}), limit_s=LIMIT_S)

    assert await say(engine, "task-1", "to the left") == (
        "agent-1 on task-1 hears it once it goes on.",
    )
    await resume(engine, "task-1")
    run = await project.ended(run)

    assert project.said(run, "message")[-1] == "I heard: to the left"
    assert "ana, heard once it goes on: to the left" in project.said(run, "state")


async def test_a_review_goes_on_in_the_session_of_the_run_before(project: RunProject) -> None:
    engine = Engine(project.repo, actor="ana")
    first = await project.run_through(
        {"session": {"session": "s-1"}}, {"write": {"path": "a", "text": "1"}}
    )
    settings(project, steps=({"write": {"path": "a", "text": "2"}},))

    again = await continue_task(engine, "task-1", "Good, but write 2")
    again = await project.ended(again)

    task = project.task("task-1")
    assert (again.worker, again.session, again.status) == (first.worker, "s-1", RunStatus.DONE)
    assert (run_folder(again.id) / PROMPT_FILE).read_text() == "Good, but write 2"
    assert task.status is TaskStatus.REVIEW
    assert project.disk.git("show", f"{task.branch}:a") == "2"
    assert [event.data["text"] for event in log.read() if event.kind == "task.continued"] == [
        "Good, but write 2"
    ]


async def test_without_a_session_the_whole_task_is_told_with_the_words(
    project: RunProject,
) -> None:
    await project.run_through({"fail": {"code": 2}})
    settings(project)

    again = await continue_task(Engine(project.repo, actor="ana"), "task-1", "Try the other way")
    await project.ended(again)

    told = (run_folder(again.id) / PROMPT_FILE).read_text()
    assert "Say hello" in told
    assert "Try the other way" in told


async def test_an_agent_at_work_is_told_in_place_of_going_on(project: RunProject) -> None:
    settings(project)
    await project.launch(project.script({"wait_for": "/no/such/file"}))
    engine = Engine(project.repo)

    with pytest.raises(Refused, match="agent-1 is at work on task-1"):
        await continue_task(engine, "task-1", "more")
    with pytest.raises(Refused, match="at work in that session"):
        attach(engine, "task-1")


async def test_a_session_that_no_program_opens_is_refused_with_the_reason(
    project: RunProject,
) -> None:
    await project.run_through({"session": {"session": "s-1"}})

    with pytest.raises(Refused, match="has no interface that could open it"):
        attach(Engine(project.repo), "task-1")


async def test_a_worktree_opens_in_the_program_that_the_settings_name(
    project: RunProject,
) -> None:
    run = await project.run_through({"say": "hello"})
    note = project.note("opened")
    editor = project.note("editor.py")
    editor.write_text(f"import sys; open({str(note)!r}, 'w').write(sys.argv[1])")
    command = f'"{sys.executable}" "{editor}"'
    settings(project, f"editor = {json.dumps(command)}")

    said = open_task(Engine(project.repo), "task-1")

    wait_until(lambda: note.is_file() and note.read_text() == str(project.worktree(run)))
    assert said.startswith("task-1 is open in ")
