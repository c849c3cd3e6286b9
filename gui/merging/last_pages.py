"""The last two pages of the wizard: the merge under way, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.merging.wizard import WizardStep
from gui.merging.pages import WizardPage
from gui.merging.rows import merge_rows, result_rows
from gui.merging.step_list import FRAME, StepList, StepPanel
from gui.merging.tidy_row import TidyRow
from gui.theme.tokens import Space
from gui.widgets.button import ButtonKind, make_button
from gui.widgets.code_view import CodeLine, CodeView
from gui.widgets.label import make_label
from gui.widgets.panel import TITLE_ROW, Panel
from gui.widgets.pill import Pill
from gui.widgets.prose import Code, Prose, Word
from gui.widgets.work_line import WorkLine
from gui.wording import ARROW, counted, short

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.domain.plan import MergePlan, MergeResult
    from gui.merging.trace import MergeTrace

LOG_HEIGHT: Final = 190
LOG_LINES: Final = 40


class LogView(Panel):
    """The end of a check's output."""

    def __init__(self, name: str) -> None:
        super().__init__(name, " ", ruled=True)
        self.code = CodeView(name)
        self.code.setMinimumHeight(LOG_HEIGHT)
        self.body.setContentsMargins(1, 0, 1, 1)
        self.body.addWidget(self.code)
        self.hide()

    def show_log(self, title: str, path: str, lines: Sequence[str]) -> None:
        """Show the last lines; without any the view goes."""
        self.setVisible(bool(lines))
        if not lines or tuple(line.text for line in self.code.lines()) == tuple(lines):
            return
        self.set_title(title)
        self.set_caption(path)
        self.code.show_lines([CodeLine(line) for line in lines])
        tall = max(LOG_HEIGHT, self.code.content_height())
        self.setMaximumHeight(TITLE_ROW + 1 + tall + FRAME)
        bar = self.code.verticalScrollBar()
        bar.setValue(bar.maximum())


class MergingPage(WizardPage):
    """Progress, branch by branch, with the output of the check that runs."""

    def __init__(self) -> None:
        super().__init__(WizardStep.MERGE, StepList("Steps of the merge"))
        self.work = WorkLine("Merge", can_cancel=False)
        self.log = LogView("Check")
        self._panel = StepPanel("Merging", self.list)
        self.column.addWidget(self.work)
        self.column.addWidget(self._panel, 1000)
        self.column.addWidget(self.log, 900)
        self.column.addStretch(1)

    def show_progress(self, plan: MergePlan, trace: MergeTrace) -> None:
        """Show how far the run is."""
        self._panel.set_title(f"Merging onto {plan.base}")
        self._panel.set_caption(f"{plan.base} moves once, at the end, or not at all")
        self.list.rows.show_rows(merge_rows(plan, trace))


