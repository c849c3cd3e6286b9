"""Which task waits for which; a circle is refused and shown."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from core.domain.names import fold
from core.errors import UserError
from core.store.schema import TaskDependencyRow, TaskRow, as_tuples
from core.tasks.records import row_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.domain.repo import Repo


def set_dependencies(repo: Repo, row: TaskRow, keys: Sequence[str]) -> None:
    """Make *row* wait for exactly *keys*; only inside a transaction.

    Raises:
        NotFound: An unknown key.
        UserError: The task would wait for itself, directly or through others.
    """
    needed = [row_of(repo, key) for key in dict.fromkeys(fold(key) for key in keys)]
    TaskDependencyRow.delete().where(TaskDependencyRow.task == row.id).execute()
    for other in needed:
        circle = _path(repo, other.id, row.id)
        if circle is not None:
            names = {r.id: r.key for r in TaskRow.select().where(TaskRow.id.in_(circle))}
            shown = " → ".join(names[step] for step in (row.id, *circle))
            raise UserError(
                f"{row.key} would wait for itself: {shown}.",
                hint="Remove one of these dependencies with `weft task edit KEY --depends …`.",
            )
        TaskDependencyRow.create(task=row.id, needs=other.id)


def _path(repo: Repo, start: int, goal: int) -> list[int] | None:
    """Return the ids along which *start* waits for *goal*, both included, or None."""
    needs: defaultdict[int, list[int]] = defaultdict(list)
    edges = (
        TaskDependencyRow.select(TaskDependencyRow.task, TaskDependencyRow.needs)
        .join(TaskRow, on=(TaskDependencyRow.task == TaskRow.id))
        .where(TaskRow.repo == repo.id)
    )
    for task, other in as_tuples(edges):
        needs[task].append(other)
    came_from, waiting = {start: 0}, [start]
    while waiting:
        here = waiting.pop()
        if here == goal:
            path = [here]
            while came_from[path[0]]:
                path.insert(0, came_from[path[0]])
            return path
        for other in needs[here]:
            if other not in came_from:
                came_from[other] = here
                waiting.append(other)
    return None
