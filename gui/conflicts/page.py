"""The conflicts page: who meets whom on the left, the chosen pair on the right, live."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from core.domain.conflict import LandingMode
from core.errors import EngineError
from gui.async_slots import async_slot
from gui.conflicts.cost import cost_of
from gui.conflicts.cure_desk import CureDesk
from gui.conflicts.cures import cures_of
from gui.conflicts.feed import ConflictsFeed
from gui.conflicts.forecast import Forecast, card_lines
from gui.conflicts.matrix_panel import MatrixPanel
from gui.conflicts.pair_panel import PairPanel
from gui.conflicts.requests import read_sides
from gui.conflicts.resolve_panel import ResolvePanel
from gui.conflicts.sentences import all_clean, alone, caption_of, told_of
from gui.conflicts.verdicts import card_verdicts
from gui.theme.stylesheet import set_look
from gui.theme.tokens import Height, Space
from gui.warm_up import in_turn
from gui.widgets.button import ButtonKind, make_button
from gui.widgets.label import ElidedLabel, make_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QHideEvent, QShowEvent

    from core.domain.conflict import FileSides
    from core.domain.event import Event
    from gui.conflicts.facts import MatrixFacts, Meeting
    from gui.engine_client import Client
    from gui.widgets.message_bar import MessageBar

LOOK_MS: Final = 10_000
"""How often the page looks anew while it is in sight and nothing can be watched."""
RELEVANT: Final = ("task.", "claim.", "run.", "worktree.", "merge.", "repo.", "worker.")
LANDING: Final = MappingProxyType({LandingMode.MERGE: "merge commit", LandingMode.SQUASH: "squash"})
BEGINNING: Final = "Looking at every branch …"
Panels = tuple[MatrixPanel, PairPanel, ResolvePanel]


class ConflictsPage(QWidget):
    """Shows the matrix as its feed computes it, and the pair that the person chose.

    Signals:
        plan_requested: go to the merge wizard.
        board_requested: go to the board.
        task_requested: (key) show a task.
        badge_changed: (number of collisions) for the rail.
        verdicts_changed: (mapping of task key to CardVerdict) for the cards of the board.
        forecasts_changed: (mapping of task key to sentences) for the cards of the backlog.
    """

    plan_requested = Signal()
    board_requested = Signal()
    task_requested = Signal(str)
    badge_changed = Signal(int)
    verdicts_changed = Signal(object)
    forecasts_changed = Signal(object)

    def __init__(
        self, client: Client, message_bar: MessageBar, panels: Panels | None = None
    ) -> None:
        super().__init__()
        self.message_bar = message_bar
        self._client = client
        self._chosen: tuple[str, str | None] | None = None
        self._resolved_pair: tuple[str, str | None] | None = None
        self._stamp: object = None
        self._look = QTimer(self, interval=LOOK_MS)
        self.feed = ConflictsFeed(client, message_bar, self)
        self.forecast = Forecast(client, message_bar, self)
        made = panels or (MatrixPanel(), PairPanel(), ResolvePanel())
        self.matrix, self.pair, self.resolve = made
        self.cures = CureDesk(client, message_bar, self.resolve, self)
        self.setAccessibleName("Conflicts")
        self._build()
        self._connect()
        self.setFocusProxy(self.matrix.view)
        self.pair.show_nothing("Choose a cell to see what collides in it.")

    @classmethod
    async def make(cls, client: Client, message_bar: MessageBar) -> ConflictsPage:
        """Make the page by parts: in one go it would hold the window up."""
        matrix = await in_turn(MatrixPanel)
        pair = await in_turn(PairPanel)
        return cls(client, message_bar, (matrix, pair, await in_turn(ResolvePanel)))

    def badge(self) -> int:
        """Return the number of collisions, for the rail."""
        return len(self.feed.facts.collisions) if self.feed.facts else 0

    def on_events(self, events: Sequence[Event]) -> None:
        """Take news of the board; the matrix follows when they can matter to it."""
        if any(event.kind.startswith(RELEVANT) for event in events):
            self.feed.ask()

    async def refresh(self) -> None:
        """Compute the matrix now."""
        await self.feed.compute()

    def choose(self, a: str, b: str | None) -> None:
        """Show a pair, as when the board asks for it; *b* None is the base."""
        self._chosen = (a, b)
        place = self.feed.facts.place((a, b)) if self.feed.facts else None
        if place is not None:
            self.matrix.view.choose(*place)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look.start()
        self.feed.be_in_sight(True)

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._look.stop()
        self.feed.be_in_sight(False)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar())
        inner = QVBoxLayout()
        inner.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.addLayout(inner, 1)
        # From the outside in: each time that it gets a parent, Qt dresses all that is in a widget.
        halves = QSplitter()
        halves.setChildrenCollapsible(False)
        inner.addWidget(halves)
        self._right = QStackedWidget()
        halves.addWidget(self.matrix)
        halves.addWidget(self._right)
        self._right.addWidget(self.pair)
        self._right.addWidget(self.resolve)
        halves.setStretchFactor(0, 46)
        halves.setStretchFactor(1, 54)
        halves.setSizes([460, 540])

    def _bar(self) -> QFrame:
        self._landing = ElidedLabel(role="meta")
        self.recheck = make_button("Re-check", on_click=self._on_recheck)
        self.recheck.setToolTip("Merge every pair again, without what is remembered (F5)")
        self.recheck.setShortcut("F5")
        self.plan = make_button(
            "Plan the merge", ButtonKind.PRIMARY, on_click=self.plan_requested.emit
        )
        bar = QFrame()
        set_look(bar, surface="bar")
        bar.setFixedHeight(Height.BAR)
        row = QHBoxLayout(bar)
        row.setContentsMargins(Space.L, 0, Space.L, 0)
        row.setSpacing(Space.M)
        row.addWidget(make_label("Conflicts", role="title"))
        row.addStretch(1)
        for widget in (self._landing, self.recheck, self.plan):
            row.addWidget(widget)
        return bar

    def _connect(self) -> None:
        self._look.timeout.connect(self.feed.look)
        self.forecast.changed.connect(self._on_forecast)
        self.feed.begun.connect(self._on_begun)
        self.feed.stepped.connect(self.matrix.work.show_step)
        self.feed.ended.connect(self._on_ended)
        self.feed.changed.connect(self._on_changed)
        self.feed.confirmed.connect(self._on_confirmed)
        self.feed.failed.connect(self._on_failed)
        self.matrix.pair_chosen.connect(self._on_cell)
        self.matrix.pair_opened.connect(self.pair.take_focus)
        self.matrix.file_chosen.connect(self._on_file)
        self.matrix.board_requested.connect(self.board_requested)
        self.matrix.work.cancelled.connect(self._on_cancel)
        self.pair.sides_wanted.connect(self._on_sides_wanted)
        self.pair.cure_requested.connect(self.cures.take)
        self.cures.changed.connect(self.feed.ask)
        self.cures.busy_changed.connect(self._on_cure_busy)
        self.cures.opened.connect(self._on_resolve_opened)
        self.resolve.closed.connect(self._show_pair)
        self.pair.task_requested.connect(self.task_requested)

    @async_slot("Check conflicts")
    async def _on_recheck(self) -> None:
        await self.feed.compute(fresh=True, by_person=True)

    def _on_begun(self, is_told: bool) -> None:
        self.recheck.setEnabled(False)
        if is_told:
            self.matrix.work.begin(BEGINNING)

    def _on_ended(self) -> None:
        self.recheck.setEnabled(True)
        self.matrix.work.end()

    def _on_cancel(self) -> None:
        self.matrix.work.say_ending("Ending …")
        self.feed.cancel()

    def _on_failed(self, sentence: str) -> None:
        if self.feed.facts is None:
            self.matrix.show_problem(sentence)

    def _on_confirmed(self) -> None:
        if self.feed.facts is not None:
            self.matrix.show_age(self.feed.facts)

    def _on_changed(self) -> None:
        facts = self.feed.facts
        if facts is None:
            return
        self._landing.setText(f"landing by {LANDING[facts.matrix.mode]}")
        self.matrix.show_facts(facts, self.feed.board)
        self._right.setVisible(bool(facts.tasks))
        self.plan.setEnabled(bool(facts.tasks))
        self._choose_again(facts)
        self._show_uncommitted()
        self.badge_changed.emit(self.badge())
        self.verdicts_changed.emit(card_verdicts(facts, self.feed.board))
        self.forecast.ask(facts.matrix)

    def _on_forecast(self) -> None:
        if self.feed.facts is not None:
            self.matrix.show_forecast(self.feed.facts, self.forecast.in_file)
        self.forecasts_changed.emit(card_lines(self.forecast.meetings))

    def _choose_again(self, facts: MatrixFacts) -> None:
        """Keep the chosen pair; without one take the worst collision."""
        place = facts.place(self._chosen) if self._chosen else None
        if place is None and facts.collisions:
            worst = facts.collisions[0]
            place = facts.place((worst.b, worst.a) if worst.b_task else worst.pair)
        if place is None:
            self._chosen = None
            self.pair.show_nothing(all_clean(facts), is_good=True)
            return
        index = self.matrix.model.index(*place)
        if self.matrix.view.currentIndex() != index:
            self.matrix.view.setCurrentIndex(index)
            return
        meeting = facts.meeting(*place)
        if meeting is not None:
            self._show_warned(meeting)
        if meeting is None or self._stamp != _stamp_of(meeting, facts):
            self._on_cell(*place)
        else:
            self._show_cost(meeting, facts)

    def _on_cell(self, row: int, column: int) -> None:
        facts = self.feed.facts
        if facts is None or row >= len(facts.tasks):
            return
        task = facts.tasks[row]
        meeting = facts.meeting(row, column)
        if meeting is None:
            self.pair.show_nothing(alone(task, facts), task, is_good=not facts.met_by(task))
            self.pair.show_warned(told_of(self.feed.board.warned(task)))
            return
        self._chosen = (task, None if meeting.with_base else facts.tasks[column])
        self._stamp = _stamp_of(meeting, facts)
        captions = (caption_of(meeting.a, facts), caption_of(meeting.b_task, facts))
        self.pair.show_meeting(meeting, captions, facts.base)
        self._show_warned(meeting)
        self._show_cost(meeting, facts)
        if self._resolved_pair not in {None, self._chosen}:
            self._right.setCurrentWidget(self.pair)
            self._resolved_pair = None

    def _show_warned(self, meeting: Meeting) -> None:
        both = None if meeting.b_task is None else self.feed.board.warned(*meeting.pair)
        self.pair.show_warned(told_of(both or ()))

    def _show_cost(self, meeting: Meeting, facts: MatrixFacts) -> None:
        board = self.feed.board
        cost = cost_of(meeting, facts, board) if meeting.conflict else None
        if cost is not None:
            self.pair.show_cost(cost)
        self.pair.head.show_cures(cures_of(meeting, facts, board, cost))

    def _on_cure_busy(self, is_busy: bool) -> None:
        self.pair.head.show_busy(is_busy=is_busy)

    def _on_resolve_opened(self) -> None:
        self._resolved_pair = self._chosen
        self._right.setCurrentWidget(self.resolve)
        self.resolve.take_focus()
        self._show_uncommitted()

    def _show_uncommitted(self) -> None:
        shown, facts = self.resolve.resolution(), self.feed.facts
        if self._resolved_pair is not None and shown is not None and facts is not None:
            state = facts.find(shown.dispute.task)
            self.resolve.show_uncommitted(is_dirty=state is not None and state.dirty)

    def _show_pair(self) -> None:
        if self._right.currentWidget() is self.resolve:
            self._resolved_pair = None
            self._right.setCurrentWidget(self.pair)
            self.pair.take_focus()

    def _on_file(self, path: str) -> None:
        """Show the first collision in which *path* takes part."""
        collisions = self.feed.facts.collisions if self.feed.facts else ()
        for meeting in collisions:
            if any(file.path == path for file in meeting.files):
                self.choose(*meeting.pair)
                self.pair.choose_path(path)
                return

    @async_slot("Read both versions")
    async def _on_sides_wanted(self, path: str) -> None:
        meeting = self.pair.meeting()
        if meeting is None:
            return
        try:
            sides: FileSides = await self._client.do(read_sides, meeting.a, meeting.b_task, path)
        except EngineError as error:
            if self._is_shown(meeting, path):
                self.pair.show_sides_missing(f"{error} {error.hint}".strip())
            return
        if self._is_shown(meeting, path):
            self.pair.show_sides(sides)

    def _is_shown(self, meeting: Meeting, path: str) -> bool:
        now = self.pair.meeting()
        return now is not None and now.pair == meeting.pair and self.pair.path() == path


def _stamp_of(meeting: Meeting, facts: MatrixFacts) -> object:
    """Return what tells whether the versions that are shown are still the present ones."""
    sides = [facts.branch(task) for task in (meeting.a, meeting.b_task) if task]
    return meeting, facts.matrix.base_sha, [(one.tree, one.head, one.dirty) for one in sides]
