"""The first three pages of the wizard: what to land, in which order, and what would come of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.merging.wizard import WizardStep
from gui.merging.order_list import OrderList
from gui.merging.past_panel import PastPanel
from gui.merging.rows import (
    choice_rows,
    compared_words,
    dry_run_rows,
    line_words,
    order_rows,
    tree_words,
)
from gui.merging.step_list import StepList, StepPanel
from gui.theme.stylesheet import set_look
from gui.theme.tokens import Glyph, Space, Tone
from gui.widgets.button import ButtonKind, make_button
from gui.widgets.empty_state import EmptyState
from gui.widgets.figure_card import FigureCard
from gui.widgets.label import ElidedLabel, make_label
from gui.widgets.pill import Pill
from gui.widgets.work_line import WorkLine
from gui.wording import counted

if TYPE_CHECKING:
    from core.domain.plan import MergePlan
    from core.merging.wizard import MergeWizard
    from gui.merging.requests import Start

CARE: Final = "A clean merge is not yet a correct one: read the diff, or let the checks speak."
CHECK_HINT: Final = "none: what merges cleanly lands"
FIELD_WIDTH: Final = 420


class WizardPage(QWidget):
    """A page named as the contract says, as high as what it shows."""

    def __init__(self, step: WizardStep, rows: StepList) -> None:
        super().__init__()
        self.list = rows
        self.setAccessibleName(step.value)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(Space.L)
        self._stale = Pill("Out of date", Tone.WARN, Glyph.PAUSE)
        self._stale.hide()

    def mark_stale(self, is_stale: bool) -> None:
        """Say beside the title that what is shown is not true any more."""
        self._stale.setVisible(is_stale)


class ChoosePage(WizardPage):
    """A check list of what is in review; what is not says why.

    Signals:
        choice_changed: another set of rows is ticked.
        board_requested: there is nothing to choose; the board is where work begins.
        past_requested: (name) an earlier merge run is to be shown again.
    """

    choice_changed = Signal()
    board_requested = Signal()
    past_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__(WizardStep.CHOOSE, StepList("Branches"))
        self.list.rows.ticked.connect(self.choice_changed)
        self.all = QCheckBox("All in review")
        self.all.clicked.connect(self._on_all)
        self._panel = StepPanel("Branches with work that has not landed", self.list)
        self._panel.header.addWidget(self.all)
        self._empty = EmptyState(
            "merge",
            "Nothing waits to land. A task comes here when its work is in review.",
            "Go to the board",
            self.board_requested.emit,
        )
        self._stack = QStackedWidget()
        whole = QWidget()
        inner = QVBoxLayout(whole)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self._panel, 1000)
        inner.addStretch(1)
        self._stack.addWidget(whole)
        self._stack.addWidget(self._empty)
        self.column.addWidget(self._stack, 1)
        self.past = PastPanel()
        self.past.requested.connect(self.past_requested)
        self.column.addWidget(self.past)

    def show_choice(self, start: Start, wizard: MergeWizard) -> None:
        """Show what may be chosen and what is."""
        rows = choice_rows(start, wizard)
        self._stack.setCurrentIndex(0 if rows else 1)
        self.list.rows.show_rows(rows)
        self.past.show_runs(start.past)
        count, offered = len(wizard.chosen), len(wizard.offers)
        self._panel.set_caption(f"{count} of {offered} chosen, to land on {start.base}")
        with QSignalBlocker(self.all):
            self.all.setTristate(0 < count < offered)
            state = Qt.CheckState.PartiallyChecked if count else Qt.CheckState.Unchecked
            self.all.setCheckState(Qt.CheckState.Checked if count == offered > 0 else state)
        self.all.setEnabled(offered > 0)

    def sentence(self) -> str:
        """Return what stands in place of the list, or empty."""
        return self._empty.sentence() if self._stack.currentWidget() is self._empty else ""

    def _on_all(self) -> None:
        enabled = [row for row in self.list.rows.rows if row.enabled]
        self.list.rows.tick_all(checked=not all(row.checked for row in enabled))


class OrderPage(WizardPage):
    """The order in which branches land, with the reason for each place; a person may change it.

    Signals:
        order_changed: (task, place from 0) a row was moved.
        recommended_wanted: back to the recommended order.
    """

    order_changed = Signal(str, int)
    recommended_wanted = Signal()

    def __init__(self) -> None:
        super().__init__(WizardStep.ORDER, OrderList("Order of landing"))
        self.list.rows.reordered.connect(self._on_reordered)
        self.work = WorkLine("Dry run of this order", can_cancel=False)
        self.recommended = make_button(
            "Recommended order",
            ButtonKind.GHOST,
            "undo",
            small=True,
            on_click=self.recommended_wanted.emit,
        )
        self._order: tuple[str, ...] = ()
        self._panel = StepPanel("Order", self.list)
        self._panel.header.insertWidget(1, self._stale)
        self._panel.header.addWidget(self.recommended)
        hint = make_label(
            "Drag a row, or move the current one with Ctrl+Up and Ctrl+Down. The dry run follows.",
            role="meta",
        )
        hint.setWordWrap(True)
        self.column.addWidget(self._panel, 1000)
        self.column.addWidget(hint)
        self.column.addWidget(self.work)
        self.column.addStretch(1)

    def show_plan(self, plan: MergePlan | None, *, is_own: bool) -> None:
        """Show the order of *plan*; None keeps what was there while the next one is made."""
        self.recommended.setVisible(is_own)
        if plan is None:
            return
        rows = order_rows(plan)
        self._order = tuple(row.task for row in rows)
        self.list.rows.show_rows(rows)
        self._panel.set_title("Your order" if is_own else "Recommended order")
        self._panel.set_caption(compared_words(plan))

    def caption(self) -> str:
        """Return the comparison."""
        return self._panel.caption()

    def _on_reordered(self) -> None:
        now = tuple(row.task for row in self.list.rows.rows)
        moved = self.list.rows.last_moved
        self._order = now
        self.order_changed.emit(moved, now.index(moved))


class DryRunPage(WizardPage):
    """What would come of it, row by row, and what that means in three figures.

    Signals:
        check_changed: (command) the person named another check.
    """

    check_changed = Signal(str)

    def __init__(self) -> None:
        super().__init__(WizardStep.DRY_RUN, StepList("Steps of the dry run"))
        self.work = WorkLine("Dry run", can_cancel=False)
        self._trees = make_label(role="key")
        self._panel = StepPanel("Dry run", self.list)
        self._panel.header.insertWidget(1, self._trees)
        self._panel.header.insertWidget(1, self._stale)
        self.lands = FigureCard("Will land")
        self.checks = FigureCard("Checks on the trees that land")
        self.way_back = FigureCard("If you change your mind", "One click back")
        cards = QHBoxLayout()
        cards.setSpacing(Space.M)
        for card in (self.lands, self.checks, self.way_back):
            cards.addWidget(card, 1)
        self.column.addWidget(self._panel, 1000)
        self.column.addWidget(self.work)
        self.column.addLayout(cards)
        self.column.addLayout(self._check_row())
        self.column.addWidget(make_label(CARE, role="meta"))
        self.column.addStretch(1)

    def show_plan(self, plan: MergePlan | None, check: str) -> None:
        """Show *plan*; None keeps what was there while the next one is made."""
        self._show_check(check)
        if plan is None:
            return
        self._panel.set_title(f"Dry run onto {plan.base}")
        self._trees.setText(tree_words(plan))
        self._panel.set_caption(f"{compared_words(plan)} · nothing has been changed")
        self.list.rows.show_rows(dry_run_rows(plan))
        clean = plan.clean_steps
        files = {path for step in clean for path in step.files}
        added, removed = sum(s.added for s in clean), sum(s.removed for s in clean)
        caption = f"{counted(len(files), 'file')}, {line_words(added, removed)}"
        self.lands.show_figure(
            f"{len(clean)} of {len(plan.steps)}",
            caption if clean else "nothing can land as it is",
            tone=None if clean else Tone.WARN,
        )
        self.way_back.show_figure("One click back", f"{plan.base} is kept under refs/weft/merges/")

    def _check_row(self) -> QHBoxLayout:
        self.check = QLineEdit()
        set_look(self.check, mono=True)
        self.check.setAccessibleName("Check command")
        self.check.setPlaceholderText(CHECK_HINT)
        self.check.setMaximumWidth(FIELD_WIDTH)
        self.check.textChanged.connect(self._on_check)
        label = make_label("Check", role="text")
        label.setBuddy(self.check)
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addWidget(label)
        row.addWidget(self.check, 1)
        row.addWidget(ElidedLabel("must pass on each tree before it lands", role="meta"), 1)
        return row

    def _on_check(self, text: str) -> None:
        self._show_figure(text.strip())
        self.check_changed.emit(text)

    def _show_check(self, check: str) -> None:
        if self.check.text().strip() != check:
            with QSignalBlocker(self.check):
                self.check.setText(check)
        self._show_figure(check)

    def _show_figure(self, check: str) -> None:
        if check:
            self.checks.show_figure("Before landing", f"each tree must pass {check}")
        else:
            self.checks.show_figure("None", "only git decides what lands", tone=Tone.WARN)
