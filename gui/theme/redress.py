"""Another style sheet for widgets that are there, without holding the window's loop up."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer
from shiboken6 import getCppPointer

from gui.theme.stylesheet import restyle

if TYPE_CHECKING:
    from PySide6.QtGui import QPalette
    from PySide6.QtWidgets import QApplication

PART_S: Final = 0.01
"""How long widgets are dressed in one round of events."""


class Redress(QObject):
    """Changes colours and sheet: what is seen first, the rest in the next rounds of events.

    Qt's own way takes more than a second for a full window. Its cache of rules holds every widget,
    and each of them takes its children along, so that a widget is dressed again for each of the
    ten in which it lies. Here the cache is cleared before, as when a style goes: then Qt finds
    nobody to dress, and each widget is dressed once.
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._dressed: set[int] = set()
        self._timer = QTimer(self)
        self._timer.setInterval(2)
        self._timer.timeout.connect(self._go_on)

    def is_done(self) -> bool:
        """Return whether all widgets wear the newest sheet."""
        return not self._timer.isActive()

    def change(self, palette: QPalette, sheet: str) -> None:
        """Begin; what is seen of a window of usual size is done on return, or nearly."""
        app = self._app
        app.style().unpolish(app)
        app.setPalette(palette)
        app.setStyleSheet(sheet)
        app.style().polish(app)
        self._dressed.clear()
        self._timer.start()
        self._go_on()

    def _go_on(self) -> None:
        # Looked for anew each time: one that is kept may be gone by then. A new one at the place
        # of one that is gone wears the newest sheet anyway.
        left = [
            (not widget.isVisible(), place, widget)
            for widget in self._app.allWidgets()
            if (place := getCppPointer(widget)[0]) not in self._dressed
        ]
        end = time.perf_counter() + PART_S
        for _, place, widget in sorted(left, key=lambda one: one[0]):
            self._dressed.add(place)
            restyle(widget)
            QCoreApplication.sendEvent(widget, QEvent(QEvent.Type.StyleChange))
            if time.perf_counter() > end:
                return
        self._timer.stop()
