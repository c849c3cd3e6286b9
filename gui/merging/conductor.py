"""Holds the wizard's value and does the work that it wants, through the engine."""

from __future__ import annotations

import asyncio
from threading import Event as Flag
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal

from core.domain.plan import Strategy
from core.domain.task import Task, TaskStatus
from core.errors import EngineError, EnvironmentFault
from core.merging.wizard import MergeWizard, Offer, WizardStep, Work
from gui.async_slots import async_slot
from gui.engine_work import EngineWork
from gui.error_report import show_error
from gui.merging.requests import (
    Start,
    Wish,
    merge,
    plan_merge,
    read_stamp,
    read_start,
    undo_merge,
)
from gui.merging.trace import MergeTrace
from gui.pacer import INTERVAL_MS, Pacer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from core.domain.merge_run import MergeProgress, PastMerge
    from core.domain.plan import MergePlan, MergeResult
    from gui.engine_client import Client
    from gui.widgets.message_bar import MessageBar

OPERATIONS: Final = MappingProxyType({Work.PLAN: "Dry run", Work.MERGE: "Merge", Work.UNDO: "Undo"})
BUG: Final = "It stopped because of a bug."
STAMP_MS: Final = 1_500
"""How often it is asked whether the plan that is shown is still true: one git process."""
_NOTHING: Final = Start("main", (), Strategy.MERGE.value, "", {})


