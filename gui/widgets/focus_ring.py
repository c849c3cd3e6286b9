"""The ring around what the keyboard is on; a mouse click does not draw one."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from gui.theme.theme import theme
from gui.theme.tokens import Radius

RING_WIDTH = 2.0
_BY_MOUSE = frozenset(
    {
        Qt.FocusReason.MouseFocusReason,
        Qt.FocusReason.ActiveWindowFocusReason,
        Qt.FocusReason.PopupFocusReason,
    }
)


def shows_ring(reason: Qt.FocusReason) -> bool:
    """Whether focus that came for *reason* is shown by a ring."""
    return reason not in _BY_MOUSE


def paint_focus_ring(painter: QPainter, rect: QRectF, radius: float = Radius.CONTROL) -> None:
    """Paint the ring just inside *rect*, with a gap of the ground's colour within it."""
    palette = theme().palette
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(palette.accent, RING_WIDTH))
    painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), radius - 1, radius - 1)
    painter.setPen(QPen(palette.panel, 1.5))
    painter.drawRoundedRect(rect.adjusted(2.75, 2.75, -2.75, -2.75), radius - 2.5, radius - 2.5)
    painter.restore()
