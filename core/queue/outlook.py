"""Read what the scoring of `core.queue.assignment` wants to know; a handful of queries."""

from __future__ import annotations

from collections import Counter, defaultdict
from statistics import median
from typing import TYPE_CHECKING, Final

from core.clock import from_ms, to_ms
from core.domain.run import RunStatus
from core.domain.task import OPEN, TaskStatus
from core.locks.patterns import may_meet
from core.queue.assignment import PATIENCE, Outlook, Past, kinds_of
from core.queue.critical_path import chains
from core.store.plain import fetch
from core.store.schema import (
    RunRow,
    TaskDependencyRow,
    TaskPathRow,
    TaskRow,
    TaskSkillRow,
    WorkerRow,
    as_tuples,
    in_chunks,
)
from core.tasks.records import NO_RULES, ApprovalRules, records

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from core.domain.repo import Repo
    from core.domain.task import Task
    from core.domain.worker import Worker

USUAL_MINUTES: Final = 60
"""Length of a task without an estimate in a repository that knows no other."""
_PAST: Final = 200
"""So many of the newest runs tell what a worker is good at."""
_OVERDUE: Final = 32
_FREE: Final = """\
repo_id = ? AND status = 'backlog' AND NOT escalated AND NOT stopped
AND id NOT IN (SELECT edge.task_id FROM task_dependency edge JOIN task needed
    ON needed.id = edge.needs_id
    WHERE needed.repo_id = ? AND needed.status NOT IN ('done', ?))
AND id NOT IN (SELECT task_id FROM stage WHERE status = 'gate')\
"""
_LACKING: Final = "SELECT task_id FROM task_skill WHERE skill NOT IN ({})"
_TELLING = (RunStatus.DONE.value, RunStatus.FAILED.value, RunStatus.LOST.value)


def pool(
    repo: Repo,
    *,
    now: datetime,
    limit: int,
    offset: int = 0,
    satisfied: TaskStatus = TaskStatus.DONE,
    skills: Collection[str] | None = None,
    rules: ApprovalRules = NO_RULES,
    by_place: bool = False,
) -> tuple[Task, ...]:
    """Return tasks among which to choose: a stretch of the backlog, and the longest waiting.

    Without the second part a task far down would never be looked at while more urgent ones keep
    coming. What can be told in the query to be out of the question does not fill up the stretch:
    what waits for another task or at the gate of a stage, is escalated or was stopped, or asks for
    other skills.

    Args:
        repo: The repository.
        now: Current time.
        limit: Length of the stretch.
        offset: Where it begins, in the order of the board; the longest waiting come with 0 alone.
        satisfied: Status in which a dependency no longer holds back, besides done.
        skills: What the workers in question can do, all together; None for whatever.
        rules: Who must approve what.
        by_place: Whether the person's order is all that counts: neither priority nor age do.
    """
    where = _FREE
    values: list[object] = [repo.id, repo.id, satisfied.value]
    if skills is not None:
        where += f" AND id NOT IN ({_LACKING.format(', '.join('?' * len(skills)))})"
        values += skills
    order = " ORDER BY position, id" if by_place else " ORDER BY priority, position, id"
    order += " LIMIT ? OFFSET ?"
    first = records(repo, fetch(TaskRow, where + order, *values, limit, offset), rules=rules)
    if len(first) < limit or offset or by_place:
        return first
    known = {task.key for task in first}
    order = " AND created_ms < ? ORDER BY created_ms, id LIMIT ?"
    rows = fetch(TaskRow, where + order, *values, to_ms(now - PATIENCE), _OVERDUE)
    overdue = records(repo, rows, rules=rules)
    return (*first, *(task for task in overdue if task.key not in known))


def read_outlook(
    repo: Repo,
    tasks: Sequence[Task],
    workers: Iterable[Worker],
    *,
    now: datetime,
    past: Sequence[Past] | None = None,
) -> Outlook:
    """Return what decides about giving *tasks* to *workers*.

    *past* spares the reading of the runs to a caller that has them.
    """
    chain, behind = _chains(repo, tasks)
    holders: defaultdict[str, set[str]] = defaultdict(set)
    for worker in workers:
        if not worker.paused and not worker.note:
            for skill in worker.skills:
                holders[skill].add(worker.name)
    return Outlook(
        now=now,
        chain=chain,
        behind=behind,
        waiting_since=_added(repo, [task.key for task in tasks]),
        holders={skill: frozenset(names) for skill, names in holders.items()},
        past=read_past(repo) if past is None else past,
        meets=_meets(repo, tasks),
        idle_since=_idle_since(repo),
    )


