"""The figures page: key figures beside their goals, what needs a person, each worker's part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QScrollArea,
    QSizePolicy,
    QTableView,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from core.engine.figures import report, stats
from gui.async_slots import async_slot
from gui.metrics.workers_table import WorkerFiguresModel
from gui.theme.tokens import Space, Tone
from gui.widgets.button import make_button
from gui.widgets.figure_card import FigureCard
from gui.widgets.label import make_label
from gui.widgets.panel import Panel
from gui.widgets.segmented import Segmented
from gui.widgets.table import dress_table
from gui.wording import counted

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent

    from core.domain.figures import Goal, Stats
    from gui.engine_client import Client
    from gui.widgets.message_bar import MessageBar

RANGES: Final = (("Day", 1), ("Week", 7), ("Month", 30))
FOLLOW_MS: Final = 10_000
CARDS: Final = 6
NARROW: Final = 900
"""Below this width two cards stand side by side in place of three."""
ROW: Final = 34


class FiguresPage(QWidget):
    """Reads the figures anew while it is in sight."""

    def __init__(self, client: Client, message_bar: MessageBar) -> None:
        super().__init__()
        self.message_bar = message_bar
        self._client = client
        self.setAccessibleName("Figures")
        self.ranges = Segmented("Stretch of time", [name for name, _ in RANGES])
        self.ranges.choose(1)
        self.ranges.chosen.connect(lambda _place: self._load())
        self.summary = make_label(role="muted")
        self.cards = [FigureCard("") for _ in range(CARDS)]
        self.warnings = make_label(role="text")
        self.warnings.setWordWrap(True)
        self.warnings.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.warnings.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.model = WorkerFiguresModel()
        self.table = QTableView()
        dress_table(self.table, "Figures of each worker", row_height=ROW)
        self.table.setModel(self.model)
        self.copy = make_button("Copy report", icon="copy", on_click=self._copy)
        self.copy.setToolTip("Today's summary as Markdown")
        self.write = make_button("Write logs", icon="file", on_click=self._write)
        self.write.setToolTip("Today's summary and the logs of its tasks and workers, as files")
        self._lay_out()
        self._clock = QTimer(self)
        self._clock.setInterval(FOLLOW_MS)
        self._clock.timeout.connect(self._load)

    def show_stats(self, found: Stats) -> None:
        """Show figures."""
        self.summary.setText(
            " · ".join(
                (
                    counted(found.tasks_done, "task") + " done",
                    counted(found.runs, "run"),
                    counted(found.landed, "landing"),
                )
            )
        )
        for card, goal in zip(self.cards, found.goals, strict=True):
            card.set_label(goal.name)
            card.show_figure(goal.value, _caption(goal), tone=_tone(goal))
        said = found.health.warnings
        self.warnings.setText("\n".join(said) or "Nothing: every goal that can be judged is met.")
        self.model.show_rows(found.workers)
        height = self.table.horizontalHeader().height() + ROW * max(1, len(found.workers)) + 2
        self.table.setFixedHeight(min(height, ROW * 12))

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._clock.start()
        self._load()

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._clock.stop()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_cards()

    @async_slot("Read the figures")
    async def _load(self) -> None:
        days = RANGES[self.ranges.current()][1]
        self.show_stats(await self._client.do(stats, days=days))

    @async_slot("Report")
    async def _copy(self) -> None:
        found = await self._client.do(report)
        QGuiApplication.clipboard().setText(found.markdown)
        self.message_bar.show_message("Copied today's report", "As Markdown.", Tone.OK)

    @async_slot("Write logs")
    async def _write(self) -> None:
        found = await self._client.do(report, write=True)
        self.message_bar.show_message(
            f"Wrote {len(found.files)} files", found.files[0] if found.files else "", Tone.OK
        )

    def _place_cards(self) -> None:
        columns = 2 if self.width() < NARROW else 3
        for number, card in enumerate(self.cards):
            self._grid.addWidget(card, number // columns, number % columns)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(Space.M)
        for widget in (self.ranges, self.summary):
            head.addWidget(widget)
        head.addStretch()
        head.addWidget(self.copy)
        head.addWidget(self.write)
        self._grid = QGridLayout()
        self._grid.setSpacing(Space.M)
        self._place_cards()
        needs = Panel("What to look at")
        needs.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        needs.body.addWidget(self.warnings)
        parts = Panel("Workers", ruled=True)
        parts.body.addWidget(self.table)
        heads = self.table.horizontalHeader()
        heads.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        column.addLayout(self._grid)
        column.addWidget(needs)
        column.addWidget(parts)
        column.addStretch()
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(inside)
        stack = QVBoxLayout(self)
        stack.setContentsMargins(Space.L, Space.L, Space.L, Space.M)
        stack.setSpacing(Space.M)
        stack.addLayout(head)
        stack.addWidget(area, 1)
        self.setFocusProxy(self.ranges.segment(1))


def _caption(goal: Goal) -> str:
    return f"Goal: {goal.goal}"


def _tone(goal: Goal) -> Tone | None:
    if goal.met is None:
        return None
    return Tone.OK if goal.met else Tone.BAD
