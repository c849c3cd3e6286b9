"""The merge wizard's steps without a window: choices, what may follow, what work is wanted.

A wizard is a value: each act returns the next one. The window shows it, does the work that it
wants (`work`) through the engine, and hands the answer back with the work's `number`; an answer
to work that is no longer wanted changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Self

from core.domain.plan import MergePlan, MergeResult, PlanStep, StepOutcome, Strategy
from core.errors import EngineError, IllegalTransition

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.domain.merge_run import MergeProgress


class WizardStep(StrEnum):
    """A page; the value is its name on screen and for assistive tools."""

    CHOOSE = "Choose branches"
    ORDER = "Order"
    DRY_RUN = "Dry run"
    MERGE = "Merge"
    RESULT = "Result"


class Work(StrEnum):
    """What the engine shall do now."""

    PLAN = "plan"
    MERGE = "merge"
    UNDO = "undo"


_W = WizardStep
_FORWARD: Final = MappingProxyType(
    {_W.CHOOSE: _W.ORDER, _W.ORDER: _W.DRY_RUN, _W.DRY_RUN: _W.MERGE}
)
_BACK: Final = MappingProxyType({_W.ORDER: _W.CHOOSE, _W.DRY_RUN: _W.ORDER, _W.MERGE: _W.DRY_RUN})
_SHOWS_PLAN: Final = frozenset({_W.ORDER, _W.DRY_RUN})


@dataclass(frozen=True, slots=True)
class Offer:
    """A branch that may be chosen; `hold` says why it will be blocked for now, or is empty."""

    task: str
    title: str
    branch: str
    worker: str | None = None
    hold: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the last work failed, for the page that wanted it."""

    message: str
    hint: str = ""
    reasons: tuple[str, ...] = ()

    @classmethod
    def of(cls, error: Exception) -> Self:
        """Return what a person reads of *error*."""
        if isinstance(error, EngineError):
            return cls(str(error), error.hint, error.reasons)
        return cls(str(error) or type(error).__name__)


