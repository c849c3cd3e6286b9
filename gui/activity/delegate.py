"""One event in one line: icon, sentence, kind, age."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from gui.activity.model import Role
from gui.durations import ago, utc_now
from gui.theme import icons
from gui.theme.fonts import TextStyle, font, metrics
from gui.theme.theme import theme
from gui.theme.tokens import Space, Tone

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from core.domain.event import Event
    from gui.event_sentences import Told

ROW: Final = 34
KIND_WIDTH: Final = 130
AGE_WIDTH: Final = 110
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


class EventDelegate(QStyledItemDelegate):
    """Paints a row of the activity page."""

    @override
    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(200, ROW)

    @override
    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        palette = theme().palette
        event: Event = index.data(Role.EVENT)
        told: Told = index.data(Role.TOLD)
        row: QRect = option.rect
        painter.save()
        if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            selected = bool(option.state & QStyle.StateFlag.State_Selected)
            painter.setRenderHint(painter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.accent_ground if selected else palette.hover)
            painter.drawRoundedRect(QRectF(row).adjusted(4, 1, -4, -1), 6, 6)
        left = row.x() + Space.L
        ink = palette.muted if told.tone is Tone.NEUTRAL else palette.tone(told.tone).ink
        painter.drawPixmap(left, row.y() + (ROW - 16) // 2, icons.pixmap(told.icon, ink))
        self._paint_words(painter, row, event, told)
        painter.restore()

    def _paint_words(self, painter: QPainter, row: QRect, event: Event, told: Told) -> None:
        palette = theme().palette
        words = row.adjusted(Space.L + 16 + Space.M, 0, -(Space.L + KIND_WIDTH + AGE_WIDTH), 0)
        painter.setPen(palette.text)
        painter.setFont(font(TextStyle.TEXT))
        elide = Qt.TextElideMode.ElideRight
        shown = metrics(TextStyle.TEXT).elidedText(told.sentence, elide, words.width())
        painter.drawText(words, _LEFT, shown)
        painter.setPen(palette.muted)
        painter.setFont(font(TextStyle.META))
        kind = QRect(words.right() + Space.M, row.y(), KIND_WIDTH, row.height())
        painter.drawText(kind, _LEFT, event.kind)
        painter.drawText(row.adjusted(0, 0, -Space.L, 0), _RIGHT, ago(event.at, utc_now()))
