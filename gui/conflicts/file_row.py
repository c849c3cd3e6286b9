"""A hot file: its path, and who collides in it; pressing it shows the collision."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy
from typing_extensions import override

from gui.theme.fonts import TextStyle, font, metrics
from gui.theme.theme import theme
from gui.theme.tokens import Height, Radius, Space
from gui.widgets.focus_ring import paint_focus_ring, shows_ring
from gui.widgets.tips import plain_tip


class FileRow(QAbstractButton):
    """One line, as wide as there is room; the end of a long path is what is kept."""

    def __init__(self, path: str, tasks: str, spoken: str) -> None:
        super().__init__()
        self._tasks = tasks
        self._rings = False
        self.setText(path)
        self.setToolTip(plain_tip(spoken))
        self.setAccessibleName(spoken)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFixedHeight(Height.SMALL)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @override
    def sizeHint(self) -> QSize:
        return QSize(240, Height.SMALL)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(80, Height.SMALL)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        self._rings = shows_ring(event.reason())
        super().focusInEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        palette = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.hover)
            painter.drawRoundedRect(self.rect(), Radius.CONTROL, Radius.CONTROL)
        row = self.rect().adjusted(Space.S, 0, -Space.S, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        width = min(metrics(TextStyle.META).horizontalAdvance(self._tasks), row.width() // 2)
        painter.setFont(font(TextStyle.META))
        painter.setPen(palette.muted)
        end = metrics(TextStyle.META).elidedText(
            self._tasks, Qt.TextElideMode.ElideRight, width + 1
        )
        painter.drawText(row, middle | Qt.AlignmentFlag.AlignRight, end)
        path = QRect(row.left(), row.top(), row.width() - width - Space.M, row.height())
        painter.setFont(font(TextStyle.MONO))
        painter.setPen(palette.text)
        shown = metrics(TextStyle.MONO).elidedText(
            self.text(), Qt.TextElideMode.ElideMiddle, path.width()
        )
        painter.drawText(path, middle | Qt.AlignmentFlag.AlignLeft, shown)
        if self.hasFocus() and self._rings:
            paint_focus_ring(painter, QRectF(self.rect()))
        painter.end()
