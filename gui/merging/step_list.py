"""The list of branches that every page of the wizard shows in its own way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QListView, QSizePolicy
from typing_extensions import override

from gui.merging.row_delegate import Columns, RowDelegate
from gui.merging.step_rows import StepModel
from gui.theme.tokens import Height

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

FEWEST_ROWS = 3


class StepList(QListView):
    """As high as its rows, if there is room; ticked by Space, moved by dragging or Ctrl+Up/Down.

    Signals:
        opened: (task) a double click: the task is to be shown.
    """

    opened = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.rows = StepModel(self)
        self._delegate = RowDelegate(self)
        self.setModel(self.rows)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(name)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.rows.modelReset.connect(self._measure)
        self.rows.dataChanged.connect(self._measure)
        self.doubleClicked.connect(self._on_double_click)
        self._measure()

    def let_reorder(self) -> None:
        """Let the person move rows."""
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDragDropOverwriteMode(False)
        self.setDropIndicatorShown(True)

    def show_focus_on_first(self) -> None:
        """Put the keyboard on the first row, if it is on none."""
        if not self.currentIndex().isValid() and self.rows.rowCount():
            self.setCurrentIndex(self.rows.index(0))

    def move_current(self, step: int) -> None:
        """Move the current row up (-1) or down (1)."""
        place = self.currentIndex().row()
        target = place + step
        if place < 0 or not 0 <= target < self.rows.rowCount():
            return
        none = QModelIndex()
        self.rows.moveRow(none, place, none, target + 1 if step > 0 else target)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is not None and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.move_current(step)
            return
        super().keyPressEvent(event)

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._measure()

    @override
    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._wanted_height())

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(0, min(self._wanted_height(), FEWEST_ROWS * Height.ROW))

    def _wanted_height(self) -> int:
        return max(1, self.rows.rowCount()) * Height.ROW

    def _measure(self) -> None:
        rows = self.rows.rows
        self._delegate.columns = Columns.measure(rows)
        self._delegate.has_why = any(row.why for row in rows)
        self.setMaximumHeight(self._wanted_height())
        self.updateGeometry()
        self.viewport().update()

    def _on_double_click(self, index: QModelIndex) -> None:
        self.opened.emit(self.rows.rows[index.row()].task)
