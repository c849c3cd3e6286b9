"""The merge run: merge, check, land by one compare-and-swap of the base; journalled throughout.

Everything up to the landing happens in a bare repository of Weft's own. The base moves once, to a
tree that merged cleanly and passed the check, or not at all. If somebody else moved it meanwhile,
all is merged and checked again on top of that.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.clock import SystemClock
from core.domain.merge_run import MergeProgress, MergeRunState, MergeStage
from core.domain.names import fold
from core.domain.task import TaskStatus
from core.errors import Refused
from core.git.command import GitPlace
from core.git.quarantine import import_objects, make_quarantine
from core.git.refs import HEADS, RefChange, RefMoved, update_refs
from core.merging import journal
from core.merging.checker import Checker, CheckWish
from core.merging.checkouts import follow, refuse_if_in_the_way
from core.merging.checks import TIME_LIMIT_S, Cancelled
from core.merging.messages import person_of
from core.merging.plan import base_commit, check_order
from core.merging.recovery import gate_folder, recover_merges
from core.merging.sequence import Sequencer
from core.paths import remove_folder, scratch_folder
from core.tasks.board import list_tasks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.clock import Clock
    from core.domain.conflict import Contender
    from core.domain.plan import MergeResult, Strategy
    from core.domain.repo import Repo
    from core.git.commits import Identity
    from core.git.quarantine import Quarantine
    from core.merging.journal_entry import MergeEntry
    from core.merging.sequence import Merged

ROUNDS: Final = 5
"""How often all is merged anew because the base or a branch moved meanwhile."""


@dataclass(frozen=True, slots=True)
class MergeOrder:
    """What a person asked for.

    Attributes:
        contenders: The branches; what may not land is put aside with its reason.
        strategy: How they land.
        order: Task keys in the person's order, or None for the recommended one.
        check: A line for the shell that must pass on every tree that lands, or None.
        check_limit_s: Seconds until one check counts as failed.
        setup: A line for the shell that makes the files ready for the check, or empty.
        copy: Ignored files of the main checkout that the check needs, such as .env.
        run_filters: Whether content filters (LFS) may run when a checkout follows the base: only
            in a trusted repository.
    """

    contenders: tuple[Contender, ...]
    strategy: Strategy
    order: tuple[str, ...] | None = None
    check: str | None = None
    check_limit_s: float = TIME_LIMIT_S
    setup: str = ""
    copy: tuple[str, ...] = ()
    run_filters: bool = False


async def run_merge(
    repo: Repo,
    wish: MergeOrder,
    *,
    actor: str,
    progress: Callable[[MergeProgress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    clock: Clock | None = None,
) -> MergeResult:
    """Merge the branches in their order and move the base once to what passed.

    What conflicts or fails its check is put aside and the rest goes on. A cancel, by *cancelled*
    or of the coroutine, leaves the base where it is until the landing has begun; from then on it
    is finished.

    Args:
        repo: The repository.
        wish: What to merge, and how.
        actor: Who asked, for journal and events.
        progress: Told of each step; it must return at once.
        cancelled: Asked between steps and during checks whether to stop.
        clock: Tells the time; the machine's by default.

    Returns:
        What landed and what was put aside; `before` equals `after` when nothing landed.

    Raises:
        UserError: No git identity, or the base branch is gone.
        UsageError: The order names a task that is not to be merged.
        Refused: Another run is under way, something of the person's is in the way, or the base
            kept moving.
    """
    clock = clock or SystemClock()
    me = await person_of(repo)
    check_order(wish.order, wish.contenders)
    await recover_merges(repo, clock.now(), run_filters=wish.run_filters)
    entry = journal.begin(
        repo,
        strategy=wish.strategy,
        before=await base_commit(repo),
        check=wish.check or "",
        actor=actor,
        now=clock.now(),
    )
    run = _MergeRun(repo, wish, entry, me, actor, progress or _nobody, cancelled or _never, clock)
    return await run.run()


@dataclass(slots=True)
class _MergeRun:
    """One run from its journal entry to its result."""

    repo: Repo
    wish: MergeOrder
    entry: MergeEntry
    me: Identity
    actor: str
    tell: Callable[[MergeProgress], None]
    cancelled: Callable[[], bool]
    clock: Clock
    moved: bool = False

    @property
    def gate(self) -> Path:
        """The folder of Weft's own bare repository for this run."""
        return gate_folder(self.entry)

    async def run(self) -> MergeResult:
        """Run to the end; whatever happens, the journal says how it ended."""
        try:
            return await self._rounds()
        except Cancelled:
            return self._failed(f"Cancelled: {self.repo.base} was not touched.").result()
        except BaseException as error:
            if not self.moved:  # else the base holds the work: recovery writes the last word
                why = "cancelled" if isinstance(error, asyncio.CancelledError) else str(error)
                self._failed(why or type(error).__name__)
            raise
        finally:
            journal.release(self.entry.id)
            remove_folder(self.gate, ignore_errors=True)

    async def _rounds(self) -> MergeResult:
        place, drivers = GitPlace(self.repo.git_dir), self.repo.drivers
        held = await make_quarantine(place, self.gate, drivers=drivers)
        sequencer = Sequencer(
            self.repo,
            self.wish.contenders,
            self.wish.strategy,
            order=check_order(self.wish.order, self.wish.contenders),
            checker=Checker(self._check_wish(), self.repo.path, self.cancelled),
            me=self.me,
            when=self.clock.now(),
            tell=self.tell,
            cancelled=self.cancelled,
            advance=self._advance,
        )
        for _ in range(ROUNDS):
            self._advance(MergeRunState.MERGING)
            merged = await sequencer.run(held)
            if not merged.branches:
                return self._nothing_landed(merged)
            try:
                return await self._land(held, merged)
            except RefMoved:
                continue  # nothing has changed: merge again on what is there now
        raise Refused(
            f"{self.repo.base}, or a branch, was moved by others {ROUNDS} times while merging.",
            hint="Try again when it is quieter. Nothing was changed.",
        )

    def _check_wish(self) -> CheckWish:
        return CheckWish(
            command=self.wish.check or None,
            limit_s=self.wish.check_limit_s,
            logs=scratch_folder("merges") / self.entry.name,
            setup=self.wish.setup,
            copy=self.wish.copy,
        )

    def _nothing_landed(self, merged: Merged) -> MergeResult:
        journal.keep_steps(self.entry.id, merged.steps, before=merged.before, after="")
        return self._failed(f"Nothing landed on {self.repo.base}.").result()

    async def _land(self, held: Quarantine, merged: Merged) -> MergeResult:
        """Bring the objects over, then move the base; only now anything of the person's changes."""
        if self.cancelled():
            raise Cancelled
        journal.keep_steps(self.entry.id, merged.steps, before=merged.before, after=merged.after)
        self._advance(MergeRunState.LANDING)
        count = len(merged.branches)
        self.tell(MergeProgress(MergeStage.READY, "All merged", done=count, total=count))
        self._refuse_if_tasks_moved(merged)
        known = [merged.before, *(branch.head for branch in merged.branches)]
        await import_objects(held, GitPlace(self.repo.git_dir), [merged.after], known=known)
        await refuse_if_in_the_way(self.repo, merged.before, merged.after, doing="merge")
        landing = asyncio.ensure_future(self._move(merged))
        try:
            return await asyncio.shield(landing)
        except asyncio.CancelledError:
            await landing  # too late to stop: the base may have moved
            raise

    def _refuse_if_tasks_moved(self, merged: Merged) -> None:
        """Stop before the base moves when a task was sent back to work meanwhile."""
        review = {fold(task.key) for task in list_tasks(self.repo, status=[TaskStatus.REVIEW])}
        for branch in merged.branches:
            if fold(branch.task) not in review:
                raise RefMoved(f"the state of {branch.task}")

    async def _move(self, merged: Merged) -> MergeResult:
        refs, tasks = self.entry.refs, ", ".join(branch.task for branch in merged.branches)
        absent = "0" * len(merged.after)
        await update_refs(
            GitPlace(self.repo.git_dir),
            [
                RefChange(self.repo.base_ref, merged.after, merged.before),
                RefChange(f"{refs}/before", merged.before, absent),
                RefChange(f"{refs}/after", merged.after, absent),
                # A branch that got another commit meanwhile would be called done without it.
                *(
                    RefChange(HEADS + branch.name, branch.head, branch.head)
                    for branch in merged.branches
                ),
            ],
            message=f"weft: merge {tasks}",
        )
        self.moved = True
        self.tell(MergeProgress(MergeStage.MOVED, f"{self.repo.base} has moved"))
        notes = await follow(
            self.repo, merged.before, merged.after, run_filters=self.wish.run_filters
        )
        self.tell(MergeProgress(MergeStage.BROUGHT_ALONG, "Checkouts have followed"))
        entry = journal.close_landed(
            self.repo, self.entry.id, notes=notes, actor=self.actor, now=self.clock.now()
        )
        self.tell(MergeProgress(MergeStage.RECORDED, f"Landed {tasks}"))
        return entry.result()

    def _advance(self, state: MergeRunState) -> None:
        journal.advance(self.entry.id, state)

    def _failed(self, why: str) -> MergeEntry:
        return journal.close_failed(
            self.repo, self.entry.id, why, actor=self.actor, now=self.clock.now()
        )


def _nobody(progress: MergeProgress) -> None:
    """Nobody wants to know."""


def _never() -> bool:
    return False
