"""What an agent's `weft` can do from within its run: real runners, real command lines."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.dispatch.live import settled
from core.domain.question import QuestionKind
from core.domain.run import RunStatus
from core.events import log
from core.queue import questions
from core.runner.reach import SOCKET_FILE, forget_socket, socket_folder
from tests.runs import LIMIT_S

if TYPE_CHECKING:
    import pytest

    from core.domain.run import Run
    from tests.runs import RunProject, Step

WAITING = frozenset({RunStatus.WAITING})


def weft(*words: str, may_fail: bool = False) -> Step:
    return {"run": {"command": ["weft", *words], "may_fail": may_fail}}


def answers(project: RunProject, run: Run) -> list[Any]:
    """Return what its `weft … --json` commands printed."""
    found, decoder = [], json.JSONDecoder()
    text = "\n".join(project.said(run, "output"))
    while text := text.strip():
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:]
    return found


async def test_an_agent_asks_its_runner_in_place_of_the_database(project: RunProject) -> None:
    run = await project.run_through(
        weft("agent", "task", "--json"),
        weft("agent", "state", "--json"),
        weft("agent", "heartbeat", "half way", "--json"),
        weft("task", "show", "task-1", "--json"),
    )

    assert run.status is RunStatus.DONE, run.reason
    mine, state, beat, task = answers(project, run)
    assert (mine["worker"], mine["task"]["key"], mine["run"]) == ("agent-1", "task-1", run.id)
    assert state == {"worker": "agent-1", "task": "task-1", "status": "working", "reason": ""}
    assert beat["status"] == "working"
    assert task["status"] == "in_progress"
    assert "half way" in project.said(run, "message")


async def test_it_prints_for_people_as_the_command_line_does(project: RunProject) -> None:
    run = await project.run_through(weft("status"), weft("agent", "state"))

    said = project.said(run, "output")
    assert any("agent-1" in line and "task-1" in line for line in said)
    assert said[-1] == "Go on."


async def test_it_acts_for_its_own_worker_and_task_alone(project: RunProject) -> None:
    project.add_task()
    run = await project.run_through(
        weft("agent", "claim", "task-1", "--json", may_fail=True),
        weft("task", "show", "task-1", "--json", may_fail=True),
        weft("release", "task-2", "--json", may_fail=True),
        weft("merge", "run", "--yes", "--json", may_fail=True),
    )

    refused = [answer["error"] for answer in answers(project, run)]
    assert [error["code"] for error in refused] == ["refused"] * 4
    assert refused[0]["message"] == "This run acts for agent-1 on task-2 alone, not for task-1."
    assert refused[2]["message"] == "Within a run an agent cannot do 'release'."
    assert run.status is RunStatus.DONE


async def test_its_question_waits_for_a_person(project: RunProject) -> None:
    run = await project.launch(
        project.script(
            weft("agent", "ask", "Which port?\nThe old one is taken.", "--option", "8080", "--json")
        )
    )
    await settled(run.id, WAITING, limit_s=LIMIT_S)
    (question,) = questions.open_questions(project.repo)
    assert (question.kind, question.title) == (QuestionKind.QUESTION, "Which port?")
    assert (question.detail, question.options[0].id) == ("The old one is taken.", "8080")

    questions.answer(question.id, "8080", now=project.clock.now(), actor="ana")
    run = await project.ended(run)

    assert answers(project, run) == [{"question": question.id, "answered": True, "answer": "8080"}]


async def test_an_answer_that_comes_too_late_is_told_in_words(project: RunProject) -> None:
    run = await project.launch(
        project.script(
            {"steerable": True},
            weft("agent", "ask", "Which port?", "--wait", "0", "--json"),
            {"hear": True},
        )
    )
    await settled(run.id, WAITING, limit_s=LIMIT_S)
    (question,) = questions.open_questions(project.repo)

    questions.answer(question.id, "8080", now=project.clock.now(), actor="ana")
    run = await project.ended(run)

    assert project.said(run, "message") == [
        "I heard: The answer to your question 'Which port?' is: 8080"
    ]


async def test_a_completed_task_goes_to_review_whatever_the_program_says_last(
    project: RunProject,
) -> None:
    run = await project.run_through(
        {"write": {"path": "new", "text": "new\n"}},
        weft("agent", "complete", "Port is 8080"),
        {"fail": {"code": 4}},
    )

    assert run.status is RunStatus.DONE
    assert run.exit_code == 4
    assert "Port is 8080" in project.said(run, "message")
    assert [event.kind for event in log.read() if event.kind == "task.review"] == ["task.review"]


async def test_a_long_home_has_its_socket_elsewhere_and_leaves_none(
    project: RunProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = tmp_path.parent / "s"
    short.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(short))
    monkeypatch.setattr("core.runner.reach._LONGEST_ADDRESS", 10)

    folder, passing = socket_folder("run-1")

    assert passing
    assert folder.stat().st_mode & 0o777 == 0o700
    (folder / SOCKET_FILE).touch()
    forget_socket("run-1")
    assert not folder.exists()


async def test_a_commit_is_checked_against_the_locks_of_others(project: RunProject) -> None:
    code = (
        "from core.runner.socket_client import call; import json;"
        "print(json.dumps(call('check_commit', {'paths': ['a.txt']})))"
    )
    root = str(Path(__file__).parents[3])
    step = {"run": {"command": ["env", f"PYTHONPATH={root}", sys.executable, "-c", code]}}

    run = await project.run_through(step)

    assert answers(project, run) == [{"problems": []}]
