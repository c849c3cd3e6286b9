"""Paints the rows of the wizard's lists in columns that stand level from row to row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from gui.merging.step_rows import RowRole, StepRow
from gui.theme import icons
from gui.theme.fonts import TextStyle, font, metrics
from gui.theme.theme import theme
from gui.theme.tokens import Glyph, Height, Radius, Space, state_look
from gui.widgets.focus_ring import paint_focus_ring
from gui.widgets.glyph import paint_glyph
from gui.widgets.pill import PILL_HEIGHT, paint_pill, pill_size

if TYPE_CHECKING:
    from collections.abc import Sequence

Index = QModelIndex | QPersistentModelIndex
BOX: Final = 16
KEY_MOST: Final = 160
TITLE_LEAST: Final = 120
MIDDLE: Final = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


@dataclass(frozen=True, slots=True)
class Columns:
    """How wide the columns of one list are; 0 leaves a column out. Measured once per list."""

    mark: int
    number: int
    key: int
    title: int
    pill: int
    size: int
    note: int

    @classmethod
    def measure(cls, rows: Sequence[StepRow]) -> Columns:
        """Return the widths at which nothing but titles and reasons has to be cut short."""
        return cls(
            mark=BOX + Space.M if any(r.checked is not None or r.movable for r in rows) else 0,
            number=_widest(TextStyle.TEXT, [r.number for r in rows], Space.L),
            key=min(KEY_MOST, _widest(TextStyle.MONO, [r.task for r in rows], Space.L)),
            title=_widest(TextStyle.TEXT, [r.title for r in rows], Space.XL),
            pill=max((_pill_width(r) for r in rows), default=0),
            size=_widest(TextStyle.TEXT, [r.size for r in rows], Space.XL),
            note=_widest(TextStyle.TEXT, [r.note for r in rows], Space.XL),
        )


@dataclass(frozen=True, slots=True)
class RowLayout:
    """Where the columns of a row go."""

    mark: QRect
    number: QRect
    key: QRect
    title: QRect
    pill: QRect
    size: QRect
    note: QRect
    why: QRect

    @classmethod
    def fit(cls, rect: QRect, columns: Columns) -> RowLayout:
        """Lay the columns into *rect*: titles and reasons share what the others leave."""
        inner = rect.adjusted(Space.L, 0, -Space.L, 0)
        fixed = (
            columns.mark,
            columns.number,
            columns.key,
            columns.pill,
            columns.size,
            columns.note,
        )
        rest = max(2 * TITLE_LEAST, inner.width() - sum(fixed))
        title = min(rest * 45 // 100, max(TITLE_LEAST, columns.title))
        widths = (*fixed[:3], title, *fixed[3:], rest - title)
        places: list[QRect] = []
        left = inner.left()
        for width in widths:
            places.append(QRect(left, inner.top(), width, inner.height()))
            left += width
        return cls(*places)


class RowDelegate(QStyledItemDelegate):
    """The list tells it the widths of its columns; all else is read while painting."""

    columns = Columns(0, 0, 0, 0, 0, 0, 0)
    rings = False
    """Whether the keyboard is in use, so that the current row has its ring."""

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, Height.ROW)

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(RowRole.ROW)
        if not isinstance(row, StepRow):
            return
        palette = theme().palette
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_under = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if is_under and (row.movable or row.checked is not None):
            painter.fillRect(option.rect, palette.hover)
        if index.row() + 1 < index.model().rowCount():
            painter.setPen(QPen(palette.line_soft, 1))
            painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
        layout = RowLayout.fit(option.rect, self.columns)
        _paint_mark(painter, layout.mark, row)
        _paint_texts(painter, layout, row)
        _paint_state(painter, layout.pill, row)
        if self.rings and option.state & QStyle.StateFlag.State_HasFocus:
            ring = QRectF(option.rect).adjusted(2, 2, -2, -2)
            paint_focus_ring(painter, ring, Radius.CONTROL)
        painter.restore()


def _paint_texts(painter: QPainter, layout: RowLayout, row: StepRow) -> None:
    palette = theme().palette
    ink = palette.text if row.enabled else palette.muted
    _text(painter, layout.number, row.number, TextStyle.TEXT, palette.muted)
    _text(painter, layout.key, row.task, TextStyle.MONO, ink)
    _text(painter, layout.title, row.title, TextStyle.TEXT, ink)
    _text(painter, layout.size, row.size, TextStyle.TEXT, palette.muted)
    _text(painter, layout.note, row.note, TextStyle.TEXT, palette.muted)
    _text(painter, layout.why, row.why, TextStyle.TEXT, palette.muted)


def _text(painter: QPainter, rect: QRect, text: str, style: TextStyle, ink: QColor) -> None:
    if not text or rect.width() <= 0:
        return
    room = rect.adjusted(0, 0, -Space.S, 0)
    painter.setFont(font(style))
    painter.setPen(ink)
    shown = metrics(style).elidedText(text, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, MIDDLE, shown)


def _paint_state(painter: QPainter, rect: QRect, row: StepRow) -> None:
    if not row.state:
        return
    look = state_look(row.state)
    place = QPoint(rect.left(), rect.center().y() - PILL_HEIGHT // 2 + 1)
    paint_pill(painter, place, row.word or look.word, look.tone, look.glyph)


def _paint_mark(painter: QPainter, rect: QRect, row: StepRow) -> None:
    palette = theme().palette
    square = QRect(rect.left(), rect.center().y() - BOX // 2 + 1, BOX, BOX)
    if row.movable:
        painter.drawPixmap(square.topLeft(), icons.pixmap("drag-handle", palette.faint, BOX))
        return
    if row.checked is None:
        return
    frame = QRectF(square).adjusted(0.5, 0.5, -0.5, -0.5)
    if row.checked:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.accent)
        painter.drawRoundedRect(frame, 4, 4)
        paint_glyph(painter, frame.adjusted(3.5, 3.5, -3.5, -3.5), Glyph.CHECK, palette.on_accent)
        return
    painter.setPen(QPen(palette.faint if row.enabled else palette.line, 1))
    painter.setBrush(palette.panel if row.enabled else palette.line_soft)
    painter.drawRoundedRect(frame, 4, 4)


def _widest(style: TextStyle, texts: Sequence[str], gap: int) -> int:
    widest = max((metrics(style).horizontalAdvance(text) for text in texts), default=0)
    return widest + gap if widest else 0


def _pill_width(row: StepRow) -> int:
    if not row.state:
        return 0
    look = state_look(row.state)
    return pill_size(row.word or look.word, look.glyph).width() + Space.XL
