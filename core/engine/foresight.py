"""Whom the tasks of the backlog may meet, before anybody begins them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.conflicts.prediction import predict_meetings
from core.domain.prediction import Intent
from core.domain.task import OPEN, TaskStatus
from core.tasks import board

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.domain.conflict import ConflictMatrix
    from core.domain.prediction import Meeting
    from core.domain.task import Task
    from core.engine.context import Engine

MOST_WAITING: Final = 200
"""So many tasks of the backlog, the next ones, are compared: each with every other one."""


async def foresee(
    engine: Engine, matrix: ConflictMatrix | None = None
) -> Mapping[str, tuple[Meeting, ...]]:
    """Return for the next tasks of the backlog whom each may meet, the surest first.

    Args:
        engine: The engine.
        matrix: What the branches under way change now; without it only what tasks declare.

    Raises:
        NotFound: The base branch is gone.
    """
    waiting = board.list_tasks(engine.repo, status=(TaskStatus.BACKLOG,))
    begun = board.list_tasks(engine.repo, status=(*sorted(OPEN), TaskStatus.REVIEW))
    intents = [_intent(task) for task in (*begun, *waiting[:MOST_WAITING])]
    found = await predict_meetings(engine.repo, intents, matrix)
    next_ones = {task.key for task in waiting}
    return {key: met for key, met in found.items() if met and key in next_ones}


def _intent(task: Task) -> Intent:
    return Intent(task.key, task.title, task.description, task.files, task.depends_on)