class WizardConductor(QObject):
    """The wizard of `core.merging.wizard`, alive. Each act replaces its value.

    Signals:
        changed: (the value before) another value is shown from now on.
        start_changed: the board underneath is another one.
        progressed: the merge run told something; `trace` holds all of it.
    """

    changed = Signal(object)
    start_changed = Signal()
    progressed = Signal(object)

    def __init__(self, client: Client, message_bar: MessageBar, parent: QObject) -> None:
        super().__init__(parent)
        self.message_bar = message_bar
        self.wizard = MergeWizard.open(())
        self.start = _NOTHING
        self.last_plan: MergePlan | None = None
        self.trace = MergeTrace()
        self._client = client
        self._known: frozenset[str] | None = None
        self.is_stale = False
        """Whether the plan that is shown is of inputs that have moved since."""
        self._past: PastMerge | None = None
        self._stamp = ""
        self._stop = Flag()
        self._work = EngineWork(self)
        self._work.told.connect(self._on_told)
        self.pacer = Pacer(self, INTERVAL_MS)
        self.pacer.due.connect(self._on_due)
        self._asking = Pacer(self, STAMP_MS)
        self._asking.due.connect(self._on_stamp_due)
        self._again = QTimer(self, interval=STAMP_MS)
        self._again.timeout.connect(self._asking.ask)

    def be_in_sight(self, in_sight: bool) -> None:
        """While somebody looks it is asked again and again whether the plan is still true."""
        if in_sight:
            self._again.start()
            self.pacer.ask()
        else:
            self._again.stop()
            self._asking.stop()

    @property
    def in_review(self) -> tuple[Task, ...]:
        """Return the tasks that wait to land."""
        return tuple(task for task in self.start.tasks if task.status is TaskStatus.REVIEW)

    def go(self, wizard: MergeWizard) -> None:
        """Show another value, and begin the work that it newly wants."""
        before, self.wizard = self.wizard, wizard
        if wizard.step is WizardStep.CHOOSE:
            self.is_stale = False
            self._past = None
        if wizard.plan is not None:
            self.last_plan = wizard.plan
        is_new = wizard.work is not None and wizard.number != before.number
        if is_new and wizard.work is Work.MERGE:
            self.trace.begin(wizard.keys)
        self.changed.emit(before)
        if is_new:
            self._do()

    @property
    def can_undo(self) -> bool:
        """Whether what is shown can be taken back: nothing stands on it."""
        return self.wizard.can_undo and not self.is_built_on

    @property
    def is_built_on(self) -> bool:
        """Whether an earlier merge is shown that the base has gone on from."""
        return self._past is not None and not self._past.can_undo

    def reopen(self, name: str) -> None:
        """Show an earlier merge run."""
        run = next((run for run in self.start.past if run.name == name), None)
        if run is not None and self.wizard.step is WizardStep.CHOOSE:
            self._past = run
            self.go(self.wizard.reopened(run.result))

    def forward(self) -> None:
        """Do what the main button says."""
        if self.wizard.step is WizardStep.RESULT:
            self.begin_anew()
        elif self.wizard.problem is not None and self.wizard.step is not WizardStep.CHOOSE:
            self.go(self.wizard.retry())
        elif self.wizard.can_go_forward:
            self.go(self.wizard.forward())

    def back(self) -> None:
        """Show the page before; a dry run under way ends."""
        if self.wizard.can_go_back:
            self._work.cancel()
            self.go(self.wizard.back())

    def back_to(self, step: WizardStep) -> None:
        """Show an earlier page."""
        steps = list(WizardStep)
        while steps.index(self.wizard.step) > steps.index(step) and self.wizard.can_go_back:
            self.back()

    def stop_merging(self) -> None:
        """Ask the merge run to stop; its answer still comes."""
        if self.wizard.can_cancel:
            self._stop.set()
            self.go(self.wizard.cancel())

    def begin_anew(self) -> None:
        """Show the first page with everything in review chosen."""
        self._work.cancel()
        self._known = None
        self.go(self._opened())
        self.pacer.ask()

    def choose_tasks(self, keys: Iterable[str]) -> None:
        """Begin with exactly these tasks chosen; without any, all that are in review."""
        if self.wizard.work is Work.MERGE:
            return
        self.begin_anew()
        wanted = frozenset(keys)
        if wanted:
            self._known = wanted | {offer.task for offer in self.wizard.offers}
            self.go(self.wizard.choose(wanted))

    async def refresh(self) -> None:
        """Read the board anew; a plan that is shown is made again when it matters to it."""
        if not self.pacer.begin():
            return
        try:
            start: Start = await self._client.do(read_start)
            self._take_start(start)
        finally:
            self.pacer.end()

    @async_slot("Read the board")
    async def _on_due(self) -> None:
        await self.refresh()

    def _take_start(self, start: Start) -> None:
        is_same, self.start = start == self.start, start
        self.start_changed.emit()
        if is_same and self._known is not None:
            return
        if self.wizard.step is WizardStep.CHOOSE:
            known, kept = self._known, self.wizard.chosen
            wizard = self._opened()
            new = wizard.chosen - (known or frozenset())
            self.go(wizard if known is None else wizard.choose(kept | new))
        else:
            self._asking.ask()

    @async_slot("Look at the plan")
    async def _on_stamp_due(self) -> None:
        shown = self.wizard
        if shown.work is not None or shown.plan is None or not self._stamp:
            return
        if shown.inputs_moved() is shown:
            return  # this page shows no plan that could be out of date
        if not self._asking.begin():
            return
        try:
            now: str = await self._client.do(read_stamp, self._wish())
        finally:
            self._asking.end()
        if now != self._stamp and self.wizard is shown:
            self.is_stale = True
            self.go(self.wizard.inputs_moved())

    def _wish(self) -> Wish:
        now = self.wizard
        return Wish(now.keys, now.strategy.value, ordered=now.is_ordered, check=now.check)

    def _opened(self) -> MergeWizard:
        """Return the first page; what the person said of check and strategy is kept."""
        offers = [
            Offer(t.key, t.title, t.branch or "", t.worker, self.start.held.get(t.key, ""))
            for t in self.in_review
        ]
        check, strategy = self.start.check, Strategy(self.start.strategy)
        if self._known is not None:
            check, strategy = self.wizard.check, self.wizard.strategy
        if self.start is not _NOTHING:
            self._known = frozenset(offer.task for offer in offers)
        return MergeWizard.open(offers, strategy=strategy, check=check)

    @async_slot("Merge wizard")
    async def _do(self) -> None:
        self._work.cancel()
        now = self.wizard
        assert now.work is not None
        wish = self._wish()
        try:
            match now.work:
                case Work.PLAN:
                    await self._plan(wish, now.number)
                case Work.MERGE:
                    await self._merge(wish, now.number)
                case Work.UNDO:
                    await self._undo(now.number)
        except asyncio.CancelledError:
            raise
        except EngineError as error:
            self._fail(now.work, now.number, error)
        except BaseException:
            self.go(self.wizard.failed(now.number, EnvironmentFault(BUG)))
            raise

    async def _plan(self, wish: Wish, number: int) -> None:
        stamp: str = await self._client.do(read_stamp, wish)
        if number != self.wizard.number:
            return
        self._stamp = stamp
        plan: MergePlan | None = await self._work.run(
            self._client.do(plan_merge, wish, progress=self._told(number))
        )
        if plan is not None:
            self.is_stale = False
            self.go(self.wizard.planned(number, plan))

    async def _merge(self, wish: Wish, number: int) -> None:
        self._stop.clear()
        result: MergeResult | None = await self._work.run(
            self._client.do(merge, wish, progress=self._told(number), cancelled=self._stop.is_set)
        )
        if result is not None:
            self.go(self.wizard.merged(number, result))

    async def _undo(self, number: int) -> None:
        name = None if self._past is None else self._past.name
        undone: MergeResult | None = await self._work.run(self._client.do(undo_merge, name))
        if undone is not None:
            self.go(self.wizard.taken_back(number, undone))

    def _fail(self, work: Work, number: int, error: EngineError) -> None:
        if self.wizard.work is work and self.wizard.number == number:
            show_error(self.message_bar, OPERATIONS[work], error)
        self.go(self.wizard.failed(number, error))

    def _told(self, number: int) -> Callable[[MergeProgress], None]:
        return lambda news: self._work.tell((number, news))

    def _on_told(self, news: tuple[int, MergeProgress]) -> None:
        number, progress = news
        before, self.wizard = self.wizard, self.wizard.told(number, progress)
        if self.wizard is not before:
            if self.wizard.work is Work.MERGE:
                self.trace.take(progress)
            self.progressed.emit(progress)
