"""Events of the repository, the newest on top."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt
from typing_extensions import override

from gui.event_sentences import Told, tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.domain.event import Event

Index = QModelIndex | QPersistentModelIndex
KEPT: Final = 5000
_ROOT: Final = QModelIndex()


class Role(IntEnum):
    """What the page asks for beside Qt's own roles."""

    EVENT = Qt.ItemDataRole.UserRole + 1
    TOLD = Qt.ItemDataRole.UserRole + 2
    SEARCHED = Qt.ItemDataRole.UserRole + 3


class EventModel(QAbstractListModel):
    """At most the newest `KEPT` events."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[tuple[Event, Told]] = []

    @property
    def last_id(self) -> int:
        """Return the id of the newest event, 0 when there is none."""
        return self._rows[0][0].id if self._rows else 0

    def add(self, events: Sequence[Event]) -> None:
        """Put later events, oldest first, on top."""
        fresh = [(event, tell(event)) for event in events if event.id > self.last_id]
        if not fresh:
            return
        self.beginInsertRows(_ROOT, 0, len(fresh) - 1)
        self._rows[0:0] = reversed(fresh)
        self.endInsertRows()
        if len(self._rows) > KEPT:
            self.beginRemoveRows(_ROOT, KEPT, len(self._rows) - 1)
            del self._rows[KEPT:]
            self.endRemoveRows()

    @override
    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        event, told = self._rows[index.row()]
        match role:
            case Role.EVENT:
                return event
            case Role.TOLD:
                return told
            case Role.SEARCHED:
                return f"{told.sentence} {event.kind} {event.actor}"
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return told.sentence
            case Qt.ItemDataRole.AccessibleDescriptionRole:
                return f"{event.kind}, {event.at:%Y-%m-%d %H:%M:%S} UTC, by {event.actor}"
            case Qt.ItemDataRole.ToolTipRole:
                return f"{event.kind} · {event.at:%Y-%m-%d %H:%M:%S} UTC · by {event.actor}"
            case _:
                return None
