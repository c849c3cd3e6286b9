"""The picture of a card on its way: slightly tilted, with a shadow, like a card in a hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPixmap, QTransform

from gui.board.card_delegate import paint_card
from gui.board.card_layout import CardLayout
from gui.durations import utc_now
from gui.theme.theme import theme
from gui.theme.tokens import Radius

if TYPE_CHECKING:
    from gui.board.cards import Card

TILT_DEGREES: Final = 2.0
SHADOW: Final = 10
HELD_AT: Final = QPoint(0, 0)
"""Its outer corner: the card hangs below the pointer and hides nothing of what that is over."""


def drag_picture(card: Card, size: QSize) -> tuple[QPixmap, QPoint]:
    """Return the picture of *card* in the size of its row, and where the pointer holds it."""
    app = QGuiApplication.instance()
    ratio = app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0
    room = QSize(size.width() + 2 * SHADOW, size.height() + 2 * SHADOW)
    flat = QPixmap(room * ratio)
    flat.setDevicePixelRatio(ratio)
    flat.fill(Qt.GlobalColor.transparent)
    painter = QPainter(flat)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    layout = CardLayout.fit(QRect(QPoint(SHADOW, SHADOW), size), card)
    _paint_shadow(painter, layout.card)
    paint_card(painter, layout, card, utc_now(), is_selected=True)
    painter.end()
    turn = QTransform().rotate(TILT_DEGREES)
    tilted = flat.transformed(turn, Qt.TransformationMode.SmoothTransformation)
    return tilted, HELD_AT


def _paint_shadow(painter: QPainter, card: QRect) -> None:
    shadow = QColor(theme().palette.shadow)
    painter.setPen(Qt.PenStyle.NoPen)
    strength = shadow.alphaF() / SHADOW
    for spread in range(SHADOW, 0, -2):
        shadow.setAlphaF(strength * (1 + (SHADOW - spread) / 6))
        painter.setBrush(shadow)
        rect = QRectF(card).adjusted(-spread, -spread + 3, spread, spread)
        painter.drawRoundedRect(rect, Radius.CARD + spread / 2, Radius.CARD + spread / 2)
