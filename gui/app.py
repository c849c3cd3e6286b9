"""Start the window: paint first, then bring in the engine, and end with nothing left behind."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from gui.main_window import MainWindow
from gui.theme.theme import theme

if TYPE_CHECKING:
    from pathlib import Path

NAME = "Weft"


def run(repo: Path | None, *, demo: bool = False, named: bool = False) -> int:
    """Open the window on *repo*, or on the last repository, and return its exit status.

    Called by the command line's bare `weft`. With *demo* the sample repository is made first.
    A *repo* that was *named*, not just the folder one is in, is opened or told why not.
    """
    app = make_application()
    window = MainWindow()
    window.show()
    from gui.startup import live  # after the frame: what it needs takes longer to import

    return live(app, window, repo, demo=demo, named=named)


def make_application() -> QApplication:
    """Return the application, named and dressed."""
    known = QApplication.instance()
    app = known if isinstance(known, QApplication) else QApplication(sys.argv[:1])
    QCoreApplication.setApplicationName(NAME)
    QCoreApplication.setOrganizationName(NAME)
    QGuiApplication.setApplicationDisplayName("")
    QGuiApplication.setDesktopFileName("weft")
    theme().apply(app)
    return app