def read_past(repo: Repo) -> tuple[Past, ...]:
    """Return the newest ended runs, as far as they tell something of their worker."""
    rows = as_tuples(
        RunRow.select(
            RunRow.task,
            RunRow.worker_name,
            RunRow.status,
            RunRow.started_ms,
            RunRow.ended_ms,
            TaskRow.estimate_minutes,
        )
        .join(TaskRow)
        .where(RunRow.repo == repo.id, RunRow.ended_ms.is_null(False))
        .order_by(RunRow.started_ms.desc())
        .limit(_PAST)
    )
    ids = list({row[0] for row in rows})
    skills, files = _values(TaskSkillRow, "skill", ids), _values(TaskPathRow, "pattern", ids)
    return tuple(
        Past(
            worker=worker,
            kinds=kinds_of(skills[task], files[task]),
            well=status == RunStatus.DONE.value,
            minutes=(ended - started) / 60_000,
            estimate=estimate,
        )
        for task, worker, status, started, ended, estimate in rows
        if status in _TELLING
    )


def _values(
    table: type[TaskSkillRow | TaskPathRow], column: str, ids: list[int]
) -> defaultdict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    for part in in_chunks(ids):
        query = table.select(table.task, getattr(table, column)).where(table.task.in_(part))
        for task, value in as_tuples(query):
            found[task].append(value)
    return found


def _chains(repo: Repo, tasks: Sequence[Task]) -> tuple[dict[str, int], dict[str, int]]:
    """Return critical path and number of direct dependents, by key."""
    undone = TaskRow.status != TaskStatus.DONE.value
    edges = as_tuples(
        TaskDependencyRow.select(TaskDependencyRow.task, TaskDependencyRow.needs)
        .join(TaskRow, on=(TaskDependencyRow.task == TaskRow.id))
        .where(TaskRow.repo == repo.id, undone)
    )
    estimates = [task.estimate_minutes for task in tasks if task.estimate_minutes]
    usual = int(median(estimates)) if estimates else USUAL_MINUTES
    own = {task.key: task.estimate_minutes or usual for task in tasks}
    if not edges:
        return own, {}
    linked = list({task for pair in edges for task in pair})
    rows = [
        row
        for part in in_chunks(linked)
        for row in as_tuples(
            TaskRow.select(TaskRow.id, TaskRow.key, TaskRow.estimate_minutes).where(
                TaskRow.id.in_(part), undone
            )
        )
    ]
    keys = {task: key for task, key, _ in rows}
    minutes = {task: estimate or usual for task, _, estimate in rows}
    long, _circle = chains(minutes, edges)
    behind = Counter(keys[needed] for task, needed in edges if needed in keys and task in keys)
    return own | {keys[task]: length for task, length in long.items()}, dict(behind)


def _added(repo: Repo, keys: Sequence[str]) -> dict[str, datetime]:
    found = {}
    for part in in_chunks(keys):
        query = TaskRow.select(TaskRow.key, TaskRow.created_ms).where(
            TaskRow.repo == repo.id, TaskRow.key.in_(part)
        )
        found.update({key: from_ms(added) for key, added in as_tuples(query)})
    return found


def _meets(repo: Repo, tasks: Sequence[Task]) -> dict[str, str]:
    """Return for tasks whose declared files meet work under way which file, and whose."""
    under_way = as_tuples(
        TaskPathRow.select(TaskRow.key, TaskPathRow.pattern)
        .join(TaskRow)
        .where(TaskRow.repo == repo.id, TaskRow.status.in_([status.value for status in OPEN]))
    )
    found: dict[str, str] = {}
    for task in tasks:
        for other, theirs in under_way:
            mine = next((file for file in task.files if may_meet(file, theirs)), None)
            if mine is not None and other != task.key:
                found[task.key] = f"{other} in {mine}"
                break
    return found


def _idle_since(repo: Repo) -> dict[str, datetime]:
    query = WorkerRow.select(WorkerRow.name, WorkerRow.idle_since_ms).where(
        WorkerRow.repo == repo.id, WorkerRow.idle_since_ms.is_null(False)
    )
    return {name: from_ms(since) for name, since in as_tuples(query)}
