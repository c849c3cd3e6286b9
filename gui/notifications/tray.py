"""The icon in the system's tray: it tells news while the window is not in front."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon, QWidget

from gui.notifications.news import News, Notify, news_of
from gui.theme.icons import app_icon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.domain.event import Event


class TrayNotifier(QObject):
    """Tells what waits, failed or is done; where there is no tray the task bar's entry blinks.

    Signals:
        opened: (task key) the person pressed a message; empty for the board.
    """

    opened = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._level = Notify.ALL
        self._last: News | None = None
        self._icon: QSystemTrayIcon | None = None
        if QSystemTrayIcon.isSystemTrayAvailable():
            self._icon = self._make_icon()

    def choose(self, level: str) -> None:
        """Take the setting `notify`."""
        self._level = Notify(level)

    def on_events(self, events: Sequence[Event]) -> None:
        """Tell what of *events* is news; nothing while the person looks at the window."""
        for event in events:
            if event.kind == "setting.changed" and event.data.get("key") == "notify":
                self.choose(str(event.data.get("value") or Notify.ALL.value))
        if self._is_in_front():
            return
        for news in news_of(events, self._level):
            self._tell(news)

    def close(self) -> None:
        """Take the icon away."""
        if self._icon is not None:
            self._icon.hide()

    def _is_in_front(self) -> bool:
        return self._window.isActiveWindow() and not self._window.isMinimized()

    def _tell(self, news: News) -> None:
        self._last = news
        QApplication.alert(self._window)
        if self._icon is not None:
            kind = QSystemTrayIcon.MessageIcon
            icon = kind.Warning if news.needs_person else kind.Information
            self._icon.showMessage(news.title, news.text, icon)

    def _make_icon(self) -> QSystemTrayIcon:
        icon = QSystemTrayIcon(app_icon(), self)
        icon.setToolTip("Weft")
        menu = QMenu(self._window)
        menu.addAction("Show Weft", lambda: self._open(""))
        menu.addAction("Quit", self._window.close)
        icon.setContextMenu(menu)
        if sys.platform != "darwin":  # there a click opens the menu, whatever else it does
            icon.activated.connect(self._on_activated)
        icon.messageClicked.connect(lambda: self._open(self._last.task if self._last else ""))
        icon.show()
        return icon

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self._open("")

    def _open(self, task: str) -> None:
        if self._window.isMinimized():
            self._window.showNormal()
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()
        self.opened.emit(task)
