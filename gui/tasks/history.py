"""What became of a task: its runs, newest first, and its events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from gui.durations import ago, span, utc_now
from gui.event_sentences import tell
from gui.theme import icons
from gui.theme.theme import theme
from gui.theme.tokens import Space, Tone
from gui.widgets.button import make_button
from gui.widgets.label import ElidedLabel, make_label
from gui.widgets.panel import Panel, make_rule
from gui.widgets.pill import Pill

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.domain.event import Event
    from core.domain.run import Run
    from gui.navigation import Navigation

SHOWN_RUNS: Final = 10
SHOWN_EVENTS: Final = 30


class RunsPanel(Panel):
    """The runs of a task, each with a way to its transcript."""

    def __init__(self, navigation: Navigation) -> None:
        super().__init__("Runs", ruled=True)
        self._navigation = navigation
        self._rows: dict[str, RunRow] = {}
        self.hide()

    def show_runs(self, runs: Sequence[Run]) -> None:
        """Show *runs*, newest first; while they are the same ones their rows stay."""
        shown = runs[:SHOWN_RUNS]
        if list(self._rows) != [run.id for run in shown]:
            empty(self)
            self._rows = {}
            for number, run in enumerate(shown):
                if number:
                    self.body.addWidget(make_rule())
                row = RunRow(run, attempt=len(runs) - number)
                row.asked.connect(self._navigation.run_asked)
                self._rows[run.id] = row
                self.body.addWidget(row)
        for run in shown:
            self._rows[run.id].show_run(run)
        self.setVisible(bool(runs))


class RunRow(QWidget):
    """One run: which attempt, by whom, how it stands, and the way to its transcript.

    Signals:
        asked: (Run) the person wants its transcript.
    """

    asked = Signal(object)

    def __init__(self, run: Run, attempt: int) -> None:
        super().__init__()
        self._run = run
        self._pill = Pill()
        self._words = ElidedLabel(role="meta")
        self.setFixedHeight(38)
        cells = QHBoxLayout(self)
        cells.setContentsMargins(Space.L, 0, Space.M, 0)
        cells.setSpacing(Space.S)
        view = make_button("View", small=True, on_click=lambda: self.asked.emit(self._run))
        view.setAccessibleName(f"View attempt {attempt} by {run.worker}")
        cells.addWidget(make_label(str(attempt), role="faint"))
        cells.addWidget(make_label(run.worker))
        cells.addWidget(self._pill)
        cells.addWidget(self._words, 1)
        cells.addWidget(view)

    def show_run(self, run: Run) -> None:
        """Show how the run stands now."""
        self._run = run
        self._pill.show_state(run.status.value)
        length = span((run.ended_at or utc_now()) - run.started_at)
        self._words.setText(f"{length} {run.reason}".strip())


class HistoryPanel(Panel):
    """The events of a task, newest first."""

    def __init__(self) -> None:
        super().__init__("History")
        self.body.setSpacing(Space.XS)
        self.hide()

    def show_events(self, events: Sequence[Event]) -> None:
        """Show *events*, which come oldest first."""
        empty(self)
        now = utc_now()
        for event in reversed(events[-SHOWN_EVENTS:]):
            told = tell(event)
            row = QHBoxLayout()
            row.setSpacing(Space.S)
            ink = theme().palette.muted
            if told.tone is not Tone.NEUTRAL:
                ink = theme().palette.tone(told.tone).ink
            mark = QLabel()
            mark.setPixmap(icons.pixmap(told.icon, ink, 14))
            row.addWidget(mark)
            row.addWidget(ElidedLabel(told.sentence), 1)
            row.addWidget(make_label(ago(event.at, now), role="faint"))
            line = QWidget()
            line.setLayout(row)
            row.setContentsMargins(0, 0, 0, 0)
            self.body.addWidget(line, 0, Qt.AlignmentFlag.AlignTop)
        self.setVisible(bool(events))


def empty(panel: Panel) -> None:
    """Delete what *panel* holds."""
    while (item := panel.body.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
