"""Conversations with agents: questions, words, limits. Real runners, real agents."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from core.dispatch.control import ask
from core.dispatch.live import run_record, settled
from core.dispatch.recovery import recover
from core.domain.question import OptionKind, Question, QuestionKind
from core.domain.run import ControlVerb, Run, RunStatus
from core.domain.task import TaskStatus
from core.events import log
from core.queue import questions
from core.queue.budgets import day_spent
from core.store.schema import QuestionRow, TaskRow
from tests.runs import LIMIT_S, QUICK
from tests.waiting import wait_until_async

if TYPE_CHECKING:
    from tests.runs import RunProject, Step

WAITING = frozenset({RunStatus.WAITING})
WORKING = frozenset({RunStatus.WORKING})
RM: Step = {
    "ask": {
        "title": "rm -r build",
        "detail": "rm -r build/",
        "allowed": [{"write": {"path": "gone", "text": ""}}],
        "denied": [{"say": "Then not"}],
    }
}


async def asked(project: RunProject, *steps: Step) -> tuple[Run, Question]:
    """Launch a script; return the run and its question once it waits."""
    run = await project.launch(project.script(*steps))
    run = await settled(run.id, WAITING, limit_s=LIMIT_S)
    (question,) = questions.open_questions(project.repo)
    return run, question


def answer(project: RunProject, question: Question, words: str) -> None:
    questions.answer(question.id, words, now=project.clock.now(), actor="ana")


def say(project: RunProject, run: Run, text: str) -> None:
    ask(project.repo, run.id, ControlVerb.SAY, now=project.clock.now(), actor="ana", text=text)


async def test_an_agent_that_asks_waits_for_a_person_and_goes_on(project: RunProject) -> None:
    run, question = await asked(project, RM)

    assert run.status is RunStatus.WAITING
    assert (question.kind, question.title) == (QuestionKind.PERMISSION, "rm -r build")
    assert [option.kind for option in question.options] == [
        OptionKind.ALLOW_ONCE, OptionKind.ALLOW_ALWAYS, OptionKind.DENY,
    ]  # fmt: skip

    answer(project, question, "allow")
    run = await project.ended(run)

    assert run.status is RunStatus.DONE
    assert project.disk.git("show", "worker/agent-1/task-1:gone") == ""
    assert questions.open_questions(project.repo) == ()
    kinds = [event.kind for event in log.read() if event.run == run.id]
    assert kinds[3:8] == [
        "task.started", "question.asked", "run.waiting", "question.answered", "run.working",
    ]  # fmt: skip


async def test_a_run_that_was_denied_and_changed_nothing_has_failed(project: RunProject) -> None:
    run, question = await asked(project, RM, {"say": "All done"})

    answer(project, question, "no")
    run = await project.ended(run)

    assert run.status is RunStatus.FAILED
    assert run.reason == (
        "The agent said that it was done, but it was denied rm -r build and changed nothing."
    )


async def test_what_was_allowed_for_the_run_is_not_asked_again(project: RunProject) -> None:
    run, question = await asked(project, RM, RM)

    answer(project, question, "always")
    run = await project.ended(run)

    assert run.status is RunStatus.DONE
    assert QuestionRow.select().count() == 1
    assert any("for the whole run" in line for line in project.said(run, "question"))


async def test_editing_its_own_worktree_asks_nobody(project: RunProject) -> None:
    edit = {"title": "edit a.txt", "kind": "edit", "paths": ["a.txt"]}

    run = await project.run_through({"ask": {**edit, "allowed": [{"say": "Thank you"}]}})

    assert project.said(run, "message") == ["Thank you"]
    assert QuestionRow.select().count() == 0


async def test_a_question_in_words_is_answered_in_words(project: RunProject) -> None:
    run, question = await asked(project, {"question": {"title": "Which port?"}})

    assert (question.kind, question.options) == (QuestionKind.QUESTION, ())
    answer(project, question, "8080, please")

    assert project.said(await project.ended(run), "message") == ["You said: 8080, please"]


async def test_words_wait_for_the_next_turn_of_an_agent_that_cannot_hear_now(
    project: RunProject,
) -> None:
    go = project.note("go")
    run = await project.launch(
        project.script({"say": "first"}, {"wait_for": str(go)}, {"end_turn": {}}, {"say": "second"})
    )

    say(project, run, "mind the tests")
    await wait_until_async(lambda: any(event.kind == "run.told" for event in log.read()))
    go.touch()
    run = await project.ended(run)

    assert run.status is RunStatus.DONE
    assert project.said(run, "message") == ["first", "You said: mind the tests", "second"]
    assert "ana, heard with its next turn: mind the tests" in project.said(run, "state")


async def test_words_reach_a_steerable_agent_at_once(project: RunProject) -> None:
    run = await project.launch(
        project.script({"steerable": True}, {"say": "ready"}, {"hear": True})
    )
    await wait_until_async(lambda: project.said(run, "message"))

    say(project, run, "to the left")
    run = await project.ended(run)

    assert project.said(run, "message") == ["ready", "I heard: to the left"]


async def test_a_plain_command_can_be_told_nothing_and_the_transcript_says_so(
    project: RunProject,
) -> None:
    go = project.note("go")
    code = "import os, sys, time\nwhile not os.path.exists(sys.argv[1]): time.sleep(0.01)"
    run = await project.launch(project.python(code, str(go)))

    say(project, run, "hello")
    await wait_until_async(lambda: any(event.kind == "run.told" for event in log.read()))
    go.touch()

    assert "ana, heard never: hello" in project.said(await project.ended(run), "state")


LATE_SESSION = """
import json, os, sys, time
again = "--resume" in sys.argv
while not again and not os.path.exists(sys.argv[1]):
    time.sleep(0.01)
