"""A thin line that says how far something is."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from gui.theme.theme import theme
from gui.theme.tokens import Tone

THICKNESS = 3


def paint_progress(
    painter: QPainter, rect: QRect, fraction: float, tone: Tone = Tone.ACCENT
) -> None:
    """Paint a groove along *rect* and fill *fraction* of it; below 0 the groove stays empty."""
    palette = theme().palette
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    groove = QRectF(rect)
    radius = groove.height() / 2
    painter.setBrush(palette.line_soft)
    painter.drawRoundedRect(groove, radius, radius)
    if fraction > 0:
        groove.setWidth(max(groove.height(), groove.width() * min(fraction, 1.0)))
        painter.setBrush(palette.tone(tone).ink)
        painter.drawRoundedRect(groove, radius, radius)
    painter.restore()


class ProgressLine(QWidget):
    """A line of progress as a widget; its accessible name holds the percentage."""

    def __init__(self, name: str = "Progress", tone: Tone = Tone.ACCENT) -> None:
        super().__init__()
        self._name = name
        self._fraction = 0.0
        self._tone = tone
        self.setFixedHeight(THICKNESS)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_fraction(0.0)

    def set_fraction(self, fraction: float, tone: Tone | None = None) -> None:
        """Show *fraction* (0 to 1, clipped), and another tone if given."""
        self._fraction = max(0.0, min(fraction, 1.0))
        self._tone = tone or self._tone
        self.setAccessibleName(f"{self._name}: {self._fraction:.0%}")
        self.update()

    def fraction(self) -> float:
        """Return the part that is done, 0 to 1."""
        return self._fraction

    @override
    def sizeHint(self) -> QSize:
        return QSize(120, THICKNESS)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_progress(painter, self.rect(), self._fraction, self._tone)
        painter.end()
