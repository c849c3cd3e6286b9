"""The window's life: its loop, its engine, the repository it opens, and its end."""

from __future__ import annotations

import asyncio
import importlib
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from qasync import QEventLoop

from gui.async_slots import cancel_all

if TYPE_CHECKING:
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
)
"""Imported on a thread of their own, while the frame is on the screen already."""


def live(app: QApplication, window: MainWindow, repo: Path | None, *, demo: bool) -> int:
    """Run the window until it is closed."""
    loop = QEventLoop(app)
    app.setQuitOnLastWindowClosed(False)  # the end is a step of `_live`, not Qt's own idea
    asyncio.set_event_loop(loop)
    signal.signal(signal.SIGINT, lambda *_: window.leave())
    signal.signal(signal.SIGTERM, lambda *_: window.leave())
    with loop:
        loop.run_until_complete(_live(window, repo, demo=demo))
    return 0


async def _live(window: MainWindow, repo: Path | None, *, demo: bool) -> None:
    closed = asyncio.Event()
    painted = asyncio.Event()
    window.closed.connect(closed.set)
    window.painted.connect(painted.set)
    await _first_of(painted, closed)
    await _import_heavy()
    from gui.opening import Opening

    opening = Opening(window)
    opening.begin(repo, demo=demo)
    await closed.wait()
    await opening.end()
    await cancel_all()


async def _first_of(*events: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()


async def _import_heavy() -> None:
    with ThreadPoolExecutor(1, "weft-import") as pool:
        for name in HEAVY:
            await asyncio.wrap_future(pool.submit(importlib.import_module, name))
