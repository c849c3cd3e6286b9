"""The list whose rows a person may move: what is dragged, and where it would go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QDrag, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QStyleOptionViewItem
from typing_extensions import override

from gui.merging.step_list import StepList
from gui.theme.theme import theme
from gui.theme.tokens import Radius, Space

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex
    from PySide6.QtGui import QDragLeaveEvent, QDragMoveEvent, QDropEvent, QPaintEvent

NOWHERE = -1
LINE = 2.0


class OrderList(StepList):
    """A `StepList` that is put in order by dragging, or by Ctrl+Up and Ctrl+Down."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._drop_at = NOWHERE
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDragDropOverwriteMode(False)
        self.setDropIndicatorShown(True)

    @override
    def startDrag(self, supportedActions: Qt.DropAction) -> None:
        index = self.currentIndex()
        if not index.isValid():
            return
        drag = QDrag(self)
        drag.setMimeData(self.rows.mimeData([index]))
        drag.setPixmap(self.row_picture(index))
        cursor = self.viewport().mapFromGlobal(self.cursor().pos())
        drag.setHotSpot(cursor - self.visualRect(index).topLeft())
        drag.exec(Qt.DropAction.MoveAction)  # the model has moved the row by then, or nothing
        self._show_drop(NOWHERE)

    def row_picture(self, index: QModelIndex) -> QPixmap:
        """Return the row as it hangs on the cursor."""
        rect = self.visualRect(index)
        ratio = self.devicePixelRatioF()
        picture = QPixmap(rect.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        option = QStyleOptionViewItem()
        option.rect = rect.translated(-rect.topLeft())
        palette = theme().palette
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(palette.accent, 1))
        painter.setBrush(palette.raised)
        frame = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(frame, Radius.CONTROL, Radius.CONTROL)
        self.itemDelegate().paint(painter, option, index)
        painter.end()
        return picture

    @override
    def dragMoveEvent(self, e: QDragMoveEvent) -> None:
        super().dragMoveEvent(e)
        self._show_drop(self._line_for(e.position().toPoint()))

    @override
    def dragLeaveEvent(self, e: QDragLeaveEvent) -> None:
        super().dragLeaveEvent(e)
        self._show_drop(NOWHERE)

    @override
    def dropEvent(self, e: QDropEvent) -> None:
        super().dropEvent(e)
        self._show_drop(NOWHERE)

    @override
    def paintEvent(self, e: QPaintEvent) -> None:
        self.setDropIndicatorShown(False)  # the style's own line has no colour of ours
        super().paintEvent(e)
        self.setDropIndicatorShown(True)
        if self._drop_at == NOWHERE:
            return
        painter = QPainter(self.viewport())
        painter.setPen(QPen(theme().palette.accent, LINE))
        painter.drawLine(Space.S, self._drop_at, self.viewport().width() - Space.S, self._drop_at)
        painter.end()

    def _line_for(self, position: QPoint) -> int:
        """Return where between two rows the drop would put it: behind a blocked one is nowhere."""
        index = self.indexAt(position)
        if not index.isValid() or not self.rows.rows[index.row()].movable:
            return NOWHERE
        rect = self.visualRect(index)
        return rect.top() if position.y() < rect.center().y() else rect.bottom()

    def _show_drop(self, place: int) -> None:
        if place != self._drop_at:
            self._drop_at = place
            self.viewport().update()
