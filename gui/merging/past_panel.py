"""The merges before this one: the last in a sentence, all of them as a list when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from core.domain.merge_run import MergeRunState
from gui.durations import ago, utc_now
from gui.merging.step_list import StepList, StepPanel
from gui.merging.step_rows import StepRow
from gui.theme.tokens import Space
from gui.widgets.button import ButtonKind, make_button
from gui.widgets.prose import Code, Prose
from gui.wording import ARROW, counted, listed, short

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from PySide6.QtGui import QKeyEvent

    from core.domain.merge_run import PastMerge

NAMED: Final = 4


class PastList(StepList):
    """Enter opens a run, as a double click does."""

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.currentIndex().isValid():
            self.opened.emit(self.rows.rows[self.currentIndex().row()].task)
            return
        super().keyPressEvent(event)


class PastPanel(QWidget):
    """Hidden while nothing has ever landed.

    Signals:
        requested: (name of a run) it is to be shown, and perhaps taken back.
    """

    requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._runs: dict[str, PastMerge] = {}
        self._words = Prose()
        self.show_last = make_button(
            "Show it", ButtonKind.GHOST, "undo", small=True, on_click=self._on_last
        )
        self.show_last.setAccessibleName("Show the last merge")
        self.earlier = make_button(
            "Earlier merges", ButtonKind.GHOST, "clock", small=True, on_click=self._on_earlier
        )
        self.list = PastList("Earlier merges")
        self.list.opened.connect(self._on_opened)
        self.panel = StepPanel("Earlier merges", self.list)
        self.panel.set_caption("Enter or a double click shows one")
        self.panel.hide()
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self._words, 1)
        row.addWidget(self.show_last)
        row.addWidget(self.earlier)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(self.panel)
        column.addLayout(row)

    def show_runs(self, runs: Sequence[PastMerge]) -> None:
        """Show what has landed; the newest comes first."""
        self._runs = {label_of(run): run for run in runs}
        last = last_landed(runs)
        self.setVisible(bool(runs))
        self.show_last.setVisible(last is not None)
        self.earlier.setVisible(len(runs) > (0 if last is None else 1))
        if not runs:
            self.panel.hide()
        self._words.show_words(("Nothing of the last merges is on the base.",))
        if last is not None:
            count = counted(len(last.result.merged), "branch", "branches")
            result = last.result
            before, after = Code(short(result.before)), Code(short(result.after))
            said = f"The last merge landed {count}: {result.base} "
            self._words.show_words((said, before, f" {ARROW} ", after, "."))
        now = utc_now()
        self.list.rows.show_rows([past_row(run, now) for run in runs])

    def _on_last(self) -> None:
        last = last_landed(tuple(self._runs.values()))
        if last is not None:
            self.requested.emit(last.name)

    def _on_earlier(self) -> None:
        is_shown = self.panel.isHidden()
        self.panel.setVisible(is_shown)
        self.earlier.setText("Hide earlier merges" if is_shown else "Earlier merges")
        if is_shown:
            self.list.take_focus(by_keys=True)

    def _on_opened(self, label: str) -> None:
        run = self._runs.get(label)
        if run is not None and run.state is MergeRunState.LANDED and not run.undone:
            self.requested.emit(run.name)


def last_landed(runs: Sequence[PastMerge]) -> PastMerge | None:
    """Return the newest run whose landing stands."""
    return next((r for r in runs if r.state is MergeRunState.LANDED and not r.undone), None)


def past_row(run: PastMerge, now: datetime) -> StepRow:
    """Return a run as a row: when, what landed, and whether it can be taken back."""
    keys = [one.task for one in run.result.merged]
    count = counted(len(keys), "branch", "branches")
    title = f"{count}: {listed(keys, most=NAMED)}" if keys else "nothing landed"
    stands = run.state is MergeRunState.LANDED and not run.undone
    if run.undone:
        state, word, why = "empty", "Taken back", ""
    elif stands:
        can = "can be taken back"
        state, word, why = "done", "Landed", can if run.can_undo else "something stands on it"
    else:
        state, word, why = "failed", "Not landed", ""
    note = f"{ago(run.at, now)} by {run.actor}"
    return StepRow(label_of(run), title, state=state, word=word, note=note, why=why, enabled=stands)


def label_of(run: PastMerge) -> str:
    """Return what tells a run from others in the list: when it began, by this machine's clock."""
    return run.at.astimezone().strftime("%d %b %H:%M:%S")
