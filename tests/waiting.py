"""Wait for a condition: the only places where a test may let time pass."""

from __future__ import annotations

import asyncio
import inspect
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

LONG_S: Final = 30.0
"""A bound for a busy machine, not an expectation: a wait ends as soon as it may."""
_POLL_S: Final = 0.01


def wait_until(condition: Callable[[], object], *, timeout_s: float = LONG_S) -> None:
    """Return once *condition* is true; fail when it does not become so."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"not true within {timeout_s:.0f} s: {condition}"
        time.sleep(_POLL_S)


async def wait_until_async(condition: Callable[[], object], *, timeout_s: float = LONG_S) -> None:
    """Like `wait_until`, while the loop goes on; *condition* may be a coroutine function."""
    deadline = time.monotonic() + timeout_s
    while not await _value(condition()):
        assert time.monotonic() < deadline, f"not true within {timeout_s:.0f} s: {condition}"
        await asyncio.sleep(_POLL_S)


async def _value(found: object) -> object:
    return await found if inspect.isawaitable(found) else found
