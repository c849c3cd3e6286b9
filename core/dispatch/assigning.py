"""Give tasks to idle workers, the best pair first; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.queue.assignment import Outlook, fit
from core.queue.eligibility import reasons_against

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from core.domain.stage import Fit
    from core.domain.task import Task
    from core.domain.worker import Worker
    from core.queue.eligibility import Board


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be given to whom.

    Attributes:
        tasks: Candidates in the order of claiming, or in hybrid mode as they stand on the board.
        workers: Who takes part and is idle.
        board: What holds tasks back.
        outlook: What the scoring knows.
        in_order: True when the order of *tasks* is a person's and stands above the score; the
            score then only says who takes the next task.
        barred: Pairs (worker, task) that are not tried again.
    """

    tasks: Sequence[Task]
    workers: Sequence[Worker]
    board: Board
    outlook: Outlook
    in_order: bool = False
    barred: Collection[tuple[str, str]] = ()


def pairs(choice: Choice) -> list[Fit]:
    """Return who takes what, best first; each worker and each task at most once.

    Greedy: the best pair, then the best of what is left. With *in_order* the tasks are gone
    through as they stand, and each goes to the worker that it fits best.
    """
    fits = _possible(choice)
    if choice.in_order:
        rank = {task.key: number for number, task in enumerate(choice.tasks)}
        fits.sort(key=lambda one: (rank[one.task], -one.score))
    else:
        fits.sort(key=lambda one: -one.score)
    taken: set[str] = set()
    busy: set[str] = set()
    found = []
    for one in fits:
        if one.task in taken or one.worker in busy:
            continue
        taken.add(one.task)
        busy.add(one.worker)
        found.append(one)
    return found


def _possible(choice: Choice) -> list[Fit]:
    """Return the fit of each pair that nothing stands in the way of."""
    found = []
    for task in choice.tasks:
        if reasons_against(task, None, choice.board, auto=True):
            continue
        for worker in choice.workers:
            if (worker.name, task.key) in choice.barred:
                continue
            if not reasons_against(task, worker, choice.board, auto=True):
                found.append(fit(task, worker, choice.outlook))
    return found
