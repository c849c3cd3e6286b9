"""The dispatcher with real runs: queue, hybrid and supervisor, stealing, scaling, failures."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import TYPE_CHECKING

from core.domain.run import LIVE
from core.domain.task import NewTask, Priority, TaskStatus
from core.domain.worker import WorkerType
from core.engine import controls, overview, runs, tasks, workers
from core.engine.context import Engine
from core.events import log
from core.queue import claims, outcomes
from core.store.schema import ClaimRow, TaskDependencyRow
from core.store.transactions import transaction
from core.tasks import board
from core.tasks.records import row_of
from core.workers.registry import add_worker
from tests.loops import loops
from tests.run_fixtures import bytecode, project
from tests.waiting import wait_until_async

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.runs import RunProject

__all__ = ["bytecode", "project"]

WRITES = "import pathlib; pathlib.Path('done.txt').write_text('done')"
FAILS = "import sys; sys.exit('it does not work')"
WAITS = """
import pathlib, time
while not (pathlib.Path(__file__).parent / 'go-on').exists(): time.sleep(0.01)
"""


def configure(project: RunProject, home: Path, code: str = WRITES, **options: object) -> Engine:
    """Write the person's settings, with one profile `quick` that runs *code*."""
    script = project.note("agent.py")
    script.write_text(code)
    lines = [f"{name} = {_toml(value)}" for name, value in options.items()]
    lines += [
        "[agents.quick]",
        'driver = "command"',
        f'command = ["{sys.executable}", "{script}"]',
    ]
    (home / "config.toml").write_text("\n".join(lines) + "\n")
    return Engine(project.repo)


