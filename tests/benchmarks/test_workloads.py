"""Two real plans replayed in scaled time: how close the dispatcher comes to what can be had.

The lower bound of a plan is its critical path or its work divided by its workers, whichever is
longer. Scripted agents sleep for what a task took; everything else is real: claims, worktrees,
runners, processes, commits. One command: `pytest -m benchmark tests/benchmarks/test_workloads.py`.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest

from core.domain.task import NewTask, TaskStatus
from core.domain.worker import WorkerType
from core.engine.context import Engine
from core.engine.repos import init
from core.events import log
from core.queue.critical_path import chains
from core.store.connection import close_database, open_database
from core.tasks import board
from core.workers.registry import add_worker
from tests.loops import loops
from tests.waiting import wait_until_async

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.benchmarks.conftest import Report
    from tests.scenarios import Repo

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

WITHIN: Final = 1.05
"""The makespan may be this many times the lower bound."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Tasks with their minutes and what each waits for, and who does them.

    `minute_s` is how many seconds of the replay stand for a minute of the plan.
    """

    name: str
    tasks: dict[str, tuple[int, tuple[str, ...]]]
    workers: int
    minute_s: float
    told: str

    @property
    def alone(self) -> int:
        """Return the minutes that one worker would take."""
        return sum(minutes for minutes, _ in self.tasks.values())

    @property
    def bound(self) -> float:
        """Return the fewest minutes in which it can be done."""
        minutes = {key: length for key, (length, _) in self.tasks.items()}
        needs = [(key, one) for key, (_, before) in self.tasks.items() for one in before]
        longest, _ = chains(minutes, needs)
        return max(*longest.values(), self.alone / self.workers)


SIX_ISSUES: Final = Plan(
    "six issues, three agents",
    {
        "issue-1": (120, ()),
        "issue-2": (90, ()),
        "issue-3": (120, ()),
        "issue-4": (120, ("issue-1",)),
        "issue-5": (150, ("issue-2",)),
        "issue-6": (120, ("issue-3",)),
    },
    workers=3,
    minute_s=0.75,
    told="12 h alone, 5 h in the original plan",
)
THREE_TASKS: Final = Plan(
    "three tasks of 11 minutes, three agents",
    {"task-1": (11, ()), "task-2": (11, ()), "task-3": (11, ())},
    workers=3,
    minute_s=8.0,
    told="33 min alone, 18 min in the original plan",
)


@pytest.fixture
def workshop(repo: Repo, weft_home: Path) -> Iterator[Repo]:
    if sys.platform == "win32":
        pytest.skip("the runs of this replay are ended by signals")
    weft_home.mkdir(parents=True, exist_ok=True)
    open_database(weft_home / "weft.db")
    yield repo
    close_database()


@pytest.mark.parametrize("plan", [SIX_ISSUES, THREE_TASKS], ids=lambda plan: plan.name)
async def test_a_plan_is_done_in_hardly_more_than_the_least_time(
    workshop: Repo, weft_home: Path, plan: Plan, report: Report
) -> None:
    engine = prepared(workshop, weft_home, plan)
    began = engine.now()
    async with loops(engine):
        await wait_until_async(
            lambda: all(board.get_task(engine.repo, key).status is TaskStatus.REVIEW
                        for key in plan.tasks),
            timeout_s=4 * plan.bound * plan.minute_s,
        )  # fmt: skip

    ended = [e.at for e in log.read(repo=str(engine.repo.path)) if e.kind == "run.ended"]
    took = (max(ended) - began) / timedelta(seconds=1) / plan.minute_s
    report(
        f"plan: {plan.name}",
        took / plan.bound,
        f"{took:.1f} min against a bound of {plan.bound:.0f} min, {plan.told};"
        f" a minute is {plan.minute_s:g} s",
    )
    assert len(ended) == len(plan.tasks)
    assert took <= plan.bound * WITHIN


def prepared(repo: Repo, weft_home: Path, plan: Plan) -> Engine:
    """Return a board with the plan's tasks and agents, each task with its script."""
    scripts = repo.path.parent / "scripts"
    scripts.mkdir()
    (weft_home / "config.toml").write_text(
        'dispatch = "queue"\ndependency_satisfied_by = "review"\nmin_free_memory_mb = 0\n'
        f"max_workers = {plan.workers}\n"
        f'[agents.paced]\ndriver = "scripted"\ncommand = ["{scripts}/{{task}}.json"]\n'
    )
    engine = Engine(None)
    init(engine, str(repo.path))
    now = engine.now()
    for key, (minutes, before) in plan.tasks.items():
        steps = [
            {"wait": minutes * plan.minute_s},
            {"write": {"path": f"{key}.txt", "text": f"{key}\n"}},
            {"commit": f"Do {key}"},
        ]
        (scripts / f"{key}.json").write_text(json.dumps({"steps": steps}))
        new = NewTask(
            f"Do {key}",
            key=key,
            files=(f"{key}.txt",),
            depends_on=before,
            estimate_minutes=minutes,
        )
        board.add_task(engine.repo, new, now=now, actor="person")
    for number in range(plan.workers):
        add_worker(
            engine.repo,
            f"agent-{number + 1}",
            WorkerType.AGENT,
            agent="paced",
            now=now,
            actor="person",
        )
    return engine
