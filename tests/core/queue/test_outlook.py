"""What the scoring is told: chains, history, whom files meet; and who is in the pool at all."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from core.clock import to_ms
from core.domain.task import NewTask, Priority
from core.domain.worker import WorkerType
from core.queue import claims, outcomes
from core.queue.assignment import best_tasks
from core.queue.outlook import pool, read_outlook, read_past
from core.store.schema import RunRow, TaskRow
from core.tasks import board
from core.workers.registry import add_worker, list_workers
from tests.core.conftest import terms

if TYPE_CHECKING:
    from core.domain.repo import Repo
    from core.domain.worker import Worker
    from tests.core.conftest import SteadyClock

LIMIT = 4


def add(repo: Repo, clock: SteadyClock, key: str, **more: object) -> None:
    new = NewTask(key, key=key, **more)  # type: ignore[arg-type]
    board.add_task(repo, new, now=clock.now(), actor="person")


def crew(repo: Repo, clock: SteadyClock, *names: str) -> tuple[Worker, ...]:
    for name in names:
        add_worker(
            repo,
            name,
            WorkerType.AGENT,
            skills=("db",),
            agent="quick",
            now=clock.now(),
            actor="person",
        )
    return list_workers(repo, now=clock.now(), stale_after=timedelta(minutes=2))


def test_a_task_far_down_is_taken_in_the_end_however_many_urgent_ones_come(
    board_repo: Repo, clock: SteadyClock
) -> None:
    add(board_repo, clock, "blocker", priority=Priority.LOW)
    add(board_repo, clock, "blocked", priority=Priority.LOW, depends_on=("blocker",))
    add(board_repo, clock, "humble", priority=Priority.LOW)
    (worker,) = crew(board_repo, clock, "agent-1")
    taken: list[str] = []
    for day in range(25):
        for number in range(3):
            add(board_repo, clock, f"urgent-{day}-{number}", priority=Priority.CRITICAL)
        clock.pass_(timedelta(days=1))
        tasks = pool(board_repo, now=clock.now(), limit=LIMIT)
        outlook = read_outlook(board_repo, tasks, [worker], now=clock.now())
        taken.append(best_tasks(tasks, worker, outlook)[0].task)
        TaskRow.delete().where(TaskRow.key == taken[-1]).execute()
        if "humble" in taken:
            break

    assert "humble" in taken
    assert "blocker" in taken
    assert "blocked" not in taken[: taken.index("blocker")]


def test_a_short_backlog_is_the_pool(board_repo: Repo, clock: SteadyClock) -> None:
    add(board_repo, clock, "low", priority=Priority.LOW)
    add(board_repo, clock, "high", priority=Priority.HIGH)

    assert [task.key for task in pool(board_repo, now=clock.now(), limit=LIMIT)] == ["high", "low"]


def test_what_cannot_be_taken_does_not_fill_up_the_pool(
    board_repo: Repo, clock: SteadyClock
) -> None:
    add(board_repo, clock, "first", priority=Priority.CRITICAL)
    for number in range(LIMIT):
        add(board_repo, clock, f"later-{number}", priority=Priority.HIGH, depends_on=("first",))
        add(board_repo, clock, f"painted-{number}", priority=Priority.HIGH, skills=("ui",))
    add(board_repo, clock, "free")

    tasks = pool(board_repo, now=clock.now(), limit=LIMIT, skills={"db"})
    rest = pool(board_repo, now=clock.now(), limit=LIMIT, offset=LIMIT)

    assert [task.key for task in tasks] == ["first", "free"]
    assert [task.key for task in rest] == [f"painted-{LIMIT - 1}", "free"]


def test_the_chain_runs_over_tasks_that_are_not_in_question(
    board_repo: Repo, clock: SteadyClock
) -> None:
    add(board_repo, clock, "a", estimate_minutes=60)
    add(board_repo, clock, "b", estimate_minutes=30, depends_on=("a",))
    add(board_repo, clock, "c", depends_on=("b",))
    add(board_repo, clock, "other", estimate_minutes=10)
    tasks = [board.get_task(board_repo, key) for key in ("a", "other")]

    outlook = read_outlook(board_repo, tasks, (), now=clock.now())

    usual = 35  # the median of what is in question: a and other
    assert outlook.chain == {"a": 60 + 30 + usual, "b": 30 + usual, "c": usual, "other": 10}
    assert outlook.behind == {"a": 1, "b": 1}


def test_history_and_files_under_way_are_read(board_repo: Repo, clock: SteadyClock) -> None:
    workers = crew(board_repo, clock, "agent-1", "agent-2")
    add(board_repo, clock, "old", skills=("db",), files=("src/old.py",), estimate_minutes=10)
    add(board_repo, clock, "open", files=("src/app.py",))
    add(board_repo, clock, "next", files=("src/*.py",))
    claim = claims.claim_task(
        board_repo, "old", "agent-1", terms(), now=clock.now(), actor="person"
    )
    run, _ = outcomes.run_created(
        board_repo, claim, agent="quick", profile={}, now=clock.now(), actor="person"
    )
    clock.pass_(timedelta(minutes=5))
    RunRow.update(status="done", ended_ms=to_ms(clock.now())).where(RunRow.id == run).execute()
    claims.claim_task(board_repo, "open", "agent-2", terms(), now=clock.now(), actor="person")

    (past,) = read_past(board_repo)
    tasks = [board.get_task(board_repo, "next")]
    outlook = read_outlook(board_repo, tasks, workers, now=clock.now())

    assert (past.worker, past.well, past.minutes, past.estimate) == ("agent-1", True, 5, 10)
    assert past.kinds == {"db", "src/"}
    assert outlook.meets["next"] in ("old in src/*.py", "open in src/*.py")
