"""The window's frame: rail, bar, pages, messages. It knows no engine and paints at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from gui.drawer import Drawer
from gui.messages import MessagePlace, WindowMessages
from gui.navigation import Navigation, Place
from gui.rail import ICONS, Rail
from gui.theme.stylesheet import set_look
from gui.theme.tokens import Tone
from gui.top_bar import TopBar

if TYPE_CHECKING:
    from collections.abc import Callable

    from gui.widgets.message_bar import MessageBar

NARROW_BELOW: Final = 1100
SMALLEST: Final = (940, 600)
FIRST_SIZE: Final = (1280, 800)
OWN_BAR: Final = frozenset({Place.CONFLICTS, Place.MERGE})
"""Pages that bring the bar on top themselves: it says what only they know."""
GOODBYE_MS: Final = 1800


class MainWindow(QMainWindow):
    """The frame that pages are put into.

    Signals:
        painted: the first frame is on the screen; heavy things may begin.
        closed: the window is closed for good.
        place_shown: (Place) another page is in sight.
    """

    painted = Signal()
    closed = Signal()
    place_shown = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.navigation = Navigation()
        self.message_bar: MessageBar = WindowMessages()
        self.rail = Rail()
        self.top_bar = TopBar()
        self.place = Place.BOARD
        self.live_runs: Callable[[], int] = lambda: 0
        self._is_painted = False
        self._is_leaving = False
        self._goodbye = QTimer(self)
        self._goodbye.setObjectName("goodbye")
        self._goodbye.setSingleShot(True)
        self._goodbye.setInterval(GOODBYE_MS)
        self._goodbye.timeout.connect(self.close)
        self._pages: dict[Place, QWidget] = {}
        self._stack = QStackedWidget()
        self._opening = QWidget()
        self._stack.addWidget(self._opening)
        self._lay_out()
        self.drawer = Drawer(self._body)
        self._connect()
        self.setMinimumSize(*SMALLEST)
        self.setAccessibleName("Weft")
        self.show_repo("", "")
        self._restore_geometry()

    # -- pages -----------------------------------------------------------------------------

    def add_page(self, place: Place, page: QWidget) -> None:
        """Put *page* at *place*; a page that was there goes."""
        old = self._pages.pop(place, None)
        if old is not None:
            self._stack.removeWidget(old)
            old.deleteLater()
        self._pages[place] = page
        self._stack.addWidget(page)
        if self.place is place:
            self.show_place(place)

    def page(self, place: Place) -> QWidget | None:
        """Return the page at *place*, when it has been made."""
        return self._pages.get(place)

    def show_place(self, place: Place) -> None:
        """Go to *place*; until its page has been made the frame stays empty."""
        self.place = place
        self.rail.show_place(place)
        self.top_bar.show_title(place.value)
        self.top_bar.setVisible(place not in OWN_BAR or place not in self._pages)
        self._stack.setCurrentWidget(self._pages.get(place, self._opening))
        self.place_shown.emit(place)

    def show_alone(self, page: QWidget, title: str) -> None:
        """Show *page* in place of all others, as while there is no repository."""
        self.top_bar.setVisible(True)
        self.top_bar.show_title(title)
        self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)

    def forget_pages(self) -> None:
        """Delete every page: another repository comes, or none."""
        self.drawer.close_content()
        self._pages.clear()
        while self._stack.count() > 1:
            page = self._stack.widget(1)
            if page is not None:
                self._stack.removeWidget(page)
                page.hide()
                page.deleteLater()

    def show_repo(self, name: str, caption: str) -> None:
        """Say which repository the window works in; an empty name is none."""
        self.setWindowTitle(f"Weft — {name}" if name else "Weft")
        self.rail.repo.show_repo(name or "Choose a repository", caption)
        for place in ICONS:
            self.rail.button(place).setEnabled(bool(name))
            self.rail.button(place).setVisible(bool(name))
        self.top_bar.show_work(bool(name))

    # -- Qt --------------------------------------------------------------------------------

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.rail.set_collapsed(self.width() < NARROW_BELOW)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            QTimer.singleShot(0, self.painted.emit)

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        running = self.live_runs()
        if running and not self._is_leaving:
            self._say_goodbye(running)
            event.ignore()
            return
        self._keep_geometry()
        super().closeEvent(event)
        self.closed.emit()

    def leave(self) -> None:
        """Close without another word."""
        self._is_leaving = True
        self.close()

    def _say_goodbye(self, running: int) -> None:
        self._is_leaving = True
        what = "1 run goes" if running == 1 else f"{running} runs go"
        again = "it is" if running == 1 else "they are"
        self.message_bar.show_message(
            f"{what} on without the window",
            f"{again.capitalize()} shown again when you return.",
            Tone.ACCENT,
            [("Stay", self._stay), ("Close now", self.leave)],
        )
        self._goodbye.start()

    def _stay(self) -> None:
        self._is_leaving = False
        self._goodbye.stop()

    # -- building --------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._content = QWidget()
        set_look(self._content, surface="bg")
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top_bar)
        self._body = QWidget()
        filled = QVBoxLayout(self._body)
        filled.setContentsMargins(0, 0, 0, 0)
        filled.addWidget(self._stack)
        column.addWidget(self._body, 1)
        column.addWidget(MessagePlace(self.message_bar))
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addWidget(self._content, 1)
        whole = QWidget()
        whole.setLayout(row)
        self.setCentralWidget(whole)

    def _connect(self) -> None:
        self.rail.place_asked.connect(self.show_place)
        self.navigation.place_asked.connect(self.show_place)
        self.top_bar.new_task_asked.connect(self.navigation.new_task_asked)
        for number, place in enumerate(ICONS, start=1):
            self._shortcut(f"Ctrl+{number}", partial(self._go, place))
        self._shortcut("Ctrl+Q", self.close)
        self._shortcut("F6", self._focus_page)

    def _go(self, place: Place) -> None:
        if self.rail.button(place).isEnabled():
            self.show_place(place)
            self._focus_page()

    def _focus_page(self) -> None:
        page = self._stack.currentWidget()
        if page is not None:
            page.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _shortcut(self, keys: str, act: Callable[[], object]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.activated.connect(act)

    def _keep_geometry(self) -> None:
        QSettings().setValue("window/geometry", self.saveGeometry())

    def _restore_geometry(self) -> None:
        kept = QSettings().value("window/geometry")
        if kept is None or not self.restoreGeometry(kept):
            self.resize(*FIRST_SIZE)
