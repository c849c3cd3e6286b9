"""Who holds which files, until when; with release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from core.engine.locking import unlock
from gui.async_slots import async_slot
from gui.durations import span, utc_now
from gui.theme.stylesheet import set_look
from gui.theme.tokens import Space, Tone
from gui.widgets.button import make_button
from gui.widgets.empty_state import EmptyState
from gui.widgets.label import make_label
from gui.widgets.table import Index, RowsModel, dress_table
from gui.wording import counted

if TYPE_CHECKING:
    from core.domain.lock import Lock
    from core.domain.overview import BoardView
    from gui.engine_client import Client
    from gui.widgets.message_bar import MessageBar

HEAD: Final = ("File or glob", "Held by", "For", "Kind", "Until")
_ORIGINS: Final = {"declared": "declared", "asked": "asked for", "critical": "critical file"}


class LocksModel(RowsModel["Lock"]):
    """One row a lock."""

    def __init__(self) -> None:
        super().__init__(HEAD)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return _cells(self._rows[index.row()])[index.column()]
        return None


class LocksPanel(QWidget):
    """The locks of the repository."""

    def __init__(self, client: Client, message_bar: MessageBar) -> None:
        super().__init__()
        self.message_bar = message_bar
        self._client = client
        self.model = LocksModel()
        self.table = QTableView()
        dress_table(self.table, "Locks")
        self.table.setModel(self.model)
        self.table.selectionModel().currentRowChanged.connect(self._settle)
        heads = self.table.horizontalHeader()
        heads.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        heads.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        heads.setStretchLastSection(False)
        self.release = make_button("Release…", icon="lock", on_click=self._ask)
        self._count = make_label(role="muted")
        self._lay_out()
        self._settle()

    def show_board(self, view: BoardView) -> None:
        """Show the locks as they are now."""
        index = self.table.currentIndex()
        before = self.model.row_of(index.row()) if index.isValid() else None
        self.model.show_rows(view.locks)
        self._choose_again(before)
        self._count.setText(counted(len(view.locks), "lock"))
        self._body.setCurrentIndex(0 if view.locks else 1)
        self._settle()

    def _choose_again(self, before: Lock | None) -> None:
        """Keep the chosen lock: leases are renewed all the time, and others are taken."""
        if before is None or self.table.currentIndex().isValid():
            return
        for row in range(self.model.rowCount()):
            lock = self.model.row_of(row)
            if (lock.path, lock.task) == (before.path, before.task):
                self.table.selectRow(row)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._count)
        head.addStretch()
        head.addWidget(self.release)
        sheet = QFrame()
        set_look(sheet, surface="sheet")
        inside = QVBoxLayout(sheet)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self.table)
        self._body = QStackedWidget()
        self._body.addWidget(sheet)
        self._body.addWidget(
            EmptyState("lock", "No file is locked. A claim locks what its task declares.")
        )
        stack = QVBoxLayout(self)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(Space.M)
        stack.addLayout(head)
        stack.addWidget(self._body, 1)
        self.setFocusProxy(self.table)

    def _settle(self) -> None:
        self.release.setEnabled(self.table.currentIndex().isValid())

    def _ask(self) -> None:
        index = self.table.currentIndex()
        if not index.isValid():
            return
        lock = self.model.row_of(index.row())
        self.message_bar.show_message(
            f"Release {lock.path}?",
            f"{lock.worker} works with it for {lock.task}; another could then change it too.",
            Tone.WARN,
            [("Keep", lambda: None), ("Release", lambda: self.release_lock(lock))],
        )

    @async_slot("Release")
    async def release_lock(self, lock: Lock) -> None:
        """Take a lock away from its holder."""
        await self._client.do(unlock, (lock.path,), task=lock.task, force=True)
        self.message_bar.show_message(f"Released {lock.path}", "", Tone.OK)


def _cells(lock: Lock) -> tuple[str, ...]:
    kind = _ORIGINS[lock.origin.value] + ("" if lock.exclusive else ", shared")
    if lock.expires_at is None:
        until = "until released"
    else:
        left = lock.expires_at - utc_now()
        until = f"{lock.expires_at.astimezone():%H:%M} ({span(left)})"
    return (lock.path, lock.worker, lock.task, kind, until)
