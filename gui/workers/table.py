"""Workers as rows of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from gui.durations import ago, utc_now
from gui.theme.theme import theme
from gui.theme.tokens import state_look
from gui.widgets.avatar import AVATAR_EDGE, paint_avatar
from gui.widgets.pill import PILL_HEIGHT, paint_pill
from gui.widgets.table import Index, RowsModel
from gui.widgets.tips import plain_tip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPainter

    from gui.workers.worker_facts import WorkerFacts

COLUMNS: Final = ("Worker", "State", "Task", "Now", "Time", "Agent", "Skills", "Last sign")
WORKER, STATE, TASK, NOW, TIME, AGENT, SKILLS, LAST_SIGN = range(len(COLUMNS))
FACTS_ROLE: Final = Qt.ItemDataRole.UserRole + 1


class WorkersModel(RowsModel["WorkerFacts"]):
    """One row per worker."""

    def __init__(self) -> None:
        super().__init__(COLUMNS)

    @override
    def show_rows(self, rows: Sequence[WorkerFacts]) -> None:
        """Show *rows*; the same workers in the same order keep selection and place."""
        if [row.worker.name for row in rows] != [row.worker.name for row in self._rows]:
            super().show_rows(rows)
            return
        self._rows = tuple(rows)
        self.tick()

    def tick(self) -> None:
        """Say that what depends on the time has changed."""
        if self._rows:
            last = self.index(len(self._rows) - 1, len(COLUMNS) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        facts = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return _texts(facts)[index.column()]
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(_texts(facts)[index.column()]) or None
            case _ if role == FACTS_ROLE:
                return facts
            case _:
                return None


class WorkerCellDelegate(QStyledItemDelegate):
    """Paints avatar and name, and the state as a pill."""

    @override
    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        facts: WorkerFacts = index.data(FACTS_ROLE)
        plain = QStyleOptionViewItem(option)
        self.initStyleOption(plain, index)
        plain.text = ""
        style = option.widget.style()
        style.drawControl(style.ControlElement.CE_ItemViewItem, plain, painter, option.widget)
        rect: QRect = option.rect
        painter.save()
        if index.column() == STATE:
            look = state_look(facts.state)
            place = rect.topLeft()
            place += type(place)(10, (rect.height() - PILL_HEIGHT) // 2)
            paint_pill(
                painter, place, look.word, look.tone, look.glyph, max_width=rect.width() - 12
            )
        else:
            square = QRect(rect.x() + 12, rect.center().y() - 10, AVATAR_EDGE, AVATAR_EDGE)
            name = facts.worker.name
            paint_avatar(painter, square, name, is_agent=facts.is_agent)
            painter.setPen(theme().palette.text)
            room = rect.adjusted(12 + AVATAR_EDGE + 8, 0, -4, 0)
            shown = option.fontMetrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()


def _texts(facts: WorkerFacts) -> tuple[str, ...]:
    worker = facts.worker
    now = utc_now()
    return (
        worker.name,
        state_look(facts.state).word,
        worker.task or "",
        facts.line(),
        facts.time(now) if facts.began or facts.run else "",
        worker.agent or "person",
        ", ".join(worker.skills),
        ago(worker.last_heartbeat, now) if worker.last_heartbeat else "",
    )
