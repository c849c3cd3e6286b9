"""The window's life: its loop, its engine, the repository it opens, and its end."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSocketNotifier
from qasync import QEventLoop

from core.errors import EnvironmentFault
from gui.async_slots import cancel_all
from gui.warm_up import import_apart, import_in_turns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from gui.main_window import MainWindow

HEAVY: Final = (
    "core.engine.thread",
    "core.engine.overview",
    "core.engine.tasks",
    "core.engine.workers",
    "core.engine.runs",
    "core.engine.repos",
    "core.engine.preferences",
    "core.engine.launching",
    "core.engine.conflicts",
    "core.engine.merging",
    "core.engine.demo",
)
"""Imported on a thread of their own, while the frame is on the screen already."""
GONE: Final = "The display of the window is gone. What runs goes on without it."
COLLECT: Final = (10_000, 10, 200)
"""Full collections seldom: over ten thousand cards each stops every thread for some 0.2 s."""


def live(
    app: QApplication, window: MainWindow, repo: Path | None, *, demo: bool, named: bool = False
) -> int:
    """Run the window until it is closed.

    Raises:
        EnvironmentFault: Its display went away, or the person's session ended.
    """
    gc.set_threshold(*COLLECT)
    sys.setswitchinterval(0.0005)  # the window waits 0.5 ms for its turn beside the engine, not 5
    loop = QEventLoop(app)
    app.setQuitOnLastWindowClosed(False)  # the end is a step of `_live`, not Qt's own idea
    asyncio.set_event_loop(loop)
    signal.signal(signal.SIGINT, lambda *_: window.leave())
    signal.signal(signal.SIGTERM, lambda *_: window.leave())
    with loop, _heard_signals():
        life = loop.create_task(_live(window, repo, demo=demo, named=named))
        try:
            loop.run_until_complete(life)
        except RuntimeError as error:
            if life.done():
                raise
            # Qt has ended its events for good: nothing can be awaited any more.
            raise EnvironmentFault(GONE, hint="Open the window again to see them.") from error
    return 0


@contextmanager
def _heard_signals() -> Iterator[None]:
    """Wake Python up for a signal: without it Qt's loop sleeps on while nothing happens."""
    heard, told = socket.socketpair()
    with heard, told:
        for end in (heard, told):
            end.setblocking(False)
        notifier = QSocketNotifier(heard.fileno(), QSocketNotifier.Type.Read)
        notifier.activated.connect(lambda: heard.recv(64))
        before = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            notifier.setEnabled(False)


async def _live(window: MainWindow, repo: Path | None, *, demo: bool, named: bool) -> None:
    closed = asyncio.Event()
    painted = asyncio.Event()
    window.closed.connect(closed.set)
    window.painted.connect(painted.set)
    await _first_of(painted, closed)
    await import_apart(HEAVY)
    await import_in_turns("gui.opening")
    gc.freeze()  # what is imported stays: no collection needs to look through it
    from gui.opening import Opening

    opening = Opening(window)
    opening.begin(repo, demo=demo, named=named)
    await closed.wait()
    await opening.end()
    await cancel_all()


async def _first_of(*events: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
