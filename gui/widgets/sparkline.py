"""How much happened lately, as small bars: a painter, and a widget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from gui.theme.theme import theme
from gui.theme.tokens import Tone

if TYPE_CHECKING:
    from collections.abc import Sequence

BAR: Final = 2
GAP: Final = 1
HEIGHT: Final = 12
MOST: Final = 18
"""Bars that are shown: the newest."""


class Sparkline(QWidget):
    """Bars of the last stretches, the newest on the right; empty ones leave a dot of ground."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._values: tuple[int, ...] = ()
        self._tone = Tone.OK
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedSize(self.sizeHint())

    def show_values(self, values: Sequence[int], tone: Tone = Tone.OK) -> None:
        """Show the newest of *values*; the tallest bar is the greatest of them."""
        shown = tuple(values)[-MOST:]
        if (shown, tone) != (self._values, self._tone):
            self._values, self._tone = shown, tone
            self.setToolTip(f"{sum(shown)} lines in the last minutes" if shown else "")
            self.update()

    def values(self) -> tuple[int, ...]:
        """Return what is shown."""
        return self._values

    @override
    def sizeHint(self) -> QSize:
        return QSize(MOST * (BAR + GAP) - GAP, HEIGHT)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._values:
            return
        palette = theme().palette
        greatest = max(self._values) or 1
        painter = QPainter(self)
        left = float(self.width() - len(self._values) * (BAR + GAP) + GAP)
        for value in self._values:
            tall = max(1.0, round((HEIGHT - 1) * (value / greatest) ** 0.5)) if value else 1.0
            ink = palette.tone(self._tone).ink if value else palette.control_line
            painter.fillRect(QRectF(left, HEIGHT - tall, BAR, tall), ink)
            left += BAR + GAP
        painter.end()
