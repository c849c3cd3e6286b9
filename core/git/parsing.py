"""Parse much output without keeping the event loop waiting."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_MUCH_BYTES: Final = 256 * 1024
"""Output that takes about 10 ms to parse."""

Parsed = TypeVar("Parsed")
Rest = ParamSpec("Rest")


async def off_loop(
    parse: Callable[Concatenate[bytes, Rest], Parsed],
    stdout: bytes,
    *rest: Rest.args,
    **named: Rest.kwargs,
) -> Parsed:
    """Parse what git printed; in a thread when it is so much that the loop would stand still."""
    if len(stdout) < _MUCH_BYTES:
        return parse(stdout, *rest, **named)
    return await asyncio.to_thread(parse, stdout, *rest, **named)
