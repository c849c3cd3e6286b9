"""The state pill: a word, its glyph and its tone; a painter for delegates, and a widget."""

from functools import lru_cache

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from gui.theme.fonts import TextStyle, font, metrics
from gui.theme.theme import theme
from gui.theme.tokens import PALETTES, Glyph, Scheme, Tone, state_look
from gui.widgets.glyph import paint_glyph

PILL_HEIGHT = 18
PADDING = 8
GLYPH_EDGE = 8
GLYPH_GAP = 5
GLYPH_ONLY = 22


def pill_size(text: str, glyph: Glyph = Glyph.NONE) -> QSize:
    """Return the size that `paint_pill` will fill; without a text it is the glyph's alone."""
    if not text:
        return QSize(GLYPH_ONLY, PILL_HEIGHT)
    width = metrics(TextStyle.META).horizontalAdvance(text) + 2 * PADDING
    if glyph is not Glyph.NONE:
        width += GLYPH_EDGE + GLYPH_GAP - 1
    return QSize(width, PILL_HEIGHT)


def paint_pill(
    painter: QPainter,
    position: QPoint,
    text: str,
    tone: Tone = Tone.NEUTRAL,
    glyph: Glyph = Glyph.NONE,
    max_width: int = 0,
) -> int:
    """Paint a pill with its top left corner at *position*; return its width.

    *max_width* elides the text to fit into so many pixels; 0 is without limit.
    """
    size = pill_size(text, glyph)
    if 0 < max_width < size.width():
        room = max_width - (size.width() - metrics(TextStyle.META).horizontalAdvance(text))
        text = metrics(TextStyle.META).elidedText(text, Qt.TextElideMode.ElideMiddle, room)
        size.setWidth(max_width)
    ratio = painter.device().devicePixelRatio()
    look = (text, Tone(tone), Glyph(glyph))
    painter.drawPixmap(position, _drawn(*look, size.width(), ratio, theme().scheme))
    return size.width()


@lru_cache(maxsize=512)
def _drawn(
    text: str, tone: Tone, glyph: Glyph, width: int, ratio: float, scheme: Scheme
) -> QPixmap:
    pixmap = QPixmap(round(width * ratio), round(PILL_HEIGHT * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    colors = PALETTES[scheme].tone(tone)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colors.ground)
    painter.drawRoundedRect(QRect(0, 0, width, PILL_HEIGHT), PILL_HEIGHT / 2, PILL_HEIGHT / 2)
    left = PADDING
    if glyph is not Glyph.NONE:
        top = (PILL_HEIGHT - GLYPH_EDGE) / 2
        paint_glyph(painter, QRectF(left - 1, top, GLYPH_EDGE, GLYPH_EDGE), glyph, colors.ink)
        left += GLYPH_EDGE + GLYPH_GAP - 1
    painter.setFont(font(TextStyle.META))
    painter.setPen(colors.ink)
    words = QRect(left, 0, width - left, PILL_HEIGHT)
    painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
    painter.end()
    return pixmap


class Pill(QWidget):
    """A pill as a widget; its accessible name is its word."""

    def __init__(
        self, text: str = "", tone: Tone = Tone.NEUTRAL, glyph: Glyph = Glyph.NONE
    ) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._text, self._tone, self._glyph = text, tone, glyph
        self._is_short = False
        self.show_text(text, tone, glyph)

    def show_text(self, text: str, tone: Tone, glyph: Glyph = Glyph.NONE) -> None:
        """Show another word, tone and glyph."""
        self._text, self._tone, self._glyph = text, tone, glyph
        self.setAccessibleName(text)
        self._settle()

    def set_short(self, short: bool) -> None:
        """Show the glyph alone where there is no room for the word; the tool tip has it then."""
        if short != self._is_short:
            self._is_short = short
            self.setToolTip("")
            self._settle()

    def show_state(self, state: str, word: str = "") -> None:
        """Show the state of a worker, a run or a step by its name in the engine."""
        look = state_look(state)
        self.show_text(word or look.word, look.tone, look.glyph)

    def text(self) -> str:
        """Return the word shown."""
        return self._text

    @override
    def sizeHint(self) -> QSize:
        return pill_size(self._shown(), self._glyph)

    def full_width(self) -> int:
        """Return the width that the word needs."""
        return pill_size(self._text, self._glyph).width()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        top = (self.height() - PILL_HEIGHT) // 2
        paint_pill(painter, QPoint(0, top), self._shown(), self._tone, self._glyph, self.width())
        painter.end()

    def _shown(self) -> str:
        return "" if self._is_short and self._glyph is not Glyph.NONE else self._text

    def _settle(self) -> None:
        if self._is_short:
            self.setToolTip(self._text)
        self.updateGeometry()
        self.update()
