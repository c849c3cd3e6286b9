"""Stages of a task with real runs: plan, build, review, gates, returns, retry."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from core.domain.stage import StageStatus
from core.domain.task import TaskStatus
from core.engine import gates, launching, overview, runs, staging, tasks
from core.engine.context import Engine
from core.errors import NotFound, Refused
from core.events import log
from core.queue import outcomes
from core.tasks import board
from tests.loops import loops
from tests.run_fixtures import bytecode, project
from tests.waiting import wait_until, wait_until_async

if TYPE_CHECKING:
    from core.domain.run import Run
    from core.domain.stage import Stage
    from tests.runs import RunProject

__all__ = ["bytecode", "project"]

PLAN = "Change the one file.\n\nFILES:\n- src/shop.py\n- not a path/../x"
BUILT = "Built as planned."
GOOD = "All is well.\nVERDICT: APPROVE"
BAD = "The limit is missing.\n**Verdict: Reject**"


def configure(project: RunProject, home: Path, *, options: str = "", **scripts: Any) -> Engine:
    """Write settings with three stages, each done by a scripted profile of its name."""
    defaults: dict[str, list[dict[str, Any]]] = {
        "analyze": [{"say": PLAN}],
        "build": [{"write": {"path": "src/shop.py", "text": "shop = 1\n"}}, {"say": BUILT}],
        "review": [{"say": GOOD}],
    }
    lines = ['dispatch = "queue"', 'stages = ["analyze", "build", "review"]', options]
    lines.append('stage_profiles = ["analyze=analyze", "review = review"]')
    for name, steps in {**defaults, **scripts}.items():
        file = project.note(f"{name}.json")
        file.write_text(json.dumps({"steps": steps}))
        profile = "quick" if name == "build" else name
        lines += [f"[agents.{profile}]", 'driver = "scripted"', f'command = ["{file}"]']
    (home / "config.toml").write_text("\n".join(lines) + "\n")
    return Engine(project.repo)


def rewrite(project: RunProject, stage: str, *steps: dict[str, Any]) -> None:
    project.note(f"{stage}.json").write_text(json.dumps({"steps": steps}))


def of(engine: Engine, key: str) -> dict[str, Stage]:
    return {stage.name: stage for stage in staging.stages(engine, key)}


def done_by(project: RunProject, key: str) -> list[tuple[str, str]]:
    """Return (stage, profile) of each run of a task, oldest first."""
    found = outcomes.list_runs(project.repo, task=key)
    return [(run.stage, run.agent) for run in sorted(found, key=lambda run: run.started_at)]


def prompt(run: Run) -> str:
    return (Path(run.transcript).parent / "prompt.md").read_text()


def events(project: RunProject, key: str) -> list[str]:
    found = log.read(repo=str(project.repo.path), task=key)
    return [event.kind for event in found if event.kind.startswith("stage.")]


def card(engine: Engine, key: str) -> str:
    return next((one.reasons[0] for one in overview.board(engine).waiting if one.task == key), "")


async def reaches(project: RunProject, key: str, status: TaskStatus) -> None:
    await wait_until_async(lambda: project.task(key).status is status, timeout_s=60)


async def at_gate(engine: Engine, key: str, name: str) -> None:
    def waits() -> bool:
        stage = of(engine, key).get(name)
        return stage is not None and stage.status is StageStatus.GATE

    await wait_until_async(waits, timeout_s=60)


async def test_a_plan_a_build_and_a_review_are_three_runs_under_one_claim(
    project: RunProject, weft_home: Path
) -> None:
    engine = configure(project, weft_home)
    key = project.add_task().key

    async with loops(engine):
        await reaches(project, key, TaskStatus.REVIEW)

    assert done_by(project, key) == [
        ("analyze", "analyze"),
        ("build", "quick"),
        ("review", "review"),
    ]
    stages = of(engine, key)
    assert {stage.status for stage in stages.values()} == {StageStatus.DONE}
    assert staging.artifact_text(engine, key, "analyze").strip() == PLAN
    assert project.task(key).files == ("src/shop.py",)
    runs_of = {run.stage: run for run in outcomes.list_runs(project.repo, task=key)}
    assert "You plan one task" in prompt(runs_of["analyze"])
    assert PLAN in prompt(runs_of["build"])
    assert BUILT in prompt(runs_of["review"])
    kinds = [event.kind for event in log.read(repo=str(project.repo.path), task=key)]
    assert kinds.count("task.claimed") == 1
    assert kinds.count("lock.taken") == 1
    details = tasks.task_show(engine, key)
    assert [stage.name for stage in details.stages] == ["analyze", "build", "review"]
    assert project.disk.git("show", f"{project.task(key).branch}:src/shop.py") == "shop = 1"


async def test_a_review_sends_the_work_back_with_its_words_and_only_so_often(
    project: RunProject, weft_home: Path
) -> None:
    engine = configure(project, weft_home, options="stage_returns = 1", review=[{"say": BAD}])
    key = project.add_task().key

    async with loops(engine):
        await at_gate(engine, key, "review")

        builds = [run for run in outcomes.list_runs(project.repo, task=key) if run.stage == "build"]
        assert len(builds) == 2
        assert BAD in prompt(builds[0])
        assert card(engine, key) == (
            "Stage review waits for your word. The review rejects; it was sent back once already."
        )
        assert project.task(key).status is TaskStatus.IN_PROGRESS

        await gates.stage_approve(engine, key, "It will do.")
        assert project.task(key).status is TaskStatus.REVIEW

    assert "stage.returned" in events(project, key)
    assert events(project, key)[-1] == "stage.approved"


async def test_a_gate_waits_for_a_person_who_may_reject_with_words_and_escalate(
    project: RunProject, weft_home: Path
) -> None:
    engine = configure(project, weft_home, options='stage_gates = ["analyze"]')
    key = project.add_task().key

    async with loops(engine):
        await at_gate(engine, key, "analyze")
        gates.stage_escalate(engine, key, "Do we want this?")
        assert project.task(key).escalated
        assert card(engine, key) == "Stage analyze waits for your word. Do we want this?"

        await gates.stage_reject(engine, key, "Think of the tests.")
        await wait_until_async(lambda: len(done_by(project, key)) == 2)
        await at_gate(engine, key, "analyze")
        newest = outcomes.list_runs(project.repo, task=key)[0]
        assert "Think of the tests." in prompt(newest)
        assert not project.task(key).escalated

        await gates.stage_approve(engine, key)
        await reaches(project, key, TaskStatus.REVIEW)
        with pytest.raises(Refused, match="waits for your word"):
            await gates.stage_approve(engine, key)


async def test_a_plan_whose_files_another_is_changing_waits_for_a_word_before_it_is_built(
    project: RunProject, weft_home: Path
) -> None:
    engine = configure(project, weft_home)
    project.add_agent("agent-2")
    other = project.add_task("Other").key
    board.edit_task(
        project.repo,
        other,
        board.TaskChanges(files=("src/*.py",)),
        now=project.clock.now(),
        actor="person",
    )
    await runs.pause(engine, "agent-2")
    project.claim(other, "agent-1")
    key = project.add_task().key
    await runs.resume(engine, "agent-2")
    rewrite(project, "analyze", {"say": PLAN})
    (weft_home / "config.toml").write_text(
        (weft_home / "config.toml").read_text().replace('"queue"', '"supervisor"', 1)
    )
    await runs.pause(engine, "agent-1")

    async with loops(engine):
        await runs.assign(engine, key, "agent-2")
        await at_gate(engine, key, "analyze")

    assert "src/shop.py is held by agent-1" in card(engine, key)
    assert done_by(project, key) == [("analyze", "analyze")]


async def test_a_stage_that_fails_is_tried_again_without_the_good_ones(
    project: RunProject, weft_home: Path
) -> None:
    fails = [{"fail": {"code": 1, "text": "no"}}]
    engine = configure(project, weft_home, options="max_attempts = 1", build=fails)
    key = project.add_task().key

    async with loops(engine):
        await wait_until_async(lambda: project.task(key).escalated, timeout_s=60)
        assert of(engine, key)["build"].status is StageStatus.FAILED
        rewrite(project, "build", {"say": BUILT})
        tasks.task_retry(engine, key)
        await reaches(project, key, TaskStatus.REVIEW)

        again = [stage for stage, _ in done_by(project, key)]
        assert again == ["analyze", "build", "build", "review"]

        with pytest.raises(NotFound, match="no stage 'paint'"):
            tasks.task_retry(engine, key, stage="paint")
        tasks.task_retry(engine, key, stage="review")
        await wait_until_async(lambda: len(done_by(project, key)) == 5, timeout_s=60)
        await reaches(project, key, TaskStatus.REVIEW)

    assert done_by(project, key)[-1] == ("review", "review")


async def test_work_that_another_worker_goes_on_with_is_built_anew_on_its_branch(
    project: RunProject, weft_home: Path
) -> None:
    fails = [{"fail": {"code": 1, "text": "no"}}]
    engine = configure(project, weft_home, options="max_attempts = 1", review=fails)
    key = project.add_task().key

    async with loops(engine):
        await wait_until_async(lambda: project.task(key).escalated, timeout_s=60)
        rewrite(project, "review", {"say": GOOD})
        await runs.pause(engine, "agent-1")
        project.add_agent("agent-2")
        tasks.task_retry(engine, key)
        await reaches(project, key, TaskStatus.REVIEW)

    again = [stage for stage, _ in done_by(project, key)]
    assert again == ["analyze", "build", "review", "build", "review"]
    assert project.task(key).worker == "agent-2"


async def test_a_task_between_two_stages_can_be_taken_back(
    project: RunProject, weft_home: Path
) -> None:
    engine = configure(project, weft_home, options='stage_gates = ["analyze"]')
    key = project.add_task().key

    async with loops(engine):
        await at_gate(engine, key, "analyze")
        await runs.pause(engine, "agent-1")
        said = await runs.abort(engine, key)

    assert said == (f"{key} is back in the backlog; nobody was at work on it.",)
    assert project.task(key).status is TaskStatus.BACKLOG


async def test_between_two_stages_without_a_leader_the_card_says_what_is_missing(
    project: RunProject, weft_home: Path
) -> None:
    engine = configure(project, weft_home)
    key = project.add_task().key

    (run,) = await launching.run(engine, (key,))
    await project.ended(run)

    (one,) = overview.board(engine).waiting
    assert one.reasons == (
        "Its run has ended; what comes next begins with Weft's window, or: weft run --all",
    )
    async with loops(engine):
        await reaches(project, key, TaskStatus.REVIEW)
    assert overview.board(engine).waiting == ()


async def test_a_run_that_ends_before_anybody_looks_is_followed_by_its_next_stage(
    project: RunProject, weft_home: Path
) -> None:
    engine = configure(project, weft_home)
    key = project.add_task().key

    def told(sentence: str) -> None:
        if " works on " in sentence:
            wait_until(lambda: not outcomes.list_runs(project.repo, live_only=True), timeout_s=60)

    await launching.run(engine, (key,), wait=True, progress=told)

    assert [stage for stage, _ in done_by(project, key)] == ["analyze", "build", "review"]


async def test_a_task_between_two_stages_goes_on_when_it_is_run_by_name(
    project: RunProject, weft_home: Path
) -> None:
    engine = configure(project, weft_home)
    key = project.add_task().key
    (run,) = await launching.run(engine, (key,))
    await project.ended(run)

    await launching.run(engine, (key,), wait=True)

    assert [stage for stage, _ in done_by(project, key)] == ["analyze", "build", "review"]
    assert project.task(key).status is TaskStatus.REVIEW
