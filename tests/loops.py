"""The loops of a window or of `weft serve`, for as long as a block lasts."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from core.engine.loops import keep_going

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from core.engine.context import Engine


@asynccontextmanager
async def loops(engine: Engine) -> AsyncIterator[None]:
    """Keep the loops of *engine* going; they have ended when the block has."""
    stopping = asyncio.Event()
    going = asyncio.create_task(keep_going(engine, stopping))
    try:
        yield
    finally:
        stopping.set()
        await going
