"""The activity page: what happened, filtered by words and by kind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    QTimer,
)
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QListView,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from core.engine.overview import events
from gui.activity.delegate import EventDelegate
from gui.activity.export import events_csv, spans_csv
from gui.activity.model import EventModel, Role
from gui.activity.timeline_panel import TimelinePanel
from gui.async_slots import async_slot
from gui.event_sentences import is_detail
from gui.theme.stylesheet import set_look
from gui.theme.tokens import Space, Tone
from gui.widgets.button import make_button
from gui.widgets.empty_state import EmptyState
from gui.widgets.label import make_label
from gui.widgets.search_field import SearchField
from gui.widgets.segmented import Segmented

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QShowEvent

    from core.domain.event import Event
    from gui.engine_client import Client
    from gui.navigation import Navigation
    from gui.widgets.message_bar import MessageBar

AREAS: Final = (
    ("All", ()),
    ("Tasks", ("task.", "stage.")),
    ("Runs", ("run.", "worktree.", "question.")),
    ("Merges", ("merge.",)),
    ("Locks", ("lock.", "task.undeclared", "task.overlap", "task.unguarded")),
    ("Other", ("repo.", "worker.", "setting.", "dispatch.", "permissions.", "base.")),
)
FIRST: Final = 500
TICK_MS: Final = 20_000


class EventFilter(QSortFilterProxyModel):
    """Keeps events of some kinds that hold the words looked for."""

    def __init__(self) -> None:
        super().__init__()
        self._words: tuple[str, ...] = ()
        self._prefixes: tuple[str, ...] = ()
        self._with_details = False

    def look_for(self, text: str) -> None:
        """Keep only events that hold every word of *text*."""
        self._words = tuple(text.casefold().split())
        self.invalidate()

    def keep(self, prefixes: tuple[str, ...]) -> None:
        """Keep only kinds that begin so; none keeps all."""
        self._prefixes = prefixes
        self.invalidate()

    def show_details(self, shown: bool) -> None:
        """Keep the single steps of a start too, or only what came of them."""
        self._with_details = shown
        self.invalidate()

    @override
    def filterAcceptsRow(self, row: int, parent: QModelIndex | QPersistentModelIndex) -> bool:
        index = self.sourceModel().index(row, 0, parent)
        event: Event = index.data(Role.EVENT)
        if self._prefixes and not event.kind.startswith(self._prefixes):
            return False
        if not self._with_details and is_detail(event):
            return False
        searched = index.data(Role.SEARCHED).casefold() if self._words else ""
        return all(word in searched for word in self._words)


class ActivityPage(QWidget):
    """The event log in sentences; it follows while it is in sight."""

    def __init__(self, client: Client, message_bar: MessageBar, navigation: Navigation) -> None:
        super().__init__()
        self.message_bar = message_bar
        self._client = client
        self._navigation = navigation
        self._is_loaded = False
        self.model = EventModel()
        self._filter = EventFilter()
        self._filter.setSourceModel(self.model)
        self.setAccessibleName("Activity")
        self.search = SearchField("Filter events")
        self.search.textChanged.connect(self._on_words)
        self.areas = Segmented("Kind of event", [name for name, _ in AREAS])
        self.areas.chosen.connect(self._on_area)
        self.details = QCheckBox("Details")
        self.details.setToolTip("Show each step of a start")
        self.details.toggled.connect(self._on_details)
        self.view = QListView()
        self.view.setAccessibleName("Events")
        self.view.setModel(self._filter)
        self.view.setItemDelegate(EventDelegate(self.view))
        self.view.setUniformItemSizes(True)
        self.view.setMouseTracking(True)
        self.view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.view.activated.connect(self._open)
        self.view.doubleClicked.connect(self._open)
        self._count = make_label("", role="meta")
        self._empty = EmptyState("activity", "Nothing has happened here yet.")
        self.views = Segmented("View", ["Log", "Timeline"])
        self.views.chosen.connect(self._on_view)
        self.timeline = TimelinePanel(client, message_bar, navigation)
        self.export = make_button("Export…", icon="file", on_click=self._ask_where)
        self.export.setToolTip("Write what is shown into a CSV file")
        self._lay_out()
        self._clock = QTimer(self)
        self._clock.setInterval(TICK_MS)
        self._clock.timeout.connect(self.view.viewport().update)

    def on_events(self, news: Sequence[Event]) -> None:
        """Take events that have just happened; before the first look they are not needed."""
        if self._is_loaded:
            self.model.add(news)
            self._settle()

    def empty_sentence(self) -> str:
        """Return what is said while no event is shown."""
        return self._empty.sentence()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._clock.start()
        self.setFocusProxy(self.view)
        self._load()

    @async_slot("Read the activity")
    async def _load(self) -> None:
        since = self.model.last_id or None
        self.model.add(await self._client.do(events, since=since, limit=FIRST))
        self._is_loaded = True
        self._settle()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(Space.M)
        self.search.setMaximumWidth(320)
        head.addWidget(self.views)
        head.addWidget(self.search, 1)
        head.addWidget(self.areas)
        head.addWidget(self.details)
        head.addStretch(1)
        head.addWidget(self._count)
        head.addWidget(self.export)
        sheet = QFrame()
        set_look(sheet, surface="sheet")
        inside = QVBoxLayout(sheet)
        inside.setContentsMargins(1, Space.XS, 1, Space.XS)
        inside.addWidget(self.view)
        self._body = QStackedWidget()
        self._body.addWidget(sheet)
        self._body.addWidget(self._empty)
        self._body.addWidget(self.timeline)
        stack = QVBoxLayout(self)
        stack.setContentsMargins(Space.L, Space.L, Space.L, Space.M)
        stack.setSpacing(Space.M)
        stack.addLayout(head)
        stack.addWidget(self._body, 1)

    def _on_view(self, place: int) -> None:
        for widget in (self.search, self.areas, self.details, self._count):
            widget.setVisible(place == 0)
        self._settle()

    def _ask_where(self) -> None:
        name = "timeline.csv" if self.views.current() else "activity.csv"
        dialog = QFileDialog(self, "Export", name, "CSV (*.csv)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.write_export)
        dialog.open()

    def write_export(self, path: str) -> None:
        """Write what is shown into *path*."""
        try:
            Path(path).write_text(self._exported(), encoding="utf-8", newline="")
        except OSError as error:
            self.message_bar.show_message(
                f"{path} could not be written", error.strerror or str(error), Tone.BAD
            )
        else:
            self.message_bar.show_message(f"Wrote {path}", "", Tone.OK)

    def _exported(self) -> str:
        if self.views.current():
            return spans_csv(self.timeline.spans())
        rows = range(self._filter.rowCount() - 1, -1, -1)
        return events_csv([self._filter.index(row, 0).data(Role.EVENT) for row in rows])

    def _on_words(self, text: str) -> None:
        self._filter.look_for(text)
        self._settle()

    def _on_details(self, shown: bool) -> None:
        self._filter.show_details(shown)
        self._settle()

    def _on_area(self, place: int) -> None:
        self._filter.keep(AREAS[place][1])
        self._settle()

    def _settle(self) -> None:
        shown, all_of_them = self._filter.rowCount(), self.model.rowCount()
        self._count.setText(f"{shown} of {all_of_them}" if shown != all_of_them else f"{shown}")
        nothing = "Nothing has happened here yet."
        self._empty.set_sentence("No event fits the filter." if all_of_them else nothing)
        self._body.setCurrentIndex(2 if self.views.current() else 0 if shown else 1)

    def _open(self, index: QModelIndex) -> None:
        event: Event | None = index.data(Role.EVENT) if index.isValid() else None
        if event is not None and event.task:
            self._navigation.task_asked.emit(event.task)
