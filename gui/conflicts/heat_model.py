"""The matrix as a table model: a row per branch, a column per branch and one for the base."""

from enum import IntEnum

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from typing_extensions import override

from gui.conflicts.facts import BoardFacts, MatrixFacts, Meeting
from gui.conflicts.words import cell_name, pair_name
from gui.widgets.tips import plain_tip
from gui.wording import counted

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()
TIP_FILES = 8


class HeatRole(IntEnum):
    """What the headers ask the model for."""

    MARK = Qt.ItemDataRole.UserRole
    """Of a row header: `resolving`, `problem` or empty."""


class HeatModel(QAbstractTableModel):
    """Read-only; a new matrix of the same branches repaints, another set of branches resets."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._facts: MatrixFacts | None = None
        self._board = BoardFacts()

    def show_facts(self, facts: MatrixFacts | None, board: BoardFacts) -> None:
        """Show another matrix."""
        same = facts is not None and self._facts is not None and _axes(facts) == _axes(self._facts)
        if not same:
            self.beginResetModel()
        self._facts, self._board = facts, board
        if not same:
            self.endResetModel()
        elif facts is not None:
            last = self.index(self.rowCount() - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)
            self.headerDataChanged.emit(Qt.Orientation.Vertical, 0, self.rowCount() - 1)

    @property
    def facts(self) -> MatrixFacts | None:
        """Return what is shown."""
        return self._facts

    def meeting(self, index: Index) -> Meeting | None:
        """Return who meets at *index*, or None on the diagonal."""
        if self._facts is None or not index.isValid():
            return None
        return self._facts.meeting(index.row(), index.column())

    def is_base(self, index: Index) -> bool:
        """Whether *index* stands in the base's column."""
        return self._facts is not None and index.column() == len(self._facts.tasks)

    @override
    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if self._facts is None or parent.isValid() else len(self._facts.tasks)

    @override
    def columnCount(self, parent: Index = NO_INDEX) -> int:
        rows = self.rowCount(parent)
        return rows + 1 if rows else 0

    @override
    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if self._facts is None or not index.isValid():
            return None
        meeting = self._facts.meeting(index.row(), index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return str(meeting.count) if meeting is not None and meeting.conflict else ""
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(index, meeting)
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(self._tip(index, meeting))
        return None

    @override
    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        facts = self._facts
        if facts is None or not 0 <= section <= len(facts.tasks):
            return None
        is_base = section == len(facts.tasks)
        key = facts.base if is_base else facts.tasks[section]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                if orientation == Qt.Orientation.Vertical or is_base:
                    return key
                return facts.labels[section]
            case Qt.ItemDataRole.AccessibleTextRole:
                return key
            case Qt.ItemDataRole.ToolTipRole:
                return key if is_base else plain_tip(self._branch_tip(key))
            case HeatRole.MARK if not is_base:
                branch = facts.branch(key)
                return "problem" if branch.problem else "resolving" if branch.resolving else ""
        return None

    def _spoken(self, index: Index, meeting: Meeting | None) -> str:
        if self._facts is None:
            return ""
        a = self._facts.tasks[index.row()]
        if meeting is None:
            return cell_name(a, a, 0)
        b = self._facts.base if meeting.with_base else self._facts.tasks[index.column()]
        if meeting.problem:
            return f"{pair_name(a, b)}: not looked at"
        return cell_name(a, b, meeting.count)

    def _tip(self, index: Index, meeting: Meeting | None) -> str:
        if self._facts is None:
            return ""
        if meeting is None:
            return self._branch_tip(self._facts.tasks[index.row()])
        head = pair_name(meeting.a, meeting.b)
        if meeting.problem:
            return f"{head}: {meeting.problem}"
        if not meeting.conflict:
            first = ", ".join(meeting.first)
            return f"{head}: not compared in {first}" if first else f"{head}: clean"
        paths = [file.path for file in meeting.files[:TIP_FILES]]
        more = len(meeting.files) - len(paths)
        tail = [f"and {more} more"] if more > 0 else []
        return "\n".join([f"{head}: {counted(meeting.count, 'file')}", *paths, *tail])

    def _branch_tip(self, key: str) -> str:
        if self._facts is None:
            return key
        branch = self._facts.branch(key)
        lines = [f"{key}  {self._board.title(key)}".rstrip(), branch.branch]
        if branch.problem:
            lines.append(branch.problem)
        elif branch.resolving:
            lines.append("Resolving: only its commits were looked at.")
        elif branch.dirty:
            lines.append("With uncommitted work.")
        return "\n".join(lines)


def _axes(facts: MatrixFacts) -> tuple[tuple[str, ...], str]:
    return facts.tasks, facts.base
