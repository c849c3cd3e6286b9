"""Rows of the wizard's lists as a model: a branch with its place, state, size and reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from typing_extensions import override

from gui.widgets.tips import plain_tip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QObject

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()


@dataclass(frozen=True, slots=True)
class StepRow:
    """One branch in a list of the wizard.

    `state` names the pill's look and `word` replaces its word; `checked` None has no box; a row
    that is not `enabled` is there to say why it cannot be taken.
    """

    task: str
    title: str = ""
    number: str = ""
    state: str = ""
    word: str = ""
    size: str = ""
    note: str = ""
    why: str = ""
    checked: bool | None = None
    enabled: bool = True
    movable: bool = False

    def spoken(self) -> str:
        """Return what assistive tools read."""
        name = " ".join(part for part in (self.number, self.task, self.title) if part)
        state = self.word or self.state
        facts = ", ".join(part for part in (state, self.size, self.note, self.why) if part)
        return f"{name}: {facts}" if facts else name


class RowRole(IntEnum):
    """What the delegate asks the model for."""

    ROW = Qt.ItemDataRole.UserRole


class StepModel(QAbstractListModel):
    """The rows in order. A person may tick them or move them; what follows is the page's.

    Signals:
        ticked: a box was ticked or unticked.
        reordered: rows were moved by the person.
    """

    ticked = Signal()
    reordered = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[StepRow] = []
        self.last_moved = ""
        """Task of the row that was moved last."""

    @property
    def rows(self) -> tuple[StepRow, ...]:
        """Return the rows in their order."""
        return tuple(self._rows)

    def show_rows(self, rows: Sequence[StepRow]) -> None:
        """Show *rows*; with the same tasks in the same order only what changed is repainted."""
        if [row.task for row in rows] != [row.task for row in self._rows]:
            self.beginResetModel()
            self._rows = list(rows)
            self.endResetModel()
            return
        for place, row in enumerate(rows):
            if row != self._rows[place]:
                self._rows[place] = row
                self.dataChanged.emit(self.index(place), self.index(place))

    def place_of(self, task: str) -> int:
        """Return the row number of a task, or -1."""
        return next((place for place, row in enumerate(self._rows) if row.task == task), -1)

    def tick_all(self, *, checked: bool) -> None:
        """Tick or untick every row that can be."""
        changed = False
        for place, row in enumerate(self._rows):
            if row.enabled and row.checked not in {None, checked}:
                self._rows[place] = replace(row, checked=checked)
                changed = True
        if changed:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))
            self.ticked.emit()

    def ticked_tasks(self) -> tuple[str, ...]:
        """Return the tasks whose box is ticked, in order."""
        return tuple(row.task for row in self._rows if row.checked)

    @override
    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._rows)

    @override
    def flags(self, index: Index) -> Qt.ItemFlag:
        none = Qt.ItemFlag.NoItemFlags
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        row = self._rows[index.row()]
        found = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        if row.checked is not None:
            found |= Qt.ItemFlag.ItemIsUserCheckable if row.enabled else none
        return found | (Qt.ItemFlag.ItemIsDragEnabled if row.movable else none)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        match role:
            case RowRole.ROW:
                return row
            case Qt.ItemDataRole.DisplayRole:
                return row.title or row.task
            case Qt.ItemDataRole.AccessibleTextRole:
                return row.spoken()
            case Qt.ItemDataRole.ToolTipRole:
                told = (f"{row.task}  {row.title}", row.why)
                return plain_tip("\n".join(part for part in told if part))
            case Qt.ItemDataRole.CheckStateRole if row.checked is not None:
                return Qt.CheckState.Checked if row.checked else Qt.CheckState.Unchecked
        return None

    @override
    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        row = self._rows[index.row()]
        if row.checked is None or not row.enabled:
            return False
        self._rows[index.row()] = replace(
            row, checked=Qt.CheckState(value) == Qt.CheckState.Checked
        )
        self.dataChanged.emit(index, index)
        self.ticked.emit()
        return True

    @override
    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    @override
    def moveRows(
        self,
        sourceParent: Index,
        sourceRow: int,
        count: int,
        destinationParent: Index,
        destinationChild: int,
    ) -> bool:
        """Move rows; the rows that cannot be moved keep their places at the end."""
        last = sum(row.movable for row in self._rows)
        if sourceRow + count > last or destinationChild > last:
            return False
        none = QModelIndex()
        if not self.beginMoveRows(none, sourceRow, sourceRow + count - 1, none, destinationChild):
            return False
        moved = self._rows[sourceRow : sourceRow + count]
        self.last_moved = moved[0].task
        del self._rows[sourceRow : sourceRow + count]
        place = destinationChild - (count if destinationChild > sourceRow else 0)
        self._rows[place:place] = moved
        self._number()
        self.endMoveRows()
        self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))
        self.reordered.emit()
        return True

    def _number(self) -> None:
        for place, row in enumerate(self._rows):
            self._rows[place] = replace(row, number=str(place + 1) if row.number else "")