class ResultPage(WizardPage):
    """What landed, what was put aside, and the way back.

    Signals:
        undo_wanted: the person said twice that all of it is to be taken back.
        log_wanted: (task) a row whose check failed is the current one.
    """

    undo_wanted = Signal()
    log_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__(WizardStep.RESULT, StepList("Result of each branch"))
        self.list.selectionModel().currentChanged.connect(self._on_row)
        self.log = LogView("Check")
        self.work = WorkLine("Undo", can_cancel=False)
        self._headline = make_label(role="figure")
        self._pill = Pill()
        self._moved = Prose()
        self._notes = Prose()
        self._panel = StepPanel("Branches", self.list)
        head = QHBoxLayout()
        head.setSpacing(Space.M)
        head.addWidget(self._headline)
        head.addWidget(self._pill)
        head.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(Space.XS)
        words.addLayout(head)
        words.addWidget(self._moved)
        words.addWidget(self._notes)
        self.column.addLayout(words)
        self.column.addWidget(self._panel, 1000)
        self.column.addWidget(self.log, 900)
        self.tidy = TidyRow()
        self.column.addLayout(self._undo_row())
        self.column.addWidget(self.tidy)
        self.column.addWidget(self.work)
        self.column.addStretch(1)

    def show_result(
        self, result: MergeResult, undone: MergeResult | None, titles: Mapping[str, str]
    ) -> None:
        """Show what came of the run, or that it was taken back."""
        self._headline.setText(_headline(result, undone))
        self._pill.setVisible(bool(result.put_aside) and undone is None)
        aside = counted(len(result.put_aside), "put aside", "put aside")
        self._pill.show_state("blocked", aside)
        self._moved.show_words(_moved_words(result, undone))
        said = f"{self._headline.text()}."
        notes = [note for note in (undone or result).notes if note != said]
        self._notes.setVisible(bool(notes))
        self._notes.show_words((" ".join(notes),))
        self.list.rows.show_rows(result_rows(result, titles, undone=undone is not None))
        self._panel.setVisible(bool(result.merged or result.put_aside))
        kept = (undone or result).backup_ref
        self._panel.set_caption(f"kept under {kept}" if kept else "")
        self._base = result.base
        self._before = short(result.before)

    def show_undo(self, *, possible: bool, why_not: str = "") -> None:
        """Offer the way back, or not; news of the board leave a question that stands there."""
        self.why_not.setText(why_not)
        self.why_not.setVisible(bool(why_not) and not possible)
        is_asking = possible and self.is_asking()
        self.undo.setVisible(possible and not is_asking)
        self._confirm.setVisible(is_asking)

    def is_asking(self) -> bool:
        """Return whether the person is asked once more."""
        return not self._confirm.isHidden()

    def headline(self) -> str:
        """Return what it all comes to."""
        return self._headline.text()

    def ask_undo(self) -> None:
        """Ask once more, in place."""
        self.undo.hide()
        self._question.setText(
            f"Put {self._base} back to {self._before}? The branches are kept;"
            " their tasks go back to review."
        )
        self._confirm.show()
        self.keep.setFocus()

    def _undo_row(self) -> QHBoxLayout:
        self._base, self._before = "", ""
        self.undo = make_button("Undo this merge", icon="undo", on_click=self.ask_undo)
        self._question = make_label(role="strong")
        self.sure = make_button("Undo it", ButtonKind.DANGER, on_click=self._on_sure)
        self.keep = make_button("Keep it", on_click=self._on_keep)
        self._confirm = QWidget()
        confirm = QHBoxLayout(self._confirm)
        confirm.setContentsMargins(0, 0, 0, 0)
        confirm.setSpacing(Space.S)
        for widget in (self._question, self.sure, self.keep):
            confirm.addWidget(widget)
        self._confirm.hide()
        self.why_not = make_label(role="muted")
        row = QHBoxLayout()
        row.addWidget(self.why_not)
        row.addWidget(self.undo)
        row.addWidget(self._confirm)
        row.addStretch(1)
        return row

    def _on_sure(self) -> None:
        self._confirm.hide()
        self.undo_wanted.emit()

    def _on_keep(self) -> None:
        self._confirm.hide()
        self.undo.show()
        self.undo.setFocus()

    def _on_row(self) -> None:
        place = self.list.currentIndex().row()
        if 0 <= place < len(self.list.rows.rows):
            self.log_wanted.emit(self.list.rows.rows[place].task)


def _headline(result: MergeResult, undone: MergeResult | None) -> str:
    if undone is not None:
        return f"{result.base} is back where it was"
    if not result.merged:
        return f"Nothing landed on {result.base}"
    return f"{counted(len(result.merged), 'branch', 'branches')} landed on {result.base}"


def _moved_words(result: MergeResult, undone: MergeResult | None) -> tuple[Word, ...]:
    shown = undone or result
    if shown.before == shown.after:
        return f"{shown.base} stays at ", Code(short(shown.after)), "."
    before, after = Code(short(shown.before)), Code(short(shown.after))
    return f"{shown.base} went from ", before, f" {ARROW} ", after, "."
