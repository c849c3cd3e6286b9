"""The merge wizard's page: steps on top, one page at a time, the buttons at its foot."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from core.merging.wizard import MergeWizard, WizardStep, Work
from gui.async_slots import async_slot
from gui.merging.bar import WizardBar
from gui.merging.conductor import WizardConductor
from gui.merging.footer import WizardFooter
from gui.merging.last_pages import LOG_LINES, MergingPage, ResultPage
from gui.merging.pages import ChoosePage, DryRunPage, OrderPage, WizardPage
from gui.merging.requests import read_log, read_tidy, tidy_up
from gui.theme.tokens import Space
from gui.warm_up import in_turn
from gui.widgets.step_bar import PADDING as STEP_PADDING
from gui.widgets.step_bar import StepBar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from PySide6.QtGui import QHideEvent, QShowEvent

    from core.domain.event import Event
    from core.domain.merge_run import MergeProgress
    from core.domain.plan import MergeResult, Strategy
    from gui.engine_client import Client
    from gui.widgets.message_bar import MessageBar
    from gui.widgets.work_line import WorkLine

STEPS: Final = tuple(WizardStep)
Pages = tuple[ChoosePage, OrderPage, DryRunPage, MergingPage, ResultPage]
RELEVANT: Final = ("task.", "claim.", "merge.", "repo.")
LOG_EVERY_MS: Final = 700
BUILT_ON: Final = "Something stands on it: what came after has to be taken back first."
STALE: Final = "Something has moved: the branches are tried anew"
BEGINNINGS: Final = MappingProxyType(
    {
        Work.PLAN: "Trying the branches one after the other, in memory",
        Work.MERGE: "Looking at the branches",
        Work.UNDO: "Putting the base back",
    }
)


class MergePage(QWidget):
    """Shows what the conductor's wizard says, and tells it what the person does.

    Signals:
        board_requested: leave the wizard for the board.
        task_requested: (key) show a task.
        badge_changed: (number of tasks in review) for the rail.
    """

    board_requested = Signal()
    task_requested = Signal(str)
    badge_changed = Signal(int)

    def __init__(self, client: Client, message_bar: MessageBar, pages: Pages | None = None) -> None:
        super().__init__()
        self.message_bar = message_bar
        self._client = client
        self._by_keys = False
        self.conductor = WizardConductor(client, message_bar, self)
        self._log_timer = QTimer(self, interval=LOG_EVERY_MS)
        self._log_timer.timeout.connect(self._on_log_due)
        self.setAccessibleName("Merge wizard")
        made = pages or (ChoosePage(), OrderPage(), DryRunPage(), MergingPage(), ResultPage())
        self.choose_page, self.order_page, self.dry_run_page = made[:3]
        self.merging_page, self.result_page = made[3:]
        self._build()
        self._connect()
        self._render()
        self.setFocusProxy(self.choose_page.list)

    @classmethod
    async def make(cls, client: Client, message_bar: MessageBar) -> MergePage:
        """Make the page by parts: in one go it would hold the window up."""
        choose = await in_turn(ChoosePage)
        order = await in_turn(OrderPage)
        dry_run = await in_turn(DryRunPage)
        merging = await in_turn(MergingPage)
        pages = (choose, order, dry_run, merging, await in_turn(ResultPage))
        return cls(client, message_bar, pages)

    @property
    def wizard(self) -> MergeWizard:
        """Return what is shown."""
        return self.conductor.wizard

    def badge(self) -> int:
        """Return the number of tasks in review, for the rail."""
        return len(self.conductor.in_review)

    def on_events(self, events: Sequence[Event]) -> None:
        """Take news of the board; the pages follow when they can matter to them."""
        if any(event.kind.startswith(RELEVANT) for event in events):
            self.conductor.pacer.ask()

    async def refresh(self) -> None:
        """Read the board anew."""
        await self.conductor.refresh()

    def choose_tasks(self, keys: Iterable[str]) -> None:
        """Begin with exactly these tasks chosen; without any, all that are in review."""
        self.conductor.choose_tasks(keys)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.conductor.be_in_sight(True)

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.conductor.be_in_sight(False)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():  # a key that is held would go all the way and merge
            self._act_by_keys(self._press_focused)

    def _press_focused(self) -> None:
        focused = QApplication.focusWidget()
        if isinstance(focused, QAbstractButton) and self.isAncestorOf(focused):
            focused.click()
        elif self.footer.forward.isVisible() and self.footer.forward.isEnabled():
            self.footer.forward.click()

    def _act_by_keys(self, act: Callable[[], object]) -> None:
        """Do *act* so that the keyboard's place shows on the next page."""
        self._by_keys = True
        try:
            act()
        finally:
            self._by_keys = False

    # Building

    def _build(self) -> None:
        self.pages: dict[WizardStep, WizardPage] = {
            WizardStep.CHOOSE: self.choose_page,
            WizardStep.ORDER: self.order_page,
            WizardStep.DRY_RUN: self.dry_run_page,
            WizardStep.MERGE: self.merging_page,
            WizardStep.RESULT: self.result_page,
        }
        self.steps = StepBar([step.value for step in STEPS])
        self.footer = WizardFooter(self._on_cancel, self.conductor.back, self.conductor.forward)
        self._stack = QStackedWidget()
        for page in self.pages.values():
            self._stack.addWidget(page)
        inner = QVBoxLayout()
        inner.setContentsMargins(Space.XXL, Space.M, Space.XXL, Space.XL)
        inner.setSpacing(Space.L)
        steps = QHBoxLayout()
        edge = Space.XXL - STEP_PADDING  # so that the first circle stands on the edge
        steps.setContentsMargins(edge, Space.L, Space.XXL, 0)
        steps.addWidget(self.steps)
        inner.addWidget(self._stack, 1)
        inner.addWidget(self.footer)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(steps)
        column.addLayout(inner, 1)
        self.bar = WizardBar()
        column.insertWidget(0, self.bar)  # after the pages in the order of focus

    def _connect(self) -> None:
        self.conductor.changed.connect(self._on_changed)
        self.conductor.start_changed.connect(self._on_start)
        self.conductor.progressed.connect(self._on_progress)
        self.bar.strategy_chosen.connect(self._on_strategy)
        self.steps.step_requested.connect(lambda index: self.conductor.back_to(STEPS[index]))
        self.choose_page.choice_changed.connect(self._on_choice)
        self.choose_page.board_requested.connect(self.board_requested)
        self.choose_page.past_requested.connect(self.conductor.reopen)
        self.order_page.order_changed.connect(self._on_order)
        self.order_page.recommended_wanted.connect(self._on_recommended)
        self.dry_run_page.check_changed.connect(self._on_check)
        self.result_page.undo_wanted.connect(self._on_undo)
        self.result_page.log_wanted.connect(self._on_log_wanted)
        self.result_page.tidy.remove_wanted.connect(self._on_tidy)
        for page in self.pages.values():
            page.list.opened.connect(self.task_requested)
        for keys, act in (
            ("Alt+Left", self.conductor.back),
            ("Alt+Right", self.footer.forward.click),
        ):
            key = QShortcut(QKeySequence(keys), self)
            key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            key.setAutoRepeat(False)
            key.activated.connect(partial(self._act_by_keys, act))

    # Acts of the person

    def _on_cancel(self) -> None:
        if self.wizard.step is WizardStep.MERGE and self.wizard.problem is None:
            self.merging_page.work.say_ending("Stopping …")
            self.conductor.stop_merging()
            return
        self.conductor.begin_anew()
        self.board_requested.emit()

    def _on_choice(self) -> None:
        ticked = self.choose_page.list.rows.ticked_tasks()
        self.conductor.go(self.wizard.choose(ticked))

    def _on_strategy(self, strategy: Strategy) -> None:
        self.conductor.go(self.wizard.land_by(strategy))

    def _on_order(self, task: str, place: int) -> None:
        self.conductor.go(self.wizard.place(task, place))

    def _on_recommended(self) -> None:
        self.conductor.go(self.wizard.recommended())

    def _on_check(self, command: str) -> None:
        self.conductor.go(self.wizard.check_with(command))

    def _on_undo(self) -> None:
        if self.conductor.can_undo:
            self.result_page.tidy.show_found(())
            self.conductor.go(self.wizard.undo())

    # Showing

    def _on_start(self) -> None:
        self.badge_changed.emit(self.badge())
        self._render()

    def _on_changed(self, before: MergeWizard) -> None:
        self._render()
        now = self.wizard
        if now.work is not None and now.number != before.number:
            line = self._work_line()
            words = STALE if self.conductor.is_stale else BEGINNINGS[now.work]
            line.begin(words, at_once=now.work is Work.MERGE or self.conductor.is_stale)
        elif now.work is None and before.work is not None:
            for page in (self.order_page, self.dry_run_page, self.merging_page, self.result_page):
                page.work.end()
        if now.step is not before.step:
            self._on_page_changed()

    def _on_page_changed(self) -> None:
        page = self.pages[self.wizard.step]
        self.setFocusProxy(page.list)
        if self.isVisible():
            page.list.take_focus(by_keys=self._by_keys)
        is_merging = self.wizard.step is WizardStep.MERGE
        self._log_timer.start() if is_merging else self._log_timer.stop()
        if self.wizard.step is WizardStep.RESULT:
            self._show_first_log()
            self._look_for_worktrees()

    def _render(self) -> None:
        now = self.wizard
        self._stack.setCurrentWidget(self.pages[now.step])
        self.steps.set_current(STEPS.index(now.step), may_go_back=now.can_go_back)
        self.footer.show_wizard(now)
        may_change = now.step not in {WizardStep.MERGE, WizardStep.RESULT}
        self.bar.show_strategy(now.strategy, may_change=may_change)
        match now.step:
            case WizardStep.CHOOSE:
                self.choose_page.show_choice(self.conductor.start, now)
            case WizardStep.ORDER:
                plan = None if now.work else now.plan  # else its order is not the one shown
                self.order_page.show_plan(plan, is_own=now.is_ordered)
                self.order_page.mark_stale(self.conductor.is_stale)
            case WizardStep.DRY_RUN:
                self.dry_run_page.show_plan(now.plan, now.check)
                self.dry_run_page.mark_stale(self.conductor.is_stale)
            case WizardStep.MERGE:
                self._show_merging()
            case WizardStep.RESULT:
                self._show_result()

    def _show_merging(self) -> None:
        if self.conductor.last_plan is not None:
            self.merging_page.show_progress(self.conductor.last_plan, self.conductor.trace)

    def _show_result(self) -> None:
        now = self.wizard
        if now.result is not None:
            titles = {task.key: task.title for task in self.conductor.start.tasks}
            if self.conductor.last_plan is not None:
                titles |= {step.task: step.title for step in self.conductor.last_plan.steps}
            self.result_page.show_result(now.result, now.undone, titles)
            why_not = BUILT_ON if self.conductor.is_built_on else ""
            self.result_page.show_undo(possible=self.conductor.can_undo, why_not=why_not)

    def _work_line(self) -> WorkLine:
        match self.wizard.step:
            case WizardStep.ORDER:
                return self.order_page.work
            case WizardStep.MERGE:
                return self.merging_page.work
            case WizardStep.RESULT:
                return self.result_page.work
            case _:
                return self.dry_run_page.work

    def _on_progress(self, news: MergeProgress) -> None:
        if not self.wizard.is_cancelling:
            self._work_line().show_step(news.text, news.done, news.total)
        if self.wizard.step is WizardStep.MERGE:
            self._show_merging()

    # Worktrees that are no longer needed

    @async_slot("Look for worktrees")
    async def _look_for_worktrees(self) -> None:
        self.result_page.tidy.show_found(await self._client.do(read_tidy))

    @async_slot("Remove worktrees")
    async def _on_tidy(self) -> None:
        try:
            self.result_page.tidy.show_found(await self._client.do(tidy_up))
        finally:
            self.result_page.tidy.remove.setEnabled(True)

    # The output of checks

    @async_slot("Read the check's output")
    async def _on_log_due(self) -> None:
        path = self.conductor.trace.log
        if path:
            lines: tuple[str, ...] = await self._client.do(read_log, path, LOG_LINES)
            self.merging_page.log.show_log("Output of the check", path, lines)

    def _show_first_log(self) -> None:
        result = self.wizard.result
        failed = [one.task for one in result.put_aside if one.log] if result else []
        self.result_page.log.show_log("", "", ())
        if failed:
            self._on_log_wanted(failed[0])

    @async_slot("Read the check's output")
    async def _on_log_wanted(self, task: str) -> None:
        result = self.wizard.result
        path = _log_of(task, result) if result else ""
        if path:
            lines: tuple[str, ...] = await self._client.do(read_log, path, LOG_LINES)
            self.result_page.log.show_log(f"Check of {task}", path, lines)


def _log_of(task: str, result: MergeResult) -> str:
    """Return the path of the output of a branch's check, or empty."""
    logs = {one.task: one.log for one in result.merged}
    logs |= {one.task: one.log for one in result.put_aside}
    return logs.get(task, "")
