"""Read what decides whether tasks can be claimed: locks, guardians' words, what is under way."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from core.domain.task import OPEN, Task, TaskStatus
from core.locks.leases import held
from core.queue.approvals import rejections
from core.queue.eligibility import NO_LIMITS, Amounts, Board, Limits, Rules
from core.queue.stacks import stack_problems
from core.store.schema import TaskRow, as_tuples

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.domain.repo import Repo

_UNLANDED = (*sorted(state.value for state in OPEN), TaskStatus.REVIEW.value)


def read_board(
    repo: Repo, tasks: Sequence[Task], rules: Rules, *, now: datetime, limits: Limits = NO_LIMITS
) -> Board:
    """Return the board of *tasks* as it is now.

    Args:
        repo: The repository.
        tasks: Those in question, and what they depend on.
        rules: The settings that decide.
        now: Current time: timed locks end by it.
        limits: How much may be under way.
    """
    return Board(
        tasks={task.key: task for task in tasks},
        rules=rules,
        locks=held(repo, now=now),
        limits=limits,
        amounts=_amounts(repo) if limits.counts_work else Amounts(),
        stacks=stack_problems(repo) if rules.satisfied_by is TaskStatus.REVIEW else {},
        rejected=rejections(repo, [task.key for task in tasks if task.needs_approval]),
    )


def _amounts(repo: Repo) -> Amounts:
    query = TaskRow.select(TaskRow.status, TaskRow.worker_name).where(
        TaskRow.repo == repo.id, TaskRow.status.in_(_UNLANDED)
    )
    rows = as_tuples(query)
    states = Counter(TaskStatus(status) for status, _ in rows)
    return Amounts(
        under_way=sum(states[state] for state in OPEN),
        review=states[TaskStatus.REVIEW],
        of_worker=Counter(str(worker) for _, worker in rows),
    )
