"""Start the window: paint first, then bring in the engine, and end with nothing left behind."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication, QEvent, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from typing_extensions import override

from gui.main_window import MainWindow
from gui.theme.theme import theme

if TYPE_CHECKING:
    from pathlib import Path

NAME = "Weft"


class Application(QApplication):
    """Hands on a wish to quit, which macOS has: Cmd+Q, or the Dock.

    Qt's own way stops the loop while the engine is at work; that of the window ends it in order.
    Elsewhere nobody has the wish: there Qt itself quits, because the display is gone.

    Signals:
        quit_asked: the person wants it to end.
    """

    quit_asked = Signal()

    @override
    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Quit:
            self.quit_asked.emit()
            return True
        return super().event(event)


_KIND: Final[type[QApplication]] = Application if sys.platform == "darwin" else QApplication


def run(repo: Path | None, *, demo: bool = False, named: bool = False) -> int:
    """Open the window on *repo*, or on the last repository, and return its exit status.

    Called by the command line's bare `weft`. With *demo* the sample repository is made first.
    A *repo* that was *named*, not just the folder one is in, is opened or told why not.
    """
    app = make_application()
    window = MainWindow()
    if isinstance(app, Application):
        app.quit_asked.connect(window.close)
    window.show()
    from gui.startup import live  # after the frame: what it needs takes longer to import

    return live(app, window, repo, demo=demo, named=named)


def make_application() -> QApplication:
    """Return the application, named and dressed."""
    known = QApplication.instance()
    app = known if isinstance(known, QApplication) else _KIND(sys.argv[:1])
    QCoreApplication.setApplicationName(NAME)
    QCoreApplication.setOrganizationName(NAME)
    QGuiApplication.setApplicationDisplayName("")
    QGuiApplication.setDesktopFileName("weft")
    theme().apply(app)
    return app
