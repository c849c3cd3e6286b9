"""The conflict matrix, told again whenever somebody's work moves it."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from core.conflicts.live import follow
from core.engine.conflicts import contenders, landing_mode

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.domain.conflict import ConflictMatrix
    from core.engine.context import Engine


async def follow_conflicts(engine: Engine, *, tell: Callable[[ConflictMatrix], None]) -> None:
    """Tell the matrix now and after every change of its branches, until it is cancelled.

    The branches are those of the moment: begin anew when tasks come or go. *tell* is called on
    the engine's thread.

    Raises:
        NotFound: The base branch is gone.
        EnvironmentFault: git failed.
    """
    looks = follow(
        engine.repo,
        contenders(engine),
        mode=landing_mode(engine),
        allowed=engine.allowed_drivers,  # consent may be taken back meanwhile
    )
    async with aclosing(looks) as told:
        async for look in told:
            tell(look.matrix)
