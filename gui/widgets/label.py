"""Labels in the few roles that text has, and one that elides."""

import re

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget
from typing_extensions import override

from gui.theme.fonts import LINE_HEIGHTS, TextStyle
from gui.theme.stylesheet import set_look
from gui.theme.tokens import Tone
from gui.widgets.tips import plain_tip
from gui.widgets.wrapping import wrap

_NUMBER = re.compile(r" (?=\d)")
"""A number stays with its word: no last line of "1." alone."""
_LINE = LINE_HEIGHTS[TextStyle.TEXT]


def make_label(
    text: str = "", role: str = "text", tone: Tone | None = None, parent: QWidget | None = None
) -> QLabel:
    """Make a plain-text label.

    *role* is text, strong, title, figure, muted, meta, faint, mono or key; *tone* is what its
    colour says, None leaves the role's.
    """
    label = QLabel(text, parent)
    _dress(label, role, tone)
    return label


class ElidedLabel(QLabel):
    """Text that ends in "…" where it does not fit; the tool tip then has the whole.

    It has one line, or as many of the body's lines as `set_lines` allows.
    """

    def __init__(
        self,
        text: str = "",
        role: str = "text",
        tone: Tone | None = None,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        super().__init__(text)
        self._mode = mode
        self._shown = text
        self._most = 1
        _dress(self, role, tone)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @override
    def setText(self, text: str) -> None:
        super().setText(text)
        self._elide()

    def set_lines(self, most: int) -> None:
        """Have room for *most* lines of body text, filled or not."""
        if most != self._most:
            self._most = most
            self.updateGeometry()
            self._elide()

    @override
    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return hint if self._most == 1 else QSize(hint.width(), self._most * _LINE)

    @override
    def minimumSizeHint(self) -> QSize:
        least = super().minimumSizeHint()
        height = least.height() if self._most == 1 else self._most * _LINE
        return QSize(min(24, least.width()), height)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.setFont(self.font())
        alignment = self.alignment() | Qt.AlignmentFlag.AlignVCenter
        if self._most == 1:
            painter.drawText(self.contentsRect(), alignment, self._shown)
        else:
            for number, line in enumerate(self._shown.splitlines()):
                room = self.contentsRect()
                room.setTop(room.top() + number * _LINE)
                room.setHeight(_LINE)
                painter.drawText(room, alignment, line)
        painter.end()

    def _elide(self) -> None:
        width = self.contentsRect().width()
        if self._most == 1:
            self._shown = self.fontMetrics().elidedText(self.text(), self._mode, width)
        else:
            text = _NUMBER.sub("\u00a0", self.text())
            self._shown = "\n".join(wrap(text, TextStyle.TEXT, width, self._most))
        is_whole = self._shown.replace("\n", " ").replace("\u00a0", " ") == self.text()
        self.setToolTip("" if is_whole else plain_tip(self.text()))
        self.update()


def _dress(label: QLabel, role: str, tone: Tone | None) -> None:
    label.setTextFormat(Qt.TextFormat.PlainText)  # names of tasks and files are data, not markup
    set_look(label, role=role, tone="" if tone is None else tone.value)
