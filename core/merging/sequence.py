"""The branches of a merge run, one on top of the other, each checked before the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.domain.merge_run import MergeProgress, MergeRunState, MergeStage, StepState
from core.domain.plan import FLAKY, StepOutcome
from core.merging.checker import Checked, Checker
from core.merging.checkouts import refuse_if_in_the_way
from core.merging.checks import Cancelled
from core.merging.dry_run import dry_run, is_in, try_next, why_aside
from core.merging.graph import conflict_graph
from core.merging.journal_entry import JournalStep
from core.merging.landing import Lander
from core.merging.messages import RealCommits
from core.merging.plan import order_branches, prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from core.domain.conflict import Contender
    from core.domain.plan import Strategy
    from core.domain.repo import Repo
    from core.git.commits import Identity
    from core.git.quarantine import Quarantine
    from core.merging.branches import Branch
    from core.merging.landing import Attempt, Tip
    from core.merging.order import ConflictGraph
    from core.merging.plan import Prepared


@dataclass(frozen=True, slots=True)
class Merged:
    """What would land: nothing of it is in the person's repository yet.

    Attributes:
        before: The base's commit that everything was merged onto.
        after: What the base shall become; equal to `before` when nothing is to land.
        branches: The branches that land, in order.
        steps: Every contender for the journal, those that land first.
    """

    before: str
    after: str
    branches: tuple[Branch, ...]
    steps: tuple[JournalStep, ...]


@dataclass(slots=True)
class _Progressing:
    """A round half-way."""

    tip: Tip
    landed: dict[str, Branch] = field(default_factory=dict)
    present: set[str] = field(default_factory=set)
    merged: list[JournalStep] = field(default_factory=list)
    aside: list[JournalStep] = field(default_factory=list)


@dataclass(slots=True)
class Sequencer:
    """Merges and checks the contenders of one run, as often as the base moves."""

    repo: Repo
    contenders: Sequence[Contender]
    strategy: Strategy
    order: Sequence[str] | None
    checker: Checker
    me: Identity
    when: datetime
    tell: Callable[[MergeProgress], None]
    cancelled: Callable[[], bool]
    advance: Callable[[MergeRunState], None]

    async def run(self, held: Quarantine) -> Merged:
        """Merge all on the base as it is now, in the quarantine *held*.

        Raises:
            Cancelled: The person asked to stop.
            Refused: Something of the person's would be in the way of the landing.
        """
        self._told(MergeStage.LOOKING, "Looking at the branches")
        found = await prepare(self.repo, self.contenders, self.strategy, held)
        state = _Progressing(found.tip)
        for branch in found.blocked:
            self._put_aside(state, branch, branch.blocked)
        graph = await conflict_graph(found.lander, found.tip, found.ready)
        queue = list(order_branches(found.ready, graph, self.order).branches)
        await self._look_ahead(held, found, queue, graph)
        commits = RealCommits(found.lander.held, self.me, self.when)
        real = Lander(found.lander.held, self.strategy, commits, found.lander.contains)
        while queue:
            branch = queue.pop(0)
            failed = await self._next(real, state, branch, graph)
            if failed and self.order is None:
                rest = await conflict_graph(found.lander, state.tip, queue)
                queue = list(order_branches(queue, rest, None).branches)
        return Merged(
            found.base_sha,
            state.tip.commit,
            tuple(state.landed.values()),
            (*state.merged, *state.aside),
        )

    async def _look_ahead(
        self, held: Quarantine, found: Prepared, queue: Sequence[Branch], graph: ConflictGraph
    ) -> None:
        """Refuse before the checks, not after them, if a checkout could not follow."""
        trials = await dry_run(found.lander, found.tip, queue, graph)
        after = trials[-1].attempt.tip.commit if trials else found.base_sha
        if after != found.base_sha:
            await refuse_if_in_the_way(self.repo, found.base_sha, after, doing="merge", held=held)

    async def _next(
        self, real: Lander, state: _Progressing, branch: Branch, graph: ConflictGraph
    ) -> bool:
        """Land one branch or put it aside; True when its check failed."""
        if self.cancelled():
            raise Cancelled
        self.advance(MergeRunState.MERGING)
        self._told(MergeStage.TRYING, f"Merging {branch.task}", state, branch)
        attempt = await try_next(real, state.tip, branch, graph, state.present)
        because = why_aside(branch, attempt, graph, state.present)
        checked = Checked()
        if attempt.outcome is StepOutcome.CLEAN:
            checked = await self._check(real, state, branch, attempt)
        if checked.reason:
            self._put_aside(state, branch, checked.reason, log=checked.log)
            return True
        if because:
            self._put_aside(state, branch, because, files=attempt.files)
        else:
            self._take(state, branch, attempt, checked)
        if is_in(attempt):
            state.present.add(branch.task)
        return False

    async def _check(
        self, real: Lander, state: _Progressing, branch: Branch, attempt: Attempt
    ) -> Checked:
        """Say whether the tree may land; a tree passes once for all."""
        if self.checker.is_needed(attempt.tip):
            self.advance(MergeRunState.CHECKING)
            self._told(MergeStage.CHECKING, f"Checking {branch.task}", state, branch)
        return await self.checker.check(real.held, attempt.tip, branch.task)

    def _take(
        self, state: _Progressing, branch: Branch, attempt: Attempt, checked: Checked
    ) -> None:
        state.tip = attempt.tip
        state.landed[branch.task] = branch
        state.merged.append(
            JournalStep(
                branch.task,
                branch.name,
                branch.head,
                StepState.MERGED,
                tree=attempt.tip.tree,
                commit=attempt.tip.commit,
                reason=FLAKY if checked.flaky else "",
                files=attempt.files,
                log=checked.log,
            )
        )

    def _put_aside(
        self,
        state: _Progressing,
        branch: Branch,
        reason: str,
        *,
        files: tuple[str, ...] = (),
        log: str = "",
    ) -> None:
        state.aside.append(
            JournalStep(
                branch.task,
                branch.name,
                branch.head,
                StepState.PUT_ASIDE,
                reason=reason,
                files=files,
                log=log,
            )
        )
        self._told(MergeStage.PUT_ASIDE, f"{branch.task} is put aside: {reason}", state, branch)

    def _told(
        self,
        stage: MergeStage,
        text: str,
        state: _Progressing | None = None,
        branch: Branch | None = None,
    ) -> None:
        done = len(state.merged) + len(state.aside) if state else 0
        log = (
            str(self.checker.log_of(branch.task)) if branch and stage is MergeStage.CHECKING else ""
        )
        task = branch.task if branch else ""
        self.tell(MergeProgress(stage, text, task, done, len(self.contenders), log))