words = sys.stdin.read() if again else "ready"
told = [{"type": "system", "subtype": "init", "session_id": "s1"}]
told += [{"type": "assistant", "message": {"content": [{"type": "text", "text": words}]}}]
told += [{"type": "result", "subtype": "success", "result": "ok", "session_id": "s1"}]
print(*map(json.dumps, told), sep="\\n")
"""


async def test_words_wait_for_a_program_that_tells_its_session_at_its_end(
    project: RunProject,
) -> None:
    go = project.note("go")
    late = replace(project.python(LATE_SESSION, str(go)), program="qwen-headless")
    run = await project.launch(late)

    say(project, run, "to the left")
    await wait_until_async(lambda: any(event.kind == "run.told" for event in log.read()))
    go.touch()
    run = await project.ended(run)

    assert "ana, heard with its next turn: to the left" in project.said(run, "state")
    assert project.said(run, "message") == ["ready", "to the left"]


async def test_what_a_run_does_and_costs_is_in_its_record(project: RunProject) -> None:
    go = project.note("go")
    run = await project.launch(
        project.script(
            {"session": {"session": "s-1", "model": "model-1"}},
            {"plan": [["look", "completed"], ["write", "in_progress"]]},
            {"usage": {"input_tokens": 100, "output_tokens": 7, "cost_usd": 0.25}},
            {"tool": {"title": "run the tests", "id": "t1", "kind": "execute"}},
            {"wait_for": str(go)},
        )
    )

    await wait_until_async(lambda: run_record(run.id).tool == "run the tests")
    found = run_record(run.id)
    go.touch()
    ended = await project.ended(run)

    assert (found.session, found.model, found.plan_done, found.plan_total) == (
        "s-1", "model-1", 1, 2,
    )  # fmt: skip
    assert (found.input_tokens, found.output_tokens, found.cached_tokens) == (100, 7, None)
    assert (found.cost_usd, found.cost_source) == (0.25, "program")
    assert sum(found.activity) == 3
    assert (ended.tool, ended.session, ended.cost_usd) == ("", "s-1", 0.25)
    assert project.said(ended, "plan") == ["[x] look", "[>] write"]


async def test_a_rate_limit_is_waited_out_inside_the_run(project: RunProject) -> None:
    run = await project.run_through(
        {"rate_limit": {"reason": "Too many requests."}},
        {"end_turn": {"outcome": "failed", "reason": "Overloaded."}},
        {"say": "Now it works"},
        terms=replace(QUICK, retry=timedelta(milliseconds=10)),
    )

    assert run.status is RunStatus.DONE
    assert project.said(run, "message") == [
        "You said: Go on with the task where you were held up.", "Now it works",
    ]  # fmt: skip


async def test_a_silent_agent_is_stopped(project: RunProject) -> None:
    run = await project.run_through(
        {"wait_for": "/no/such/file"}, terms=replace(QUICK, idle=timedelta(seconds=0.3))
    )

    assert run.status is RunStatus.FAILED
    assert run.reason == "It said nothing for 0.005 minutes."
    assert project.members(run) == ()


async def test_while_an_agent_takes_its_time_to_end_its_run_says_that_it_is_stopped(
    project: RunProject,
) -> None:
    code = (
        "import signal, time\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "time.sleep(600)"
    )
    run = await project.launch(
        project.python(code), terms=replace(QUICK, idle=timedelta(seconds=0.3))
    )

    await wait_until_async(lambda: run_record(run.id).reason != "")

    stopping, why = run_record(run.id), "It said nothing for 0.005 minutes."
    assert (stopping.status, stopping.reason) == (RunStatus.WORKING, f"Being stopped. {why}")
    (event,) = [event for event in log.read() if event.kind == "run.stopping"]
    assert (event.run, event.data["why"]) == (run.id, why)
    assert (await project.ended(run)).reason == why


async def test_a_spent_budget_holds_the_run_until_a_person_decides(project: RunProject) -> None:
    go = project.note("go")
    run = await project.launch(
        project.script({"usage": {"cost_usd": 1.5}}, {"wait_for": str(go)}, {"say": "on"}),
        terms=replace(QUICK, budget_task_usd=1.0),
    )
    run = await settled(run.id, WAITING, limit_s=LIMIT_S)
    (question,) = questions.open_questions(project.repo)
    assert question.kind is QuestionKind.BUDGET
    assert question.title == "task-1 has cost $1.50 of $1.00. Go on?"

    go.touch()
    answer(project, question, "allow")
    run = await project.ended(run)

    assert run.status is RunStatus.DONE
    assert TaskRow.get().budget_micro == 2_500_000


async def test_a_person_who_allows_no_more_stops_the_run(project: RunProject) -> None:
    run = await project.launch(
        project.script({"usage": {"cost_usd": 1.5}}, {"wait_for": "/no/such/file"}),
        terms=replace(QUICK, budget_day_usd=1.0),
    )
    await settled(run.id, WAITING, limit_s=LIMIT_S)
    (question,) = questions.open_questions(project.repo)

    answer(project, question, "deny")
    run = await project.ended(run)

    assert run.status is RunStatus.ABORTED
    assert run.reason == "The runs of today have cost $1.50 of $1.00. ana stopped it."
    assert project.task("task-1").attempts == 0


async def test_a_run_that_was_allowed_more_goes_on_working(project: RunProject) -> None:
    go, end = project.note("go"), project.note("end")
    steps: list[Step] = [
        {"usage": {"cost_usd": 1.5}},
        {"wait_for": str(go)},
        {"usage": {"cost_usd": 1.6}},
    ]
    run = await project.launch(
        project.script(*steps, {"wait_for": str(end)}), terms=replace(QUICK, budget_task_usd=1.0)
    )
    await settled(run.id, WAITING, limit_s=LIMIT_S)
    (question,) = questions.open_questions(project.repo)

    answer(project, question, "allow")
    await settled(run.id, WORKING, limit_s=LIMIT_S)
    go.touch()
    await wait_until_async(lambda: (run_record(run.id).cost_usd or 0) > 1.5)
    say(project, run, "are you there?")
    await wait_until_async(lambda: any(event.kind == "run.told" for event in log.read()))
    end.touch()

    assert (await project.ended(run)).status is RunStatus.DONE


async def test_a_day_s_budget_that_other_runs_use_up_holds_each_and_one_answer_is_enough(
    project: RunProject,
) -> None:
    spend, go = project.note("spend"), project.note("go")
    terms = replace(QUICK, budget_day_usd=1.0)
    cheap: list[Step] = [{"usage": {"cost_usd": 0.1}}, {"wait_for": str(go)}]
    dear: list[Step] = [
        {"usage": {"cost_usd": 0.1}},
        {"wait_for": str(spend)},
        {"usage": {"cost_usd": 3.0}},
    ]
    project.add_agent("agent-2")
    first = await project.launch(project.script(*cheap), terms=terms)
    second = await project.launch(
        project.script(*dear, {"wait_for": str(go)}), terms=terms, worker="agent-2"
    )
    assert questions.open_questions(project.repo) == ()

    spend.touch()
    await settled(first.id, WAITING, limit_s=LIMIT_S)
    await settled(second.id, WAITING, limit_s=LIMIT_S)
    both = questions.open_questions(project.repo)
    answer(project, next(one for one in both if one.run == second.id), "allow")
    await settled(first.id, WORKING, limit_s=LIMIT_S)

    assert {one.run for one in both} == {first.id, second.id}
    assert QuestionRow.get(QuestionRow.run == first.id).answered_by == "ana"
    assert day_spent(project.repo, 1.0, now=project.clock.now()) == ""
    go.touch()
    for run in (first, second):
        assert (await project.ended(run)).status is RunStatus.DONE


async def test_a_pause_and_a_question_do_not_mix_up_the_status(project: RunProject) -> None:
    run, question = await asked(project, RM)

    ask(project.repo, run.id, ControlVerb.PAUSE, now=project.clock.now(), actor="ana")
    await settled(run.id, frozenset({RunStatus.PAUSED}), limit_s=LIMIT_S)
    ask(project.repo, run.id, ControlVerb.RESUME, now=project.clock.now(), actor="ana")
    run = await settled(run.id, WAITING, limit_s=LIMIT_S)
    answer(project, question, "allow")

    assert run.status is RunStatus.WAITING
    assert (await project.ended(run)).status is RunStatus.DONE


async def test_a_runner_killed_while_its_agent_waits_for_an_answer_leaves_nothing_wrong(
    project: RunProject,
) -> None:
    run, question = await asked(project, {"write": {"path": "half", "text": "half\n"}}, RM)

    project.kill_runner(run)
    (said,) = await recover(project.repo, clock=project.clock, max_attempts=2)

    run = run_record(run.id)
    assert run.status is RunStatus.LOST
    assert "Its runner died." in said
    assert project.members(run) == ()
    assert questions.open_questions(project.repo) == ()
    assert QuestionRow.get_by_id(question.id).answered_by == "the end of the run"
    assert project.task("task-1").status is TaskStatus.BACKLOG
    assert project.disk.git("show", "refs/weft/preserved/task-1/1:half") == "half"


async def test_tokens_that_the_program_does_not_price_are_priced_by_the_list(
    project: RunProject,
) -> None:
    used = {"input_tokens": 1_000_000, "output_tokens": 0, "model": "gpt-5-mini"}
    run = await project.run_through({"usage": used})
    unknown = await project.run_through({"usage": {**used, "model": "of-nobody-1"}})

    assert run.cost_usd is not None
    assert run.cost_usd > 0
    assert run.cost_source == "prices"
    assert (unknown.cost_usd, unknown.cost_source) == (None, "")


async def test_a_run_that_a_budget_suspends_is_ended_when_its_runner_is_killed(
    project: RunProject,
) -> None:
    run = await project.launch(
        project.script({"usage": {"cost_usd": 1.5}}, {"wait_for": "/no/such/file"}),
        terms=replace(QUICK, budget_task_usd=1.0),
    )
    run = await settled(run.id, WAITING, limit_s=LIMIT_S)
    assert run.status is RunStatus.WAITING

    project.kill_runner(run)
    await recover(project.repo, clock=project.clock, max_attempts=2)

    assert run_record(run.id).status is RunStatus.LOST
    assert project.members(run) == ()
    assert questions.open_questions(project.repo) == ()


async def test_an_agent_that_breaks_off_when_it_is_denied_can_be_told_what_to_do_instead(
    project: RunProject,
) -> None:
    denied = [{"end_turn": {"outcome": "cancelled"}}, {"write": {"path": "instead", "text": ""}}]
    run, question = await asked(project, {"ask": {"title": "make deploy", "denied": denied}})

    say(project, run, "build it only")
    await wait_until_async(lambda: any(event.kind == "run.told" for event in log.read()))
    answer(project, question, "no")
    run = await project.ended(run)

    assert run.status is RunStatus.DONE
    assert project.said(run, "message") == ["You said: build it only"]