@dataclass(frozen=True, slots=True)
class MergeWizard:
    """Everything that the pages show.

    Attributes:
        offers: Branches that may be chosen.
        chosen: Tasks of those that are.
        strategy: How they land.
        check: The line that must pass on each tree, or empty.
        step: The page that is shown.
        order: The person's own order, or None for the recommended one.
        plan: The dry run of what is chosen, or None while there is none.
        result: What the merge run did.
        undone: What the undo took back.
        progress: The last news of the work under way.
        problem: Why the last work failed, or None.
        work: What the engine shall do now, or None.
        number: Which work that is; counts up.
        is_cancelling: Whether the person asked the merge run to stop.
    """

    offers: tuple[Offer, ...]
    chosen: frozenset[str]
    strategy: Strategy = Strategy.MERGE
    check: str = ""
    step: WizardStep = WizardStep.CHOOSE
    order: tuple[str, ...] | None = None
    plan: MergePlan | None = None
    result: MergeResult | None = None
    undone: MergeResult | None = None
    progress: MergeProgress | None = None
    problem: Problem | None = None
    work: Work | None = None
    number: int = 0
    is_cancelling: bool = False

    @classmethod
    def open(
        cls, offers: Iterable[Offer], *, strategy: Strategy = Strategy.MERGE, check: str = ""
    ) -> Self:
        """Return the first page, with everything chosen that nothing holds back."""
        offered = tuple(offers)
        free = frozenset(offer.task for offer in offered if not offer.hold)
        return cls(offered, free, strategy, check)

    # What may follow

    @property
    def why_not_forward(self) -> str:
        """Return why there is no next page yet, as a sentence; empty when there is one."""
        if self.step not in _FORWARD:
            return "There is no further step."
        if self.work is not None:
            return "Wait for the dry run."
        if self.step is _W.CHOOSE:
            return "" if self.chosen else "Choose at least one branch."
        if self.plan is None:
            return "There is no dry run yet."
        if self.step is _W.DRY_RUN and not self.plan.clean_steps:
            return "None of these branches can land."
        return ""

    @property
    def can_go_forward(self) -> bool:
        """Whether `forward` is allowed."""
        return not self.why_not_forward

    @property
    def can_go_back(self) -> bool:
        """Whether `back` is allowed: not while merging and not after."""
        return self.step in _BACK and self.work is not Work.MERGE

    @property
    def can_cancel(self) -> bool:
        """Whether a merge run is under way that has not been asked to stop."""
        return self.work is Work.MERGE and not self.is_cancelling

    @property
    def can_undo(self) -> bool:
        """Whether something landed that was not taken back."""
        landed = self.result is not None and bool(self.result.merged)
        return landed and self.undone is None and self.work is None

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the chosen tasks for the engine: in the plan's order when there is a plan."""
        if self.order is not None:
            return self.order
        if self.plan is not None:
            return tuple(step.task for step in self.plan.steps)
        return tuple(offer.task for offer in self.offers if offer.task in self.chosen)

    @property
    def is_ordered(self) -> bool:
        """Whether the engine shall take `keys` in their order."""
        return self.order is not None

    @property
    def will_land(self) -> tuple[PlanStep, ...]:
        """Return the steps of the dry run that land."""
        return self.plan.clean_steps if self.plan else ()

    @property
    def will_be_put_aside(self) -> tuple[PlanStep, ...]:
        """Return the steps of the dry run that do not."""
        steps = self.plan.steps if self.plan else ()
        return tuple(step for step in steps if step.outcome is not StepOutcome.CLEAN)

    # Choices

    def choose(self, tasks: Iterable[str]) -> Self:
        """Choose exactly *tasks*, of those that are offered."""
        wanted = frozenset(tasks) & {offer.task for offer in self.offers}
        if wanted == self.chosen:
            return self
        return self._changed(chosen=wanted)

    def toggle(self, task: str) -> Self:
        """Choose a task, or no longer choose it."""
        return self.choose(self.chosen ^ {task})

    def land_by(self, strategy: Strategy) -> Self:
        """Land the branches by *strategy*; a plan is made anew for it."""
        if strategy is self.strategy:
            return self
        return self._changed(strategy=strategy)

    def check_with(self, command: str) -> Self:
        """Let *command* decide what lands; empty means no check. The plan stays."""
        return replace(self, check=command.strip())

    def place(self, task: str, position: int) -> Self:
        """Move a task to *position* (0 is first) of the order; the dry run follows.

        Raises:
            IllegalTransition: There is no order to change now.
        """
        if self.step not in _SHOWS_PLAN or self.plan is None:
            raise IllegalTransition("There is no order to change yet.")
        tasks = [step.task for step in self.plan.steps] if self.order is None else [*self.order]
        if task not in tasks:
            raise IllegalTransition(f"{task} is not among the chosen branches.")
        at = max(0, min(position, len(tasks) - 1))
        if tasks.index(task) == at:
            return self
        tasks.remove(task)
        tasks.insert(at, task)
        return replace(self, order=tuple(tasks))._wanting(Work.PLAN)

    def recommended(self) -> Self:
        """Return to the recommended order."""
        if self.order is None:
            return self
        return replace(self, order=None)._wanting(Work.PLAN)

    def inputs_moved(self) -> Self:
        """Plan anew because a branch, the base or a task has changed meanwhile."""
        if self.step not in _SHOWS_PLAN or self.work is Work.MERGE:
            return self
        return self._wanting(Work.PLAN)

    # Pages

    def forward(self) -> Self:
        """Show the next page; it may want work.

        Raises:
            IllegalTransition: `why_not_forward` says why.
        """
        if not self.can_go_forward:
            raise IllegalTransition(self.why_not_forward)
        there = replace(self, step=_FORWARD[self.step], problem=None)
        if there.step is _W.MERGE:
            return there._wanting(Work.MERGE)
        return there._wanting(Work.PLAN) if there.plan is None else there

    def back(self) -> Self:
        """Show the page before; after a merge run that failed the plan is made anew.

        Raises:
            IllegalTransition: There is no way back from here.
        """
        if not self.can_go_back:
            raise IllegalTransition("There is no way back from here.")
        there = replace(self, step=_BACK[self.step], problem=None)
        if self.step is _W.MERGE:
            return replace(there, plan=None)._wanting(Work.PLAN)
        if there.step is _W.CHOOSE:
            return there._idle()
        return there

    def retry(self) -> Self:
        """Want the work again that failed on this page.

        Raises:
            IllegalTransition: Nothing failed.
        """
        if self.problem is None:
            raise IllegalTransition("Nothing failed here.")
        if self.step is _W.MERGE:
            return self._wanting(Work.MERGE)
        return self._wanting(Work.UNDO if self.step is _W.RESULT else Work.PLAN)

    def cancel(self) -> Self:
        """Ask the merge run to stop; its answer still comes.

        Raises:
            IllegalTransition: Nothing is being merged.
        """
        if not self.can_cancel:
            raise IllegalTransition("Nothing is being merged.")
        return replace(self, is_cancelling=True)

    def reopened(self, result: MergeResult) -> Self:
        """Show what an earlier merge run did, so that it can be taken back.

        Raises:
            IllegalTransition: The first page is not the one that is shown.
        """
        if self.step is not _W.CHOOSE:
            raise IllegalTransition("Finish or leave this merge first.")
        return replace(self, step=_W.RESULT, result=result)

    def undo(self) -> Self:
        """Want the landing to be taken back.

        Raises:
            IllegalTransition: There is nothing to take back.
        """
        if not self.can_undo:
            raise IllegalTransition("There is nothing to take back.")
        return self._wanting(Work.UNDO)

    # Answers of the engine

    def told(self, number: int, progress: MergeProgress) -> Self:
        """Take news of the work *number*."""
        return replace(self, progress=progress) if self._is_wanted(number) else self

    def planned(self, number: int, plan: MergePlan) -> Self:
        """Take the plan."""
        return replace(self._idle(), plan=plan) if self._is_wanted(number) else self

    def merged(self, number: int, result: MergeResult) -> Self:
        """Take the result of the merge run and show it."""
        if not self._is_wanted(number):
            return self
        return replace(self._idle(), result=result, step=_W.RESULT)

    def taken_back(self, number: int, result: MergeResult) -> Self:
        """Take the result of the undo."""
        return replace(self._idle(), undone=result) if self._is_wanted(number) else self

    def failed(self, number: int, error: Exception) -> Self:
        """Note why the work failed; the page stays."""
        if not self._is_wanted(number):
            return self
        return replace(self._idle(), problem=Problem.of(error))

    def _is_wanted(self, number: int) -> bool:
        return self.work is not None and number == self.number

    def _wanting(self, work: Work) -> Self:
        return replace(
            self,
            work=work,
            number=self.number + 1,
            progress=None,
            problem=None,
            is_cancelling=False,
        )

    def _idle(self) -> Self:
        return replace(self, work=None, progress=None, problem=None, is_cancelling=False)

    def _changed(
        self, *, chosen: frozenset[str] | None = None, strategy: Strategy | None = None
    ) -> Self:
        """Return the wizard with another choice, which no plan and no order fits any more.

        Raises:
            IllegalTransition: The merge run has begun.
        """
        if self.step in (_W.MERGE, _W.RESULT):
            raise IllegalTransition("The merge run has begun: its choice stands.")
        now = replace(
            self,
            chosen=self.chosen if chosen is None else chosen,
            strategy=strategy or self.strategy,
            order=self.order if chosen is None else None,
            plan=None,
        )
        return now._wanting(Work.PLAN) if now.step in _SHOWS_PLAN else now._idle()
