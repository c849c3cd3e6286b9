"""Labels in the few roles that text has, and one that elides."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget
from typing_extensions import override

from gui.theme.stylesheet import set_look
from gui.theme.tokens import Tone


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
    """One line of text that ends in "…" where it does not fit; the tool tip then has the whole."""

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
        _dress(self, role, tone)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @override
    def setText(self, text: str) -> None:
        super().setText(text)
        self._elide()

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(min(24, super().minimumSizeHint().width()), super().minimumSizeHint().height())

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
        painter.drawText(self.contentsRect(), alignment, self._shown)
        painter.end()

    def _elide(self) -> None:
        width = self.contentsRect().width()
        self._shown = self.fontMetrics().elidedText(self.text(), self._mode, width)
        self.setToolTip(self.text() if self._shown != self.text() else "")
        self.update()


def _dress(label: QLabel, role: str, tone: Tone | None) -> None:
    label.setTextFormat(Qt.TextFormat.PlainText)  # names of tasks and files are data, not markup
    set_look(label, role=role, tone="" if tone is None else tone.value)
