"""What this screen asks of the engine; imported on its thread, as git's modules take a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.domain.conflict import ConflictMatrix, FileSides
    from core.domain.overview import BoardView
    from core.domain.prediction import Meeting
    from core.domain.resolution import Brought, Dispute, FileDecision
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


async def follow_matrix(engine: Engine, *, tell: Callable[[ConflictMatrix], None]) -> None:
    """Tell the matrix now and whenever a worktree or a branch moves, until it is cancelled."""
    from core.engine.following import follow_conflicts

    await follow_conflicts(engine, tell=tell)


async def predict(
    engine: Engine, matrix: ConflictMatrix | None
) -> Mapping[str, tuple[Meeting, ...]]:
    """Return whom the tasks of the backlog may meet."""
    from core.engine.foresight import foresee

    return await foresee(engine, matrix)


async def read_sides(engine: Engine, a: str, b: str | None, path: str) -> FileSides:
    """Return both versions of a conflicted file; its syntax is looked up by the way."""
    from core.engine.conflicts import conflict_sides
    from gui.widgets.syntax import lexer_for

    lexer_for(path)  # remembered: the first one of a process takes longer than a frame may
    return await conflict_sides(engine, a, b, path)


def read_dependencies(engine: Engine, key: str) -> tuple[str, ...]:
    """Return what a task depends on now."""
    from core.engine.tasks import task_show

    return task_show(engine, key).task.depends_on


def set_dependencies(engine: Engine, key: str, depends: tuple[str, ...]) -> Task:
    """Let a task depend on exactly these."""
    from core.engine.tasks import task_edit

    if not depends:
        return task_edit(engine, key, clear=("depends",))
    return task_edit(engine, key, depends=depends)


async def bring_base_in(engine: Engine, key: str) -> Brought:
    """Merge the base into a task's branch, if that is clean."""
    from core.engine.curing import merge_update

    return await merge_update(engine, key)


async def take_back(engine: Engine, key: str, last: str) -> Brought:
    """Put a task's branch back to before *last*, which Weft merged into it."""
    from core.engine import curing

    return await curing.take_back(engine, key, last)


async def open_dispute(engine: Engine, key: str, other: str | None) -> Dispute:
    """Return what is to be decided when *other* (None: the base) comes into a task's branch."""
    from core.engine.resolving import dispute

    return await dispute(engine, key, other)


async def commit_decisions(
    engine: Engine, opened: Dispute, decisions: tuple[FileDecision, ...]
) -> Brought:
    """Commit what was decided on the branch that pays."""
    from core.engine.resolving import resolve_decided

    return await resolve_decided(engine, opened, decisions)


async def ask_branch_agent(engine: Engine, key: str, other: str | None) -> bool:
    """Give the conflict to the branch's agent; False when it waits for a place to run."""
    from core.domain.run import Run
    from core.engine.resolving import ask_agent

    return isinstance(await ask_agent(engine, key, other), Run)


async def resolve_in_tool(engine: Engine, opened: Dispute) -> Brought:
    """Open the conflict in the person's merge tool and commit what it made."""
    from core.engine.resolving import resolve_by_tool

    return await resolve_by_tool(engine, opened)
