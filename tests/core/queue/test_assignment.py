"""Who should take which task: scores, their reasons, and that nobody waits for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.task import Priority, Task, TaskStatus
from core.domain.worker import Worker, WorkerStatus, WorkerType
from core.queue.assignment import (
    PATIENCE,
    Outlook,
    Past,
    best_tasks,
    best_workers,
    fit,
    told_minutes,
)
from core.queue.critical_path import chains

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def task(key: str, **more: Any) -> Task:
    plain = Task(
        key=key, repo="/r", title=key, description="", status=TaskStatus.BACKLOG,
        priority=Priority.MEDIUM, skills=(), files=(), depends_on=(), estimate_minutes=None,
        issue_number=None, worker=None, branch=None, worktree=None, claimed_at=None,
        started_at=None, completed_at=None, attempts=0, escalated=False, last_error=None,
        needs_approval=False, approved_by=None, position=0, base_sha=None, landed_commit=None,
    )  # fmt: skip
    return replace(plain, **more)


def worker(name: str, *skills: str) -> Worker:
    return Worker(
        name, WorkerType.AGENT, WorkerStatus.AVAILABLE, skills, "quick", None, None, NOW
    )  # fmt: skip


def past(name: str, *, well: bool, skill: str = "db") -> Past:
    return Past(name, frozenset({skill}), well, minutes=10, estimate=10)


def test_the_longest_chain_counts_from_a_task_on() -> None:
    minutes = {"a": 120, "b": 90, "c": 150, "d": 10}
    found, circle = chains(minutes, [("c", "b"), ("d", "a"), ("d", "unknown")])

    assert found == {"a": 130, "b": 240, "c": 150, "d": 10}
    assert not circle


def test_tasks_in_a_circle_are_named_and_the_rest_is_still_counted() -> None:
    minutes = {"a": 1, "b": 2, "c": 4, "d": 8, "e": 16}
    found, circle = chains(minutes, [("a", "b"), ("b", "a"), ("c", "b"), ("d", "c"), ("e", "e")])

    assert circle == {"a", "b", "e"}
    assert found == {"a": 1, "b": 2, "c": 12, "d": 8, "e": 16}


def test_the_task_on_the_critical_path_comes_first_and_says_so() -> None:
    outlook = Outlook(NOW, chain={"short": 30, "long": 240}, behind={"long": 2})

    best = best_tasks([task("short"), task("long")], worker("w"), outlook)

    assert [one.task for one in best] == ["long", "short"]
    assert best[0].why == "critical path 4 h"
    assert best[1].why == "next in order"


def test_no_critical_path_outweighs_a_step_of_priority() -> None:
    outlook = Outlook(NOW, chain={"endless": 10**6, "urgent": 1}, behind={"endless": 9})

    best = best_tasks(
        [task("endless"), task("urgent", priority=Priority.HIGH)], worker("w"), outlook
    )

    assert best[0].task == "urgent"
    assert best[0].why == "high priority"


def test_equal_tasks_stay_in_the_order_of_the_board() -> None:
    tasks = [task(f"t-{number}") for number in (3, 1, 2)]
    added = {one.key: NOW - timedelta(minutes=n) for n, one in enumerate(tasks)}

    best = best_tasks(tasks, worker("w"), Outlook(NOW, waiting_since=added))

    assert [one.task for one in best] == ["t-3", "t-1", "t-2"]


def test_a_skill_that_nobody_else_has_is_kept_for_its_tasks() -> None:
    both, plain = worker("both", "db", "ui"), worker("plain", "ui")
    outlook = Outlook(NOW, holders={"db": frozenset({"both"}), "ui": frozenset({"both", "plain"})})

    best = best_tasks([task("paint", skills=("ui",)), task("query", skills=("db",))], both, outlook)
    takers = best_workers(task("paint", skills=("ui",)), [both, plain], outlook)

    assert best[0].task == "query"
    assert best[0].why == "nobody else has skill db"
    assert takers[0].worker == "plain"


def test_who_did_like_tasks_well_and_quickly_is_preferred() -> None:
    runs = [past("good", well=True)] * 3 + [past("bad", well=False)] * 3
    runs += [past("bad", well=True, skill="ui")] * 9

    best = best_workers(
        task("t", skills=("db",)), [worker("bad"), worker("good")], Outlook(NOW, past=runs)
    )

    assert [one.worker for one in best] == ["good", "bad"]
    assert best[0].why == "3 of 3 like it went well with good"
    assert best[1].why == "0 of 3 like it went well with bad"


def test_files_that_meet_work_under_way_put_a_task_behind() -> None:
    outlook = Outlook(NOW, meets={"meeting": "task-7 in src/app.py"})

    best = best_tasks([task("meeting"), task("free")], worker("w"), outlook)

    assert [one.task for one in best] == ["free", "meeting"]
    assert best[1].why == "meets task-7 in src/app.py"


def test_of_equal_workers_the_one_that_idles_longest_is_taken() -> None:
    idle = {"late": NOW - timedelta(minutes=1), "long": NOW - timedelta(minutes=9)}

    best = best_workers(task("t"), [worker("late"), worker("long")], Outlook(NOW, idle_since=idle))

    assert best[0].worker == "long"


@given(
    rank=st.sampled_from(list(Priority)),
    chain=st.integers(1, 10**6),
    well=st.integers(0, 50),
    skills=st.sets(st.sampled_from("abcdef")),
)
def test_nothing_that_comes_later_passes_a_task_for_ever(
    rank: Priority, chain: int, well: int, skills: set[str]
) -> None:
    """The worst task, with all against it, is the best once it has waited long enough."""
    worst = task("worst", priority=Priority.LOW, skills=("db",))
    rival = task("rival", priority=rank, skills=tuple(skills))
    who = worker("w", "db", *skills)
    runs = [past("w", well=False)] * 50 + [
        Past("w", frozenset(skills), well=True, minutes=1, estimate=100)
    ] * well
    outlook = Outlook(
        NOW,
        chain={"worst": 1, "rival": chain},
        behind={"rival": 3},
        waiting_since={"worst": NOW - PATIENCE - timedelta(days=7), "rival": NOW},
        holders={skill: frozenset({"w"}) for skill in skills},
        past=runs,
        meets={"worst": "x in y"},
    )

    assert fit(worst, who, outlook).score > fit(rival, who, outlook).score
    assert "has waited 8 days" in fit(worst, who, outlook).why


@pytest.mark.parametrize(
    ("minutes", "words"), [(45, "45 min"), (150, "2.5 h"), (240, "4 h"), (4320, "3 days")]
)
def test_lengths_are_told_as_people_do(minutes: int, words: str) -> None:
    assert told_minutes(minutes) == words
