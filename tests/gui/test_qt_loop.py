"""The session's qasync loop, and what it refuses to let pass."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest
    from qasync import QEventLoop

    from tests.gui.conftest import Complete


async def double(number: int) -> int:
    await asyncio.sleep(0)
    return 2 * number


def test_a_coroutine_runs_while_qt_processes_its_events(complete: Complete) -> None:
    assert complete(double(21)) == 42


def test_the_loop_serves_a_second_test(complete: Complete, qt_loop: QEventLoop) -> None:
    assert complete(double(2)) == 4
    assert asyncio.get_running_loop() is qt_loop


async def test_a_test_with_asyncios_own_loop_runs_beside_it() -> None:
    assert await double(3) == 6


def test_every_test_here_is_marked_gui(request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("gui")
