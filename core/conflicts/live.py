"""The matrix kept up to date: when one branch moves, only its row is worked out again."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.conflicts.matrix import Look, look
from core.conflicts.snapshots import Place
from core.conflicts.watching import FULL_LOOK_S, QUIET_S, Moved, moves
from core.domain.conflict import ConflictMatrix, LandingMode

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from core.domain.conflict import Contender
    from core.domain.repo import Repo


@dataclass(frozen=True, slots=True)
class Live:
    """A matrix that was just worked out, and which tasks may have changed it."""

    matrix: ConflictMatrix
    moved: frozenset[str]


async def follow(
    repo: Repo,
    contenders: Sequence[Contender],
    *,
    mode: LandingMode = LandingMode.MERGE,
    allowed: Callable[[], tuple[tuple[str, str], ...]] | None = None,
    quiet_s: float = QUIET_S,
    full_look_s: float = FULL_LOOK_S,
) -> AsyncGenerator[Live, None]:
    """Tell the matrix now and after every change, until the iteration is closed.

    Nothing is told while the answer stays the same. Begin anew when the contenders or the mode
    change; what was remembered is used again. Close it with `contextlib.aclosing`.

    Args:
        repo: The repository.
        contenders: The branches.
        mode: How they will land.
        allowed: Asked before each look which merge drivers may run; the repository's own if left
            out.
        quiet_s: How long nothing may have happened before it is looked.
        full_look_s: How often at least every worktree is looked at.

    Raises:
        NotFound: The base branch is gone.
        EnvironmentFault: git failed.
    """
    former: Look | None = None
    async with aclosing(
        moves(repo, contenders, quiet_s=quiet_s, full_look_s=full_look_s)
    ) as changes:
        async for moved in changes:
            kept = None if former is None else _without(former, contenders, moved)
            now = repo if allowed is None else replace(repo, drivers=allowed())
            found = await look(now, contenders, mode=mode, former=kept)
            if former is None or _answer(found.matrix) != _answer(former.matrix):
                yield Live(found.matrix, moved.tasks)
            former = found


def _without(former: Look, contenders: Sequence[Contender], moved: Moved) -> Look:
    """Return the look without the snapshots that may be out of date."""
    places = {Place(one.branch, one.worktree) for one in contenders if one.task in moved.tasks}
    still = {place: taken for place, taken in former.snapshots.items() if place not in places}
    return replace(former, snapshots=still)


def _answer(matrix: ConflictMatrix) -> ConflictMatrix:
    """Return the matrix without how it was come by."""
    return replace(matrix, took_ms=0.0, snapshot_ms=0.0, cached=False)
