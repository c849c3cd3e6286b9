"""The list of branches that every page of the wizard shows in its own way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QListView, QSizePolicy
from typing_extensions import override

from gui.merging.row_delegate import Columns, RowDelegate
from gui.merging.step_rows import StepModel
from gui.theme.tokens import Height
from gui.widgets.focus_ring import shows_ring
from gui.widgets.panel import TITLE_ROW, Panel

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent

FEWEST_ROWS = 3
FRAME = 4
"""The border of a panel and the margin within it, above and below."""


class StepPanel(Panel):
    """A list with its title, no higher than its rows."""

    def __init__(self, title: str, rows: StepList) -> None:
        super().__init__(title, " ", ruled=True)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.addWidget(rows)
        self._rows = rows
        rows.height_changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        self.setMaximumHeight(TITLE_ROW + 1 + self._rows.maximumHeight() + FRAME)


class StepList(QListView):
    """As high as its rows, if there is room; ticked by Space, moved by Ctrl+Up/Down.

    Signals:
        opened: (task) a double click: the task is to be shown.
        height_changed: the rows need another height.
    """

    opened = Signal(str)
    height_changed = Signal()

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
        self._current_task = ""
        self.rows.modelAboutToBeReset.connect(self._keep_current)
        self.rows.modelReset.connect(self._on_reset)
        self.rows.dataChanged.connect(self._measure)
        self.doubleClicked.connect(self._on_double_click)
        self._measure()

    def take_focus(self, *, by_keys: bool) -> None:
        """Put the keyboard here; its place shows when *by_keys* brought it."""
        if not self.currentIndex().isValid() and self.rows.rowCount():
            self.setCurrentIndex(self.rows.index(0))
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._delegate.rings = by_keys
        self.viewport().update()

    def move_current(self, step: int) -> None:
        """Move the current row up (-1) or down (1)."""
        place = self.currentIndex().row()
        target = place + step
        if place < 0 or not 0 <= target < self.rows.rowCount():
            return
        none = QModelIndex()
        self.rows.moveRow(none, place, none, target + 1 if step > 0 else target)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        self._delegate.rings = shows_ring(event.reason())
        super().focusInEvent(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._delegate.rings = True
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

    def _keep_current(self) -> None:
        place = self.currentIndex().row()
        self._current_task = self.rows.rows[place].task if place >= 0 else ""

    def _on_reset(self) -> None:
        self._measure()
        place = self.rows.place_of(self._current_task)
        if place >= 0:
            self.setCurrentIndex(self.rows.index(place))

    def _measure(self) -> None:
        rows = self.rows.rows
        self._delegate.columns = Columns.measure(rows)
        if self.maximumHeight() != self._wanted_height():
            self.setMaximumHeight(self._wanted_height())
            self.updateGeometry()
            self.height_changed.emit()
        self.viewport().update()

    def _on_double_click(self, index: QModelIndex) -> None:
        self.opened.emit(self.rows.rows[index.row()].task)
