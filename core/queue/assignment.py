"""How well a task and a worker fit: a score, and its reason in one line; pure.

One step of priority is worth 100 points. Everything but age is bounded, and age is not: so a
task that waits long enough outranks whatever comes after it, and none starves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING, Final

from core.domain.stage import Fit
from core.domain.task import Priority

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from core.domain.task import Task
    from core.domain.worker import Worker

STEP: Final = 100
"""Points of one step of priority."""
PATIENCE: Final = timedelta(hours=24)
"""So long only priority and the person's order count; after it every waiting day is a step."""
CHAIN_MOST: Final = 80
"""Points of an endless critical path: it never outweighs a step of priority."""
CHAIN_HALF: Final = 240
"""Minutes of critical path that give half of these points."""
ONLY_ONE: Final = 25
MEETS: Final = -60
SAME_HANDS: Final = 15
HISTORY_MOST: Final = 20
PACE_MOST: Final = 10
BROAD: Final = -3
BROAD_MOST: Final = -15
_TELLING: Final = 2
"""Like tasks from which on a worker's history says something."""
_REASONS_SHOWN: Final = 3
_DAY_MINUTES: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class Past:
    """A run that has ended: what kind of task, whether it went well, how long against what.

    `kinds` are the task's skills and, as `src/`, the top folders of its declared files.
    """

    worker: str
    kinds: frozenset[str]
    well: bool
    minutes: float
    estimate: int | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known beyond the task and the worker themselves.

    Attributes:
        now: The moment.
        chain: Minutes of critical path from a task on, by key; absent for unknown.
        behind: How many tasks wait for a task directly.
        waiting_since: When a task was added.
        holders: Names of the workers that have a skill and take part.
        past: Ended runs, newest first.
        meets: For a task whose declared files meet work under way: the file and whose.
        idle_since: When a worker became free.
    """

    now: datetime
    chain: Mapping[str, int] = field(default_factory=dict)
    behind: Mapping[str, int] = field(default_factory=dict)
    waiting_since: Mapping[str, datetime] = field(default_factory=dict)
    holders: Mapping[str, frozenset[str]] = field(default_factory=dict)
    past: Sequence[Past] = ()
    meets: Mapping[str, str] = field(default_factory=dict)
    idle_since: Mapping[str, datetime] = field(default_factory=dict)


def fit(task: Task, worker: Worker, outlook: Outlook) -> Fit:
    """Return how well *worker* and *task* fit; whether it may claim it is another question."""
    parts = (*_of_task(task, outlook), *_of_pair(task, worker, outlook))
    told = sorted((part for part in parts if part[1]), key=lambda part: -abs(part[0]))
    why = "; ".join(words for _, words in told[:_REASONS_SHOWN])
    return Fit(task.key, worker.name, sum(points for points, _ in parts), why or "next in order")


def best_tasks(tasks: Iterable[Task], worker: Worker, outlook: Outlook) -> list[Fit]:
    """Return the fits of *worker* with each task, best first; equal ones in the given order."""
    return sorted((fit(task, worker, outlook) for task in tasks), key=lambda one: -one.score)


def best_workers(task: Task, workers: Iterable[Worker], outlook: Outlook) -> list[Fit]:
    """Return the fits of *task* with each worker, best first; of equals who idles longest."""

    def idle(one: Fit) -> float:
        since = outlook.idle_since.get(one.worker)
        return 0.0 if since is None else (outlook.now - since).total_seconds()

    found = [fit(task, worker, outlook) for worker in workers]
    return sorted(found, key=lambda one: (-one.score, -idle(one)))


def age_points(waited: timedelta) -> int:
    """Return the points of a wait: none during `PATIENCE`, then a step for each day."""
    hours = (waited - PATIENCE) // timedelta(hours=1)
    return max(0, hours) * STEP // 24


_Part = tuple[int, str]


def _of_task(task: Task, outlook: Outlook) -> tuple[_Part, ...]:
    priority = (Priority.LOW.rank - task.priority.rank) * STEP
    urgent = task.priority.rank <= Priority.HIGH.rank
    parts = [(priority, f"{task.priority.value} priority" if urgent else "")]
    since = outlook.waiting_since.get(task.key)
    if since is not None:
        aged = age_points(outlook.now - since)
        parts.append((aged, f"has waited {told_minutes(_minutes(outlook.now - since))}"))
        if not aged:
            parts.pop()
    minutes = outlook.chain.get(task.key)
    if minutes is not None:
        points = CHAIN_MOST * minutes // (minutes + CHAIN_HALF)
        words = f"critical path {told_minutes(minutes)}" if outlook.behind.get(task.key) else ""
        parts.append((points, words))
    if task.key in outlook.meets:
        parts.append((MEETS, f"meets {outlook.meets[task.key]}"))
    return tuple(parts)


def _of_pair(task: Task, worker: Worker, outlook: Outlook) -> tuple[_Part, ...]:
    parts = [_rare(task, worker, outlook), _broad(task, worker)]
    if task.worker == worker.name:
        parts.append((SAME_HANDS, f"{worker.name} has worked on it"))
    return (*parts, *_history(task, worker, outlook))


def _rare(task: Task, worker: Worker, outlook: Outlook) -> _Part:
    for skill in task.skills:
        if skill in worker.skills and outlook.holders.get(skill, frozenset()) <= {worker.name}:
            return ONLY_ONE, f"nobody else has skill {skill}"
    return 0, ""


def _broad(task: Task, worker: Worker) -> _Part:
    """Skills that the task does not ask for are kept for tasks that do."""
    unused = len(set(worker.skills) - set(task.skills))
    return max(BROAD_MOST, BROAD * unused), ""


def _history(task: Task, worker: Worker, outlook: Outlook) -> tuple[_Part, ...]:
    kinds = kinds_of(task.skills, task.files)
    like = [
        past
        for past in outlook.past
        if past.worker == worker.name and (past.kinds & kinds or not (past.kinds or kinds))
    ]
    if len(like) < _TELLING:
        return ()
    well = sum(past.well for past in like)
    points = round(HISTORY_MOST * (2 * well / len(like) - 1))
    parts = [(points, f"{well} of {len(like)} like it went well with {worker.name}")]
    paces = [past.minutes / past.estimate for past in like if past.well and past.estimate]
    if len(paces) >= _TELLING:
        pace = median(paces)
        parts.append((round(PACE_MOST * max(-1.0, min(1.0, 1 - pace))), ""))
    return tuple(parts)


def kinds_of(skills: Iterable[str], files: Iterable[str]) -> frozenset[str]:
    """Return what makes tasks alike: skills, and the top folders of declared files."""
    folders = {file.split("/", 1)[0] + "/" for file in files if "/" in file}
    return frozenset({*skills, *folders})


def told_minutes(minutes: int) -> str:
    """Return *minutes* as people say it: `45 min`, `2.5 h`, `3 days`."""
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 2 * _DAY_MINUTES:
        return f"{round(minutes / 60, 1):g} h"
    return f"{minutes // _DAY_MINUTES} days"


def _minutes(span: timedelta) -> int:
    return int(span / timedelta(minutes=1))
