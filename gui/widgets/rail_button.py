"""One place of the window in its rail: icon, name, and the one number that matters there."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy
from typing_extensions import override

from gui.theme import icons
from gui.theme.fonts import TextStyle, font
from gui.theme.theme import theme
from gui.theme.tokens import CONTROL_ICON, Height, Radius, Space
from gui.widgets.focus_ring import paint_focus_ring, shows_ring

COLLAPSED_WIDTH = 36


class RailButton(QAbstractButton):
    """A checkable row; collapsed it shows the icon alone, and the name as its tool tip."""

    def __init__(self, icon: str, name: str) -> None:
        super().__init__()
        self._icon_name = icon
        self._count = ""
        self._collapsed = False
        self._rings = False
        self.setText(name)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(Height.CONTROL)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(name)

    def set_count(self, count: int | str) -> None:
        """Show the number that matters; 0 and "" show none."""
        self._count = str(count) if count else ""
        self.setAccessibleDescription(self._count)
        self.update()

    def count(self) -> str:
        """Return the number shown."""
        return self._count

    def set_collapsed(self, collapsed: bool) -> None:
        """Show the icon alone, or everything."""
        self._collapsed = collapsed
        self.setToolTip(self.text() if collapsed else "")
        self.updateGeometry()
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(COLLAPSED_WIDTH if self._collapsed else 168, Height.CONTROL)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(COLLAPSED_WIDTH, Height.CONTROL)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        self._rings = shows_ring(event.reason())
        super().focusInEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        palette = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked() or self.underMouse():
            painter.setBrush(palette.accent_ground if self.isChecked() else palette.hover)
            painter.drawRoundedRect(self.rect(), Radius.CONTROL, Radius.CONTROL)
        ink = palette.accent if self.isChecked() else palette.muted
        left = (self.width() - CONTROL_ICON) // 2 if self._collapsed else Space.S
        top = (self.height() - CONTROL_ICON) // 2
        painter.drawPixmap(left, top, icons.pixmap(self._icon_name, ink))
        painter.setPen(ink)
        if not self._collapsed:
            self._paint_words(painter)
        if self.hasFocus() and self._rings:
            paint_focus_ring(painter, QRectF(self.rect()))
        painter.end()

    def _paint_words(self, painter: QPainter) -> None:
        middle = Qt.AlignmentFlag.AlignVCenter
        row = QRect(self.rect()).adjusted(2 * Space.S + CONTROL_ICON, 0, -Space.S, 0)
        painter.setFont(font(TextStyle.STRONG if self.isChecked() else TextStyle.TEXT))
        painter.drawText(row, middle | Qt.AlignmentFlag.AlignLeft, self.text())
        painter.setFont(font(TextStyle.META))
        painter.drawText(row, middle | Qt.AlignmentFlag.AlignRight, self._count)
