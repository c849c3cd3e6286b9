"""What this screen asks of the engine; imported on its thread, as git's modules take a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.domain.conflict import ConflictMatrix, FileSides
    from core.domain.overview import BoardView
    from core.domain.task import Task
    from core.engine.context import Engine


async def compute_matrix(
    engine: Engine, *, fresh: bool, progress: Callable[[str, int, int], None]
) -> tuple[ConflictMatrix, BoardView]:
    """Return who meets whom, and the board as it was just before."""
    from core.engine.conflicts import conflicts
    from core.engine.overview import board

    view = board(engine)
    return await conflicts(engine, fresh=fresh, progress=progress), view


async def read_sides(engine: Engine, a: str, b: str | None, path: str) -> FileSides:
    """Return both versions of a conflicted file; its syntax is looked up by the way."""
    from core.engine.conflicts import conflict_sides
    from gui.widgets.syntax import lexer_for

    lexer_for(path)  # remembered: the first one of a process takes longer than a frame may
    return await conflict_sides(engine, a, b, path)


def set_dependencies(engine: Engine, key: str, depends: tuple[str, ...]) -> Task:
    """Let a task depend on exactly these."""
    from core.engine.tasks import task_edit

    if not depends:
        return task_edit(engine, key, clear=("depends",))
    return task_edit(engine, key, depends=depends)
