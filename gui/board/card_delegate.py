"""Paints a card from its layout; keeps nothing, so a change of theme needs no word to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from gui.board.card_layout import EDGE, SCROLL_ROOM, CardLayout
from gui.board.cards import Card, meta_line
from gui.board.column_model import Role
from gui.durations import utc_now
from gui.theme import icons
from gui.theme.fonts import LINE_HEIGHTS, TextStyle, font, metrics
from gui.theme.theme import theme
from gui.theme.tokens import Radius
from gui.widgets.avatar import paint_avatar
from gui.widgets.focus_ring import paint_focus_ring
from gui.widgets.pill import paint_pill

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from PySide6.QtWidgets import QListView

DIMMED: Final = 0.4
_MIDDLE_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class CardDelegate(QStyledItemDelegate):
    """Draws the cards of one column.

    Attributes:
        is_dimmed: True while the column would refuse what is dragged.
        shows_ring: True when the keyboard brought the focus here.
        lifted: Key of the card that is being dragged, or empty.
    """

    def __init__(self, view: QListView, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(view)
        self._view = view
        self._clock = clock
        self.is_dimmed = False
        self.shows_ring = False
        self.lifted = ""

    @override
    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        width = self._view.width() - SCROLL_ROOM
        return QSize(width, CardLayout.height_of(index.data(Role.CARD), width))

    @override
    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        card: Card = index.data(Role.CARD)
        state: QStyle.StateFlag = option.state
        row = QRect(option.rect)
        row.setWidth(self._view.width() - SCROLL_ROOM)
        painter.save()
        if self.is_dimmed or card.key == self.lifted:
            painter.setOpacity(DIMMED)
        paint_card(
            painter,
            CardLayout.fit(row, card),
            card,
            self._clock(),
            is_selected=bool(state & QStyle.StateFlag.State_Selected),
            is_hovered=bool(state & QStyle.StateFlag.State_MouseOver),
        )
        if state & QStyle.StateFlag.State_HasFocus and self.shows_ring:
            paint_focus_ring(painter, QRectF(CardLayout.fit(row, card).card), Radius.CARD)
        painter.restore()


def paint_card(
    painter: QPainter,
    layout: CardLayout,
    card: Card,
    now: datetime,
    *,
    is_selected: bool = False,
    is_hovered: bool = False,
) -> None:
    """Paint *card* into *layout*; the drag's picture uses it too."""
    palette = theme().palette
    _paint_ground(painter, layout.card, card, is_selected=is_selected, is_hovered=is_hovered)
    painter.setFont(font(TextStyle.MONO))
    painter.setPen(palette.faint)
    key = metrics(TextStyle.MONO).elidedText(
        card.key, Qt.TextElideMode.ElideMiddle, layout.key.width() + 1
    )
    painter.drawText(layout.key.adjusted(0, 0, 4, 0), _MIDDLE_LEFT, key)
    for badge, place in layout.badges:
        paint_pill(
            painter, place.topLeft(), badge.text, badge.tone, badge.glyph, max_width=place.width()
        )
    if card.task.worker:
        paint_avatar(painter, layout.avatar, card.task.worker, is_agent=card.owner_is_agent)
    painter.setPen(palette.text)
    _paint_lines(painter, layout.title, layout.title_lines, TextStyle.TEXT)
    painter.setPen(palette.muted)  # an empty meta line paints nothing
    meta = metrics(TextStyle.META).elidedText(
        meta_line(card, now), Qt.TextElideMode.ElideRight, layout.meta.width()
    )
    _paint_lines(painter, layout.meta, (meta,), TextStyle.META)
    if layout.reason_lines:
        ink = palette.warn if card.mark == "warning" else palette.muted
        painter.drawPixmap(layout.mark.topLeft(), icons.pixmap(card.mark, ink, 14))
        _paint_lines(painter, layout.reason, layout.reason_lines, TextStyle.META)


def _paint_ground(
    painter: QPainter, card_rect: QRect, card: Card, *, is_selected: bool, is_hovered: bool
) -> None:
    palette = theme().palette
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    outline = QPainterPath()
    frame = QRectF(card_rect).adjusted(0.5, 0.5, -0.5, -0.5)
    outline.addRoundedRect(frame, Radius.CARD, Radius.CARD)
    painter.fillPath(outline, palette.hover if is_hovered and not is_selected else palette.raised)
    border = palette.accent if is_selected else palette.line
    painter.setPen(QPen(border, 1.5 if is_selected else 1.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(outline)
    painter.save()
    painter.setClipPath(outline)
    edge = QRect(card_rect.x(), card_rect.y(), EDGE, card_rect.height())
    painter.fillRect(edge, palette.priority(card.task.priority.value))
    painter.restore()


def _paint_lines(painter: QPainter, rect: QRect, lines: tuple[str, ...], style: TextStyle) -> None:
    painter.setFont(font(style))
    height = LINE_HEIGHTS[style]
    for number, text in enumerate(lines):
        line = QRect(rect.x(), rect.y() + number * height, rect.width() + 2, height)
        painter.drawText(line, _MIDDLE_LEFT, text)
