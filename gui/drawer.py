"""The drawer: a panel that comes in from the right over the page, which stays in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGraphicsDropShadowEffect,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid
from typing_extensions import override

from gui.theme.motion import animate
from gui.theme.stylesheet import set_look
from gui.theme.theme import theme
from gui.theme.tokens import Height, Space
from gui.widgets.button import IconButton
from gui.widgets.label import ElidedLabel

if TYPE_CHECKING:
    from PySide6.QtCore import QPropertyAnimation
    from PySide6.QtGui import QHideEvent, QMoveEvent, QResizeEvent, QShowEvent

SHADE: Final = 20
MARGIN: Final = 40
"""So much of the page stays in sight beside the widest drawer."""


def lift(widget: QWidget) -> None:
    """Let *widget* stand out from what it lies over; only what floats has a shadow."""
    shadow = QGraphicsDropShadowEffect(widget)
    shadow.setBlurRadius(28)
    shadow.setOffset(0, 4)
    shadow.setColor(QColor(0, 0, 0, 56))
    widget.setGraphicsEffect(shadow)


class Shade(QWidget):
    """The drawer's shadow on the page beside it.

    An effect on the drawer itself would paint all of it anew for each line of a transcript.
    """

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def stand_beside(self, drawer: QWidget) -> None:
        """Lie along the left edge of *drawer*."""
        self.setGeometry(drawer.x() - SHADE, drawer.y(), SHADE, drawer.height())
        self.raise_()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        fading = QLinearGradient(0, 0, self.width(), 0)
        fading.setColorAt(0, QColor(0, 0, 0, 0))
        fading.setColorAt(0.6, QColor(0, 0, 0, 10))
        fading.setColorAt(1, QColor(0, 0, 0, 34))
        painter = QPainter(self)
        painter.fillRect(self.rect(), fading)
        painter.end()


class Drawer(QFrame):
    """Holds one content at a time; Escape and the cross close it.

    Signals:
        closed: it has been closed, by the person or by `close_content`.
    """

    closed = Signal()

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self._host = host
        self._content: QWidget | None = None
        self._wanted_width = 440
        self._came_from: QWidget | None = None
        self._title = ElidedLabel(role="title")
        self._close = IconButton("close", "Close panel")
        self._close.clicked.connect(self.close_content)
        bar = QFrame()
        set_look(bar, surface="bar")
        bar.setFixedHeight(Height.BAR)
        row = QHBoxLayout(bar)
        row.setContentsMargins(Space.L, 0, Space.M, 0)
        row.addWidget(self._title, 1)
        row.addWidget(self._close)
        self._stack = QVBoxLayout(self)
        self._stack.setContentsMargins(1, 0, 0, 0)
        self._stack.setSpacing(0)
        self._stack.addWidget(bar)
        host.installEventFilter(self)
        self._sliding: QPropertyAnimation | None = None
        self._shade = Shade(host)
        self.hide()

    def show_content(self, title: str, content: QWidget, width: int) -> None:
        """Show *content* in place of what was there, which is deleted."""
        was_open = self._content is not None
        if not was_open:
            self._came_from = QApplication.focusWidget()
        self._drop_content()
        self._content = content
        self._wanted_width = width
        self._title.setText(title)
        self.setAccessibleName(title)
        self._stack.addWidget(content, 1)
        self._place()
        self.show()
        self.raise_()
        if not was_open:
            target = self.pos()
            self._sliding = animate(self, "pos", target + QPoint(32, 0), target)
        content.setFocus(Qt.FocusReason.OtherFocusReason)

    def content(self) -> QWidget | None:
        """Return what is shown."""
        return self._content

    def title(self) -> str:
        """Return the title shown."""
        return self._title.text()

    def set_title(self, title: str) -> None:
        """Show another title."""
        self._title.setText(title)
        self.setAccessibleName(title)

    def close_content(self) -> None:
        """Close the drawer, and give the keyboard back to where it was."""
        if self._content is None:
            return
        self._drop_content()
        self.hide()
        if self._came_from is not None and isValid(self._came_from):
            self._came_from.setFocus(Qt.FocusReason.OtherFocusReason)
        self._came_from = None
        self.closed.emit()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._host and event.type() == QEvent.Type.Resize:
            if self._sliding is not None and isValid(self._sliding):
                self._sliding.stop()  # it would end where the drawer was to be before
            self._place()
        return False

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_content()
            return
        super().keyPressEvent(event)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.raise_()
        self._shade.stand_beside(self)

    @override
    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self._shade.stand_beside(self)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._shade.stand_beside(self)
        self._shade.show()

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._shade.hide()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        palette = theme().palette
        painter = QPainter(self)
        painter.fillRect(self.rect(), palette.panel)
        painter.fillRect(0, 0, 1, self.height(), palette.line)
        painter.end()

    def _drop_content(self) -> None:
        if self._content is not None:
            self._stack.removeWidget(self._content)
            self._content.hide()
            self._content.deleteLater()
            self._content = None

    def _place(self) -> None:
        width = min(self._wanted_width, max(320, self._host.width() - MARGIN))
        self.setGeometry(self._host.width() - width, 0, width, self._host.height())