def _toml(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def statuses(project: RunProject, *keys: str) -> list[TaskStatus]:
    return [project.task(key).status for key in keys]


def kinds(project: RunProject, key: str) -> list[str]:
    found = log.read(repo=str(project.repo.path), task=key)
    return [event.kind for event in found]


async def settled_in_review(project: RunProject, *keys: str) -> None:
    await wait_until_async(
        lambda: statuses(project, *keys) == [TaskStatus.REVIEW] * len(keys), timeout_s=60
    )


async def test_in_queue_mode_idle_agents_take_tasks_and_dependents_start_by_themselves(
    project: RunProject, weft_home: Path
) -> None:
    engine = configure(project, weft_home, dispatch="queue", dependency_satisfied_by="review")
    first = project.add_task()
    later = board.add_task(
        project.repo,
        NewTask("Later", depends_on=(first.key,)),
        now=project.clock.now(),
        actor="person",
    )

    async with loops(engine):
        await settled_in_review(project, first.key, later.key)
        added = project.add_task("Comes while it runs").key
        await settled_in_review(project, added)


async def test_a_supervisor_is_asked_and_nothing_starts_by_itself(
    project: RunProject, weft_home: Path
) -> None:
    engine = configure(project, weft_home)
    urgent = board.add_task(
        project.repo,
        NewTask("Urgent", priority=Priority.CRITICAL),
        now=project.clock.now(),
        actor="person",
    )
    other = project.add_task().key

    async with loops(engine):
        await wait_until_async(lambda: overview.board(engine).proposals)
        (proposal,) = controls.proposals(engine)
        assert (proposal.task, proposal.worker) == (urgent.key, "agent-1")
        assert proposal.why == "critical priority"
        assert statuses(project, urgent.key, other) == [TaskStatus.BACKLOG] * 2

        await controls.accept(engine, urgent.key)
        await settled_in_review(project, urgent.key)
        await wait_until_async(lambda: [p.task for p in controls.proposals(engine)] == [other])
    assert statuses(project, other) == [TaskStatus.BACKLOG]


async def test_in_hybrid_mode_the_order_of_the_board_stands_above_priority_and_score(
    project: RunProject, weft_home: Path
) -> None:
    engine = configure(project, weft_home, dispatch="hybrid")
    long, short = project.add_task("Long").key, project.add_task("Short").key
    board.edit_task(
        project.repo,
        long,
        board.TaskChanges(estimate_minutes=600, priority=Priority.CRITICAL),
        now=project.clock.now(),
        actor="person",
    )
    tasks.task_order(engine, short, before=long)

    async with loops(engine):
        await settled_in_review(project, long, short)

    claimed = [
        event.task
        for event in log.read(repo=str(project.repo.path))
        if event.kind == "task.claimed"
    ]
    assert claimed == [short, long]


async def test_a_paused_dispatcher_gives_out_and_starts_nothing_until_it_is_resumed(
    project: RunProject, weft_home: Path
) -> None:
    engine = configure(project, weft_home, dispatch="queue")
    claimed, key = project.add_task().key, project.add_task().key
    project.claim(claimed)
    project.add_agent("agent-2")
    assert controls.dispatch_pause(engine).paused_by == "person"
    said = "Waits until the dispatcher goes on: a person paused it."

    async with loops(engine):
        await wait_until_async(
            lambda: all("task.waits" in kinds(project, one) for one in (claimed, key))
        )
        view = controls.dispatch_view(engine)
        assert (view.ready, view.idle) == (1, 1)
        assert statuses(project, claimed, key) == [TaskStatus.CLAIMED, TaskStatus.BACKLOG]
        told = {one.task: one.reasons for one in overview.board(engine).waiting}
        assert told == {claimed: (said,), key: (said,)}
        assert not controls.dispatch_resume(engine).paused
        await settled_in_review(project, claimed, key)


async def test_a_paused_worker_takes_nothing_new(project: RunProject, weft_home: Path) -> None:
    engine = configure(project, weft_home, dispatch="queue")
    said = await runs.pause(engine, "agent-1")
    assert said == ("agent-1 takes nothing new until it is resumed.",)
    key = project.add_task().key

    async with loops(engine):
        await wait_until_async(lambda: controls.dispatch_view(engine).leads)
        assert workers.get(engine, "agent-1").paused
        assert statuses(project, key) == [TaskStatus.BACKLOG]
        assert await runs.resume(engine, "agent-1") == ("agent-1 takes tasks again.",)
        await settled_in_review(project, key)


async def test_a_dependency_that_fails_holds_its_dependents_and_says_so(
    project: RunProject, weft_home: Path
) -> None:
    engine = configure(project, weft_home, FAILS, dispatch="queue", max_attempts=2)
    first = project.add_task().key
    later = board.add_task(
        project.repo, NewTask("Later", depends_on=(first,)), now=project.clock.now(), actor="person"
    ).key

    async with loops(engine):
        await wait_until_async(lambda: project.task(first).escalated, timeout_s=60)

        waiting = {one.task: one.reasons for one in overview.board(engine).waiting}

    assert project.task(first).attempts == 2
    assert len(outcomes.list_runs(project.repo)) == 2
    assert "Failed 2 times" in waiting[first][0]
    assert first in waiting[later][0]
    assert statuses(project, later) == [TaskStatus.BACKLOG]


async def test_tasks_that_wait_for_each_other_wait_and_hold_up_no_other(
    project: RunProject, weft_home: Path
) -> None:
    engine = configure(project, weft_home, dispatch="queue")
    one, two, free = (project.add_task(title).key for title in ("One", "Two", "Free"))
    with transaction():  # nothing of Weft's lets a circle come about
        rows = {key: row_of(project.repo, key).id for key in (one, two)}
        TaskDependencyRow.create(task=rows[one], needs=rows[two])
        TaskDependencyRow.create(task=rows[two], needs=rows[one])

    async with loops(engine):
        await settled_in_review(project, free)
        waiting = {entry.task: entry.reasons for entry in overview.board(engine).waiting}

    assert two in waiting[one][0]
    assert one in waiting[two][0]
    assert statuses(project, one, two) == [TaskStatus.BACKLOG] * 2


async def test_a_task_whose_start_fails_is_left_alone_and_the_others_go_on(
    project: RunProject, weft_home: Path
) -> None:
    engine = configure(project, weft_home, dispatch="queue")
    stuck, fine = project.add_task().key, project.add_task().key
    folder = project.disk.path.parent / "repo-worktrees" / "agent-1" / stuck
    folder.mkdir(parents=True)
    (folder / "mine.txt").write_text("mine")

    async with loops(engine):
        await settled_in_review(project, fine)

    assert "is not Weft's worktree" in (project.task(stuck).last_error or "")
    assert kinds(project, stuck).count("task.claimed") == 1


async def test_what_a_person_claimed_and_never_began_goes_to_an_agent_with_notice(
    project: RunProject, weft_home: Path
) -> None:
    engine = configure(
        project, weft_home, dispatch="queue", steal_after_minutes=30, steal_notice_minutes=10
    )
    add_worker(project.repo, "ana", WorkerType.HUMAN, now=project.clock.now(), actor="person")
    key = project.add_task().key
    project.claim(key, "ana")
    age(key, project, timedelta(minutes=25))

    async with loops(engine):
        await wait_until_async(lambda: "task.notice" in kinds(project, key))
        (told,) = [w.reasons[0] for w in overview.board(engine).waiting if w.task == key]
        assert told.startswith("Goes to another at ")
        assert told.endswith(" UTC unless ana starts it.")
        assert project.task(key).worker == "ana"

        age(key, project, timedelta(minutes=20))
        await settled_in_review(project, key)

    assert project.task(key).worker == "agent-1"
    (stolen,) = [
        e for e in log.read(repo=str(project.repo.path), task=key) if e.kind == "task.stolen"
    ]
    assert stolen.data["owner"] == "ana"
    assert stolen.worker == "agent-1"


async def test_an_agent_that_never_starts_loses_its_task_to_one_that_does(
    project: RunProject, weft_home: Path
) -> None:
    engine = configure(
        project, weft_home, dispatch="queue", steal_after_minutes=30, steal_notice_minutes=10
    )
    key = project.add_task().key
    project.claim(key, "agent-1")
    await runs.pause(engine, "agent-1")  # what it has claimed is not begun either
    project.add_agent("agent-2")
    age(key, project, timedelta(hours=1))

    async with loops(engine):
        await wait_until_async(lambda: "task.notice" in kinds(project, key))
        age(key, project, timedelta(minutes=10))
        await settled_in_review(project, key)

    assert project.task(key).worker == "agent-2"


async def test_what_its_owner_begins_after_the_notice_stays_with_the_owner(
    project: RunProject, weft_home: Path
) -> None:
    engine = configure(
        project, weft_home, dispatch="queue", steal_after_minutes=30, steal_notice_minutes=10
    )
    add_worker(project.repo, "ana", WorkerType.HUMAN, now=project.clock.now(), actor="person")
    key = project.add_task().key
    project.claim(key, "ana")
    age(key, project, timedelta(minutes=25))

    async with loops(engine):
        await wait_until_async(lambda: "task.notice" in kinds(project, key))
        claims.begin(project.repo, key, now=project.clock.now(), actor="ana")
        age(key, project, timedelta(hours=2))
        other = project.add_task().key
        await settled_in_review(project, other)

    assert project.task(key).worker == "ana"
    assert statuses(project, key) == [TaskStatus.IN_PROGRESS]


async def test_agents_come_with_the_work_up_to_the_ceiling_and_go_again(
    project: RunProject, weft_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.dispatch.scaling.RETIRE_AFTER", timedelta())
    engine = configure(
        project,
        weft_home,
        WAITS,
        dispatch="queue",
        max_workers=4,
        agents_profile="quick",
        agents_floor=1,
        agents_ceiling=2,
        min_free_memory_mb=0,
    )
    await runs.pause(engine, "agent-1")
    keys = [project.add_task(f"Task {number}").key for number in range(3)]

    async with loops(engine):
        await wait_until_async(lambda: len(live(project)) == 2, timeout_s=60)
        assert names(engine) == ["agent-1", "agent-quick-1", "agent-quick-2"]
        project.note("go-on").write_text("")
        await settled_in_review(project, *keys)
        await wait_until_async(
            lambda: names(engine) in (["agent-1", "agent-quick-1"], ["agent-1", "agent-quick-2"])
        )


def age(key: str, project: RunProject, by: timedelta) -> None:
    """Have the claim on a task, and its notice, be so much older."""
    ms = by // timedelta(milliseconds=1)
    row = row_of(project.repo, key)
    with transaction():
        ClaimRow.update(
            claimed_ms=ClaimRow.claimed_ms - ms, notice_ms=ClaimRow.notice_ms - ms
        ).where(ClaimRow.task == row.id).execute()
        log.record(
            "task.edited",
            project.clock.now(),
            actor="person",
            repo=str(project.repo.path),
            task=key,
        )


def live(project: RunProject) -> list[str]:
    return [run.id for run in outcomes.list_runs(project.repo) if run.status in LIVE]


def names(engine: Engine) -> list[str]:
    return sorted(worker.name for worker in workers.worker_list(engine))
