"""Resolve conflicts: by decisions, in the person's merge tool, on the branch that pays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.domain.resolution import Brought, Decision, Dispute, FileDecision, Take
from core.engine.curing import held_still, spot_of
from core.errors import UsageError
from core.merging import merge_tool
from core.merging import resolve as by_hand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.engine.context import Engine

_EVERY = "."


async def dispute(engine: Engine, key: str, other: str | None = None) -> Dispute:
    """Return what is to be decided between a task's branch and the base, or another's branch.

    Raises:
        NotFound: Unknown task, or a branch is gone.
        Refused: A task has no branch under way, or one of a pair conflicts with the base itself.
    """
    mine = spot_of(engine, key)
    theirs = None if other is None else spot_of(engine, other)
    if theirs is not None and theirs.task == mine.task:
        raise UsageError("A task does not collide with itself.")
    return await by_hand.lay_open(engine.repo, mine, theirs)


async def resolve_decided(
    engine: Engine, opened: Dispute, decisions: Sequence[FileDecision]
) -> Brought:
    """Commit decisions on the branch that pays; see `core.merging.resolve`."""
    spot = spot_of(engine, opened.task)
    async with held_still(engine, spot.task):
        return await by_hand.resolve(
            engine.repo,
            opened,
            spot,
            decisions,
            now=engine.now(),
            run_filters=engine.is_repo_trusted(),
        )


async def resolve_by_tool(engine: Engine, opened: Dispute) -> Brought:
    """Open a conflict in the merge tool of the person's git; see `core.merging.merge_tool`."""
    spot = spot_of(engine, opened.task)
    async with held_still(engine, spot.task):
        return await merge_tool.resolve_with_tool(
            engine.repo,
            opened,
            spot,
            now=engine.now(),
            run_filters=engine.is_repo_trusted(),
        )


async def resolve(
    engine: Engine,
    key: str,
    *,
    other: str | None = None,
    left: tuple[str, ...] = (),
    right: tuple[str, ...] = (),
    both: tuple[str, ...] = (),
    tool: bool = False,
) -> Dispute | Brought:
    """Show a conflict, or resolve it: whole files by side, or in the merge tool.

    Args:
        engine: The engine.
        key: Whose branch pays.
        other: The other task; the base if left out.
        left: Files to take as the branch has them in every conflicting stretch.
        right: Files to take as the other side has them there.
        both: Files to take both in, left first.
        tool: Open the merge tool.

    Raises:
        UsageError: A file is named twice, unknown, or not decided.
    """
    opened = await dispute(engine, key, other)
    if not opened.files:
        return opened
    if tool:
        return await resolve_by_tool(engine, opened)
    chosen = {Take.LEFT: left, Take.RIGHT: right, Take.BOTH: both}
    if not any(chosen.values()):
        return opened
    decisions = [
        decision for take, paths in chosen.items() for decision in _for_paths(opened, take, paths)
    ]
    twice = {one.path for one in decisions if sum(d.path == one.path for d in decisions) > 1}
    if twice:
        raise UsageError(f"{min(twice)} is decided twice.")
    return await resolve_decided(engine, opened, decisions)


def _for_paths(opened: Dispute, take: Take, paths: tuple[str, ...]) -> list[FileDecision]:
    known = {file.path: file for file in opened.files}
    wanted = tuple(known) if _EVERY in paths else paths
    found = []
    for path in dict.fromkeys(wanted):
        file = known.get(path)
        if file is not None and file.stretches:
            found.append(FileDecision(path, (Decision(take),) * len(file.stretches)))
        else:
            found.append(FileDecision(path, whole=Decision(take)))
    return found
