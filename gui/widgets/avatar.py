"""Who: a square with a diamond is an agent, a circle with an initial is a person."""

from functools import cache

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from gui.theme.fonts import TextStyle, font
from gui.theme.theme import theme
from gui.theme.tokens import Glyph
from gui.widgets.glyph import paint_glyph

AVATAR_EDGE = 20
CORNER = 5


def initial_of(name: str) -> str:
    """Return the letter for *name*: of `human-ana` it is A, the person's, not the kind's."""
    own = name.removeprefix("human-") or name
    return own[:1].upper()


def paint_avatar(painter: QPainter, rect: QRect, name: str, *, is_agent: bool) -> None:
    """Paint the avatar of *name* into the square *rect*."""
    palette = theme().palette
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.line_soft)
    if is_agent:
        painter.drawRoundedRect(rect, CORNER, CORNER)
        edge = rect.width() * 0.46
        diamond = QRectF(0, 0, edge, edge)
        diamond.moveCenter(QRectF(rect).center())
        paint_glyph(painter, diamond, Glyph.DIAMOND, palette.muted)
    else:
        painter.drawEllipse(rect)
        painter.setFont(_initial_font())
        painter.setPen(palette.muted)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, initial_of(name))
    painter.restore()


class Avatar(QWidget):
    """An avatar as a widget; decoration beside a name, so it has no name of its own."""

    def __init__(self, name: str, *, is_agent: bool) -> None:
        super().__init__()
        self._name = name
        self._is_agent = is_agent
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_worker(self, name: str, *, is_agent: bool) -> None:
        """Show somebody else."""
        self._name, self._is_agent = name, is_agent
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(AVATAR_EDGE, AVATAR_EDGE)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        square = QRect(0, 0, AVATAR_EDGE, AVATAR_EDGE)
        square.moveCenter(self.rect().center())
        paint_avatar(painter, square, self._name, is_agent=self._is_agent)
        painter.end()


@cache
def _initial_font() -> QFont:
    made = QFont(font(TextStyle.META))
    made.setWeight(QFont.Weight.DemiBold)
    return made
