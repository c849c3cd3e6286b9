"""The timeline with its stretch of time; it follows while it is in sight."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from core.engine.figures import timeline
from gui.activity.timeline import Timeline
from gui.async_slots import async_slot
from gui.durations import utc_now
from gui.theme.stylesheet import set_look
from gui.theme.tokens import Space
from gui.widgets.empty_state import EmptyState
from gui.widgets.label import make_label
from gui.widgets.segmented import Segmented
from gui.wording import counted

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QShowEvent

    from core.domain.figures import Span
    from gui.engine_client import Client
    from gui.navigation import Navigation
    from gui.widgets.message_bar import MessageBar

RANGES: Final = (
    ("15 min", timedelta(minutes=15)),
    ("1 h", timedelta(hours=1)),
    ("6 h", timedelta(hours=6)),
    ("Day", timedelta(days=1)),
    ("Week", timedelta(days=7)),
)
FOLLOW_MS: Final = 5000


class TimelinePanel(QWidget):
    """Bars of the last hour, hours, day or week."""

    def __init__(self, client: Client, message_bar: MessageBar, navigation: Navigation) -> None:
        super().__init__()
        self.message_bar = message_bar
        self._client = client
        self._spans: tuple[Span, ...] = ()
        self.timeline = Timeline()
        self.timeline.opened.connect(navigation.task_asked)
        self.ranges = Segmented("Stretch of time", [name for name, _ in RANGES])
        self.ranges.choose(1)
        self.ranges.chosen.connect(lambda _place: self._load())
        self._count = make_label(role="meta")
        self._empty = EmptyState("activity", "Nobody worked in that time.")
        self._lay_out()
        self._clock = QTimer(self)
        self._clock.setInterval(FOLLOW_MS)
        self._clock.timeout.connect(self._load)

    def spans(self) -> tuple[Span, ...]:
        """Return what is shown."""
        return self._spans

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._clock.start()
        self.setFocusProxy(self.timeline)
        self._load()

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._clock.stop()

    @async_slot("Read the timeline")
    async def _load(self) -> None:
        length = RANGES[self.ranges.current()][1]
        spans = await self._client.do(timeline, days=max(1, length.days))
        until = utc_now()
        since = until - length
        self._spans = tuple(
            span for span in spans if span.ended_at is None or span.ended_at >= since
        )
        self.timeline.show_spans(self._spans, since, until)
        workers = len({span.worker for span in self._spans})
        self._count.setText(
            f"{counted(workers, 'worker')}, {counted(len(self._spans), 'bar')}"
            if self._spans
            else ""
        )
        self._body.setCurrentIndex(0 if self._spans else 1)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.ranges)
        head.addStretch()
        head.addWidget(self._count)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(self.timeline)
        sheet = QFrame()
        set_look(sheet, surface="sheet")
        inside = QVBoxLayout(sheet)
        inside.setContentsMargins(1, Space.XS, 1, Space.XS)
        inside.addWidget(area)
        self._body = QStackedWidget()
        self._body.addWidget(sheet)
        self._body.addWidget(self._empty)
        stack = QVBoxLayout(self)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(Space.M)
        stack.addLayout(head)
        stack.addWidget(self._body, 1)
