"""Qt for tests: no screen, one qasync loop for the whole session, the `gui` marker by itself.

There is one loop because stopping a qasync loop ends the application's event processing for good:
every later `QEventLoop.exec()` returns at once, and with it all of qtbot's waits.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot
    from qasync import QEventLoop

T = TypeVar("T")

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

_HERE = Path(__file__).parent
GRACE_MS = 5_000
"""How long tasks may take to end after a test, and a coroutine inside `complete`."""


class Complete(Protocol):
    """Runs a coroutine to its end while Qt's events are processed."""

    def __call__(self, coroutine: Coroutine[object, object, T]) -> T: ...


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder `gui`."""
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker("gui")


@pytest.fixture(scope="session")
def session_loop(qapp: QApplication) -> Iterator[QEventLoop]:
    """The one qasync loop; tests ask for `qt_loop`."""
    from qasync import QEventLoop

    qapp.setQuitOnLastWindowClosed(False)
    loop = QEventLoop(qapp, already_running=True)
    asyncio._set_running_loop(None)  # the constructor leaves it set for the whole process
    yield loop
    loop.stop()
    loop.close()


@pytest.fixture
def qt_loop(session_loop: QEventLoop, qtbot: QtBot) -> Iterator[QEventLoop]:
    """The running loop that async slots need; a task that outlives the test fails it."""
    asyncio.set_event_loop(session_loop)
    asyncio._set_running_loop(session_loop)
    try:
        yield session_loop
        left = {task for task in asyncio.all_tasks(session_loop) if not task.done()}
        names = sorted(str(task.get_coro()) for task in left)
        for task in left:
            task.cancel()
        if left:
            qtbot.waitUntil(lambda: all(task.done() for task in left), timeout=GRACE_MS)
            pytest.fail("left-over tasks: " + "; ".join(names), pytrace=False)
    finally:
        asyncio._set_running_loop(None)
        asyncio.set_event_loop(None)


@pytest.fixture
def complete(qt_loop: QEventLoop, qtbot: QtBot) -> Complete:
    """Run a coroutine to its end while Qt's events are processed, and return its result."""

    def run(coroutine: Coroutine[object, object, T]) -> T:
        task: asyncio.Task[T] = qt_loop.create_task(coroutine)
        qtbot.waitUntil(task.done, timeout=GRACE_MS)
        return task.result()

    return run
