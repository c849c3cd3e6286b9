"""The search field: a magnifying glass, a line of text, and the key that leads here."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit
from typing_extensions import override

from gui.theme import icons
from gui.theme.stylesheet import set_look
from gui.theme.theme import theme
from gui.widgets.shortcut_hint import CAP_HEIGHT, cap_size, paint_cap, shortcut_text

ICON_EDGE = 14
LEFT = 8
RIGHT = 8


class SearchField(QLineEdit):
    """A line edit that looks like a search; Escape clears it.

    Signals:
        opened: the field was pressed while it only opens something (`opens_only`), such as the
            command palette.
    """

    opened = Signal()

    def __init__(self, placeholder: str, shortcut: str = "", *, opens_only: bool = False) -> None:
        super().__init__()
        self._cap = shortcut_text(shortcut) if shortcut else ""
        self._opens_only = opens_only
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self.setReadOnly(opens_only)
        set_look(self, search=True)
        right = cap_size(self._cap).width() if self._cap else 0
        self.setTextMargins(ICON_EDGE + LEFT - 1, 0, right, 0)
        if opens_only:
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._opens_only:
            self.opened.emit()
            return
        super().mousePressEvent(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if self._opens_only and event.key() in keys:
            self.opened.emit()
            return
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        super().keyPressEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        glass = icons.pixmap("search", theme().palette.faint, ICON_EDGE)
        painter.drawPixmap(LEFT + 1, (self.height() - ICON_EDGE) // 2, glass)
        if self._cap and not self.text():
            left = self.width() - cap_size(self._cap).width() - RIGHT
            paint_cap(painter, QPoint(left, (self.height() - CAP_HEIGHT) // 2), self._cap)
        painter.end()
