"""Every reason why a task cannot be claimed now, as sentences that all faces show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.domain.task import OPEN, Task, TaskStatus
from core.domain.worker import Worker, WorkerStatus
from core.locks.patterns import may_meet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings that decide.

    Attributes:
        overlap: What declared files that meet another's do: `wait`, `ask` or `allow`.
        satisfied_by: Status in which a dependency no longer holds back: `done` or `review`.
        max_attempts: Attempts after which a task waits for a person.
        approve_before: `claim` or `merge`.
    """

    overlap: str = "ask"
    satisfied_by: TaskStatus = TaskStatus.DONE
    max_attempts: int = 2
    approve_before: str = "claim"


@dataclass(frozen=True, slots=True)
class Board:
    """The tasks among which a decision is made, by key."""

    tasks: Mapping[str, Task]
    rules: Rules = field(default_factory=Rules)

    @classmethod
    def of(cls, tasks: Sequence[Task], rules: Rules) -> Board:
        """Return the board of *tasks*."""
        return cls({task.key: task for task in tasks}, rules)


def reasons_against(
    task: Task, worker: Worker | None, board: Board, *, auto: bool = False
) -> tuple[str, ...]:
    """Return each reason why *worker* cannot claim *task*; empty when it can.

    Args:
        task: The task in question.
        worker: Who would claim it; None asks for what holds whoever comes.
        board: All tasks and the rules.
        auto: True when nobody can be asked: files that meet another's then hold the task back
            under `overlap = "ask"` too.
    """
    if task.status is not TaskStatus.BACKLOG:
        return (_not_in_backlog(task, worker),)
    reasons = [*_dependency_reasons(task, board)]
    if task.needs_approval and not task.approved_by and board.rules.approve_before == "claim":
        reasons.append("Needs a guardian's approval.")
    if task.escalated:
        reasons.append(f"Failed {task.attempts} times and waits for a person: retry it.")
    if board.rules.overlap == "wait" or (auto and board.rules.overlap == "ask"):
        reasons += overlaps(task, board)
    if worker is not None:
        reasons += _worker_reasons(task, worker)
    return tuple(reasons)


def overlaps(task: Task, board: Board) -> tuple[str, ...]:
    """Return a sentence for each task under way whose declared files *task*'s may meet."""
    found = []
    for other in board.tasks.values():
        if other.key == task.key or other.status not in OPEN:
            continue
        shared = next(
            (mine for mine in task.files for theirs in other.files if may_meet(mine, theirs)), None
        )
        if shared is not None:
            found.append(f"{shared} is being changed by {other.worker} for {other.key}.")
    return tuple(found)


def _not_in_backlog(task: Task, worker: Worker | None) -> str:
    if task.status in OPEN:
        whose = "this worker already" if worker and worker.name == task.worker else task.worker
        return f"{task.key} is {task.status.value}: it belongs to {whose}."
    return f"{task.key} is {task.status.value}, not in the backlog."


def _dependency_reasons(task: Task, board: Board) -> list[str]:
    satisfied = {TaskStatus.DONE, board.rules.satisfied_by}
    reasons = []
    for key in task.depends_on:
        other = board.tasks.get(key)
        if other is None or other.status in satisfied:
            continue
        who = f"{other.worker}, " if other.worker and other.status in OPEN else ""
        reasons.append(f"Waits for {key} ({who}{other.status.label.lower()}).")
    return reasons


def _worker_reasons(task: Task, worker: Worker) -> list[str]:
    reasons = []
    if worker.task is not None:
        reasons.append(f"{worker.name} is busy with {worker.task}.")
    elif worker.status is not WorkerStatus.AVAILABLE:
        reasons.append(f"{worker.name} is {worker.status.value}.")
    missing = sorted(set(task.skills) - set(worker.skills))
    if missing:
        reasons.append(f"{worker.name} lacks the skill {', '.join(missing)}.")
    return reasons
