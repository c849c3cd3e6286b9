"""The cards of one column as a list model that changes only where the board did."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QPersistentModelIndex, Qt
from typing_extensions import override

from gui.board.cards import Card, description, tool_tip
from gui.durations import utc_now
from gui.task_drag import MIME_TASK, task_mime
from gui.widgets.tips import plain_tip

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from core.domain.task import TaskStatus

Index = QModelIndex | QPersistentModelIndex
MANY_MOVES: Final = 40
"""From so many single moves on the new order is taken over at once."""
_ROOT: Final = QModelIndex()


class Role(IntEnum):
    """What views of cards ask for beside Qt's own roles."""

    CARD = Qt.ItemDataRole.UserRole + 1
    KEY = Qt.ItemDataRole.UserRole + 2


class ColumnModel(QAbstractListModel):
    """Cards of one status in the engine's order.

    The model never changes itself on a drop: the view asks the engine, and what the engine's
    board then says arrives by `show_cards`. So no move can be seen that was refused.
    """

    def __init__(self, status: TaskStatus, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__()
        self.status = status
        self._cards: list[Card] = []
        self._clock = clock

    def cards(self) -> tuple[Card, ...]:
        """Return the cards from top to bottom."""
        return tuple(self._cards)

    def row_of(self, key: str) -> int:
        """Return the row of a card, -1 when it is in another column."""
        for row, card in enumerate(self._cards):
            if card.key == key:
                return row
        return -1

    def show_cards(self, cards: Sequence[Card]) -> None:
        """Become *cards* by removing, inserting, moving and changing single rows."""
        self._remove_missing({card.key for card in cards})
        self._insert_new(cards)
        self._order([card.key for card in cards])
        self._update(cards)

    def tick(self) -> None:
        """Say that what depends on the time has changed."""
        if self._cards:
            self.dataChanged.emit(self.index(0), self.index(len(self._cards) - 1))

    @override
    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._cards)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        card = self._cards[index.row()]
        match role:
            case Role.CARD:
                return card
            case Role.KEY:
                return card.key
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return f"{card.key} {card.task.title}"
            case Qt.ItemDataRole.AccessibleDescriptionRole:
                return description(card, self._clock())
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(tool_tip(card))
            case _:
                return None

    @override
    def flags(self, index: Index) -> Qt.ItemFlag:
        usual = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        return usual | Qt.ItemFlag.ItemIsDragEnabled | Qt.ItemFlag.ItemNeverHasChildren

    @override
    def mimeTypes(self) -> list[str]:
        return [MIME_TASK]

    @override
    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        return task_mime(self._cards[indexes[0].row()].key)

    @override
    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def _remove_missing(self, kept: set[str]) -> None:
        row = len(self._cards) - 1
        while row >= 0:
            if self._cards[row].key in kept:
                row -= 1
                continue
            last = row
            while row > 0 and self._cards[row - 1].key not in kept:
                row -= 1
            self.beginRemoveRows(_ROOT, row, last)
            del self._cards[row : last + 1]
            self.endRemoveRows()
            row -= 1

    def _insert_new(self, cards: Sequence[Card]) -> None:
        present = {card.key for card in self._cards}
        row = 0
        while row < len(cards):
            if cards[row].key in present:
                row += 1
                continue
            end = row
            while end < len(cards) and cards[end].key not in present:
                end += 1
            place = min(row, len(self._cards))
            self.beginInsertRows(_ROOT, place, place + end - row - 1)
            self._cards[place:place] = cards[row:end]
            self.endInsertRows()
            row = end

    def _order(self, keys: list[str]) -> None:
        moved = 0
        for row, key in enumerate(keys):
            if self._cards[row].key == key:
                continue
            moved += 1
            if moved > MANY_MOVES:
                self._order_at_once(keys)
                return
            source = next(i for i in range(row + 1, len(keys)) if self._cards[i].key == key)
            if source == row + 1 and row + 1 < len(keys):
                # One card that went down looks like many that went up: move that one.
                target = keys.index(self._cards[row].key)
                self.beginMoveRows(_ROOT, row, row, _ROOT, target + 1)
                self._cards.insert(target, self._cards.pop(row))
            else:
                self.beginMoveRows(_ROOT, source, source, _ROOT, row)
                self._cards.insert(row, self._cards.pop(source))
            self.endMoveRows()
            if self._cards[row].key != key:
                self._order_at_once(keys)
                return

    def _order_at_once(self, keys: list[str]) -> None:
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        held = [self._cards[index.row()].key for index in old]
        by_key = {card.key: card for card in self._cards}
        self._cards = [by_key[key] for key in keys]
        rows = {key: row for row, key in enumerate(keys)}
        self.changePersistentIndexList(old, [self.index(rows[key]) for key in held])
        self.layoutChanged.emit()

    def _update(self, cards: Sequence[Card]) -> None:
        changed = [row for row, card in enumerate(cards) if self._cards[row] != card]
        for row in changed:
            self._cards[row] = cards[row]
        for first, last in _ranges(changed):
            self.dataChanged.emit(self.index(first), self.index(last))


def _ranges(rows: Sequence[int]) -> list[tuple[int, int]]:
    ranges: list[tuple[int, int]] = []
    for row in rows:
        if ranges and ranges[-1][1] == row - 1:
            ranges[-1] = (ranges[-1][0], row)
        else:
            ranges.append((row, row))
    return ranges
