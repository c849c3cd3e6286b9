"""Paints the cells of the heat map: warmth, number, and the ring around the chosen one."""

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from gui.conflicts.facts import Meeting
from gui.conflicts.heat_model import HeatModel
from gui.theme.fonts import TextStyle, font
from gui.theme.theme import theme
from gui.theme.tokens import Palette, Space

GAP = 3
"""Between two cells."""
CORNER = 5
BASE_GAP = Space.M
"""Between the branches and the base's column."""
RING = 2.0


@dataclass(frozen=True, slots=True)
class CellLayout:
    """Where the parts of a cell go: its ground, and the ring around it."""

    ground: QRectF
    ring: QRectF

    @classmethod
    def fit(cls, rect: QRect, *, is_base: bool) -> "CellLayout":
        """Lay a cell into *rect*; the base's cells leave a gap before them."""
        left = BASE_GAP if is_base else 0
        ring = QRectF(rect).adjusted(left + 1, 1, -1, -1)
        inset = GAP / 2 - 1
        return cls(ring.adjusted(inset, inset, -inset, -inset), ring)


class HeatDelegate(QStyledItemDelegate):
    """Everything is read from the option, the model and the palette; nothing is kept."""

    def __init__(self, model: HeatModel, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model  # asked without Qt between: a repaint of 50 branches asks a lot

    @override
    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        palette = theme().palette
        meeting = self._model.meeting(index)
        layout = CellLayout.fit(option.rect, is_base=self._model.is_base(index))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(option.rect, palette.panel)  # over the style's mark of the chosen cell
        if meeting is not None:
            is_under = bool(option.state & QStyle.StateFlag.State_MouseOver)
            _paint_cell(painter, palette, layout, meeting, is_under=is_under)
        else:
            painter.setPen(palette.faint)
            painter.drawText(layout.ground, Qt.AlignmentFlag.AlignCenter, "·")
        if option.state & QStyle.StateFlag.State_Selected:
            _paint_ring(painter, palette, layout)
        painter.restore()


def _paint_cell(
    painter: QPainter, palette: Palette, layout: CellLayout, meeting: Meeting, *, is_under: bool
) -> None:
    painter.setPen(QPen(palette.faint, 1) if is_under else Qt.PenStyle.NoPen)
    painter.setBrush(palette.heat_of(meeting.count))
    painter.drawRoundedRect(layout.ground, CORNER, CORNER)
    if meeting.problem:
        painter.setBrush(QBrush(palette.control_line, Qt.BrushStyle.BDiagPattern))
        painter.drawRoundedRect(layout.ground, CORNER, CORNER)
    if meeting.conflict:
        painter.setFont(font(TextStyle.STRONG))
        painter.setPen(palette.text_on_heat(meeting.count))
        painter.drawText(layout.ground, Qt.AlignmentFlag.AlignCenter, str(meeting.count))


def _paint_ring(painter: QPainter, palette: Palette, layout: CellLayout) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(palette.raised, 2 * RING + 1))
    painter.drawRoundedRect(layout.ring, CORNER + 1, CORNER + 1)
    painter.setPen(QPen(palette.accent, RING))
    painter.drawRoundedRect(layout.ring, CORNER + 1, CORNER + 1)
