"""The window itself, which kills itself at a named point after a card was dropped on a worker.

Usage: killed_real_window.py REPO KEY POINT. It needs no screen: Qt's offscreen platform.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QTimer

from gui.app import make_application
from gui.main_window import MainWindow
from tests.core.merging.killed_merge import arm

LOOK_MS: Final = 20
WORKER: Final = "agent-1"


def drop_once_it_is_there(window: MainWindow, timer: QTimer, key: str, point: str) -> None:
    """Drop the card on the worker as soon as the board shows it."""
    from gui.workspace import Workspace

    workspace = window.findChild(Workspace)
    view = None if workspace is None else workspace.feed.view
    if workspace is None or view is None:
        return
    if key in {task.key for task in view.tasks}:
        timer.stop()
        arm(point)
        workspace.board.assign(key, WORKER)


def main(repo: str, key: str, point: str) -> None:
    app = make_application()
    window = MainWindow()
    window.show()
    from gui.startup import live

    timer = QTimer(window)
    timer.timeout.connect(lambda: drop_once_it_is_there(window, timer, key, point))
    timer.start(LOOK_MS)
    live(app, window, Path(repo), demo=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
