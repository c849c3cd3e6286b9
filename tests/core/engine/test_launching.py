"""Launching agents: one task that cannot begin holds up no other."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import pytest

from core.domain.run import RunStatus
from core.domain.task import TaskStatus
from core.engine import launching, starting
from core.engine.claiming import claim_and_provision
from core.engine.context import Engine
from core.engine.runs import assign
from core.engine.workers import worker_add
from core.errors import EnvironmentFault, Refused
from tests.run_fixtures import bytecode, project

if TYPE_CHECKING:
    from pathlib import Path

    from tests.runs import RunProject

__all__ = ["bytecode", "project"]


@pytest.fixture
def engine(project: RunProject, weft_home: Path) -> Engine:
    script = project.note("agent.py")
    script.write_text("import pathlib; pathlib.Path('done.txt').write_text('done')")
    (weft_home / "config.toml").write_text(
        f'[agents.quick]\ndriver = "command"\ncommand = ["{sys.executable}", "{script}"]\n'
    )
    return Engine(project.repo)


def in_the_way(project: RunProject, key: str) -> Path:
    """Put a foreign folder where the worktree of *key* would go."""
    folder = project.disk.path.parent / "repo-worktrees" / "agent-1" / key
    folder.mkdir(parents=True)
    (folder / "mine.txt").write_text("mine")
    return folder


async def test_all_goes_on_past_a_task_whose_worktree_cannot_be_made(
    project: RunProject, engine: Engine
) -> None:
    stuck, fine = project.add_task().key, project.add_task().key
    in_the_way(project, stuck)
    told: list[str] = []

    runs = await launching.run(engine, all=True, wait=True, progress=told.append)

    assert [run.task for run in runs] == [fine]
    assert project.task(fine).status is TaskStatus.REVIEW
    assert project.task(stuck).status is TaskStatus.BACKLOG
    assert "is not Weft's worktree" in (project.task(stuck).last_error or "")
    assert sum(f"cannot begin {stuck}" in line for line in told) == 1


async def test_all_says_why_when_nothing_could_begin(project: RunProject, engine: Engine) -> None:
    in_the_way(project, project.add_task().key)

    with pytest.raises(Refused, match="is not Weft's worktree"):
        await launching.run(engine, all=True, wait=True)


async def test_a_file_where_the_worktrees_go_is_a_sentence_and_the_task_goes_back(
    project: RunProject, engine: Engine
) -> None:
    key = project.add_task().key
    (project.disk.path.parent / "repo-worktrees").write_text("in the way")

    with pytest.raises(EnvironmentFault, match="could not be made"):
        await launching.run(engine, (key,), wait=True)

    assert project.task(key).status is TaskStatus.BACKLOG


async def test_cards_dropped_quickly_all_start_without_a_word_of_the_race(
    project: RunProject, engine: Engine
) -> None:
    agents = [worker_add(engine, f"quick-{n}", type="agent", agent="quick").name for n in range(2)]
    keys = [project.add_task().key for _ in agents]

    answers = await asyncio.gather(
        *(assign(engine, key, name) for key, name in zip(keys, agents, strict=True)),
        starting.start_claimed(engine),
    )

    assert len(answers) == 3
    await launching.run(engine, all=True, wait=True)
    assert [project.task(key).status for key in keys] == [TaskStatus.REVIEW] * 2
    assert [project.task(key).attempts for key in keys] == [0, 0]


async def test_a_run_that_another_process_began_is_named_and_waited_for(
    project: RunProject, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = project.add_task().key
    claim = claim_and_provision

    async def overtaken(engine: Engine, key: str, worker: str) -> object:
        made = await claim(engine, key, worker)
        await starting.start_claimed(engine)  # as a window's dispatcher does at this moment
        return made

    monkeypatch.setattr(launching, "claim_and_provision", overtaken)
    told: list[str] = []

    (run,) = await launching.run(engine, (key,), wait=True, progress=told.append)

    assert (run.task, run.status) == (key, RunStatus.DONE)
    assert sum(f"works on {key}" in line for line in told) == 1
    assert sum(f"ended {key}" in line for line in told) == 1


async def test_what_is_at_work_already_is_named_and_waited_for(
    project: RunProject, engine: Engine
) -> None:
    key, told, go = project.add_task().key, list[str](), project.note("go")
    project.note("agent.py").write_text(
        f"import pathlib, time\nwhile not pathlib.Path({str(go)!r}).exists(): time.sleep(0.05)"
    )
    (first,) = await launching.run(engine, (key,))
    with pytest.raises(Refused, match=f"{first.worker} is at work on {key} already, with quick"):
        await launching.run(engine, (key,), agent="claude")

    def tell(sentence: str) -> None:
        told.append(sentence)
        go.touch()

    (again,) = await launching.run(engine, (key,), wait=True, progress=tell)

    assert (again.id, again.status) == (first.id, RunStatus.DONE)
    assert told[0] == f"{first.worker} is at work on {key} already ({first.id})."


async def test_what_was_claimed_before_a_refusal_is_started_and_waited_for(
    project: RunProject, engine: Engine
) -> None:
    fine, stuck = project.add_task().key, project.add_task().key

    with pytest.raises(Refused, match=f"can take {stuck}"):
        await launching.run(engine, (fine, stuck), wait=True)

    assert project.task(fine).status is TaskStatus.REVIEW
