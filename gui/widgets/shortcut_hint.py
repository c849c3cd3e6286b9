"""The key cap: a shortcut as the keyboard shows it."""

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from gui.theme.fonts import TextStyle, font, metrics
from gui.theme.theme import theme

CAP_HEIGHT = 18
PADDING = 5
CORNER = 4


def shortcut_text(keys: str) -> str:
    """Return *keys* (`Ctrl+K`) as the platform writes it: `Ctrl K`, or its signs on a Mac."""
    native = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
    return native.replace("+", " ") if len(native) > 1 else native


def cap_size(text: str) -> QSize:
    """Return the size that `paint_cap` will fill."""
    return QSize(metrics(TextStyle.META).horizontalAdvance(text) + 2 * PADDING, CAP_HEIGHT)


def paint_cap(painter: QPainter, position: QPoint, text: str) -> int:
    """Paint a key cap with its top left corner at *position*; return its width."""
    palette = theme().palette
    rect = QRect(position, cap_size(text))
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(palette.control_line, 1))
    painter.setBrush(palette.panel)
    painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), CORNER, CORNER)
    painter.setPen(palette.muted)
    painter.setFont(font(TextStyle.META))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
    return rect.width()


class ShortcutHint(QWidget):
    """A key cap as a widget, beside the name of what the key does."""

    def __init__(self, keys: str) -> None:
        super().__init__()
        self._text = shortcut_text(keys)
        self.setAccessibleName(f"Shortcut {self._text}")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """Return what is on the cap."""
        return self._text

    @override
    def sizeHint(self) -> QSize:
        return cap_size(self._text)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_cap(painter, QPoint(0, (self.height() - CAP_HEIGHT) // 2), self._text)
        painter.end()
