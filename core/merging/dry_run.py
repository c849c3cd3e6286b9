"""The whole sequence in memory: each branch on top of those that landed before it.

Policy: what conflicts is put aside and the base stays as it was, so that one branch never blocks
the rest. Nothing of the person's is touched: objects go to a quarantine that is thrown away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.domain.plan import NOTHING_TO_LAND, PlanStep, StepOutcome
from core.merging.landing import Attempt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from core.merging.branches import Branch
    from core.merging.landing import Lander, Tip
    from core.merging.order import ConflictGraph

_FILES_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Trial:
    """One branch of a dry run; `because` says why it was put aside, else empty."""

    branch: Branch
    attempt: Attempt
    because: str


async def dry_run(
    lander: Lander,
    tip: Tip,
    order: Iterable[Branch],
    graph: ConflictGraph,
    *,
    told: Callable[[Branch], None] | None = None,
) -> tuple[Trial, ...]:
    """Land the branches in memory, in their order, and return what came of each.

    Args:
        lander: How they land.
        tip: What the first one lands on.
        order: The branches that may land.
        graph: Who needs and who meets whom.
        told: Called before each branch is tried.
    """
    trials: list[Trial] = []
    landed: set[str] = set()
    for branch in order:
        if told is not None:
            told(branch)
        attempt = await try_next(lander, tip, branch, graph, landed)
        if attempt.outcome is StepOutcome.CLEAN:
            tip = attempt.tip
        if is_in(attempt):
            landed.add(branch.task)
        trials.append(Trial(branch, attempt, why_aside(branch, attempt, graph, landed)))
    return tuple(trials)


async def try_next(
    lander: Lander, tip: Tip, branch: Branch, graph: ConflictGraph, landed: set[str]
) -> Attempt:
    """Try one branch, unless what it needs has not landed: then it is blocked."""
    missing = sorted(graph.needs[branch.task] - landed, key=graph.arrival)
    if missing:
        which = "is built on" if set(missing) <= graph.built_on[branch.task] else "waits for"
        has = "has" if len(missing) == 1 else "have"
        reason = f"it {which} {', '.join(missing)}, which {has} not landed"
        return Attempt(StepOutcome.BLOCKED, tip, reason=reason)
    return await lander.attempt(tip, branch)


def is_in(attempt: Attempt) -> bool:
    """Whether the tip holds the branch's content now: landed, or nothing was to land."""
    return attempt.outcome in (StepOutcome.CLEAN, StepOutcome.EMPTY)


def why_aside(branch: Branch, attempt: Attempt, graph: ConflictGraph, landed: set[str]) -> str:
    """Return why the branch is put aside, as a sentence part; empty when it lands."""
    match attempt.outcome:
        case StepOutcome.CONFLICT:
            others = sorted(graph.meets[branch.task] & landed, key=graph.arrival)
            alone = graph.candidates[branch.task].hits_base
            return f"conflicts with {_whom(others, alone=alone)} in {_named(attempt.files)}"
        case StepOutcome.BLOCKED:
            return attempt.reason
        case StepOutcome.EMPTY:
            return NOTHING_TO_LAND
        case StepOutcome.CLEAN:
            return ""


def _whom(others: Sequence[str], *, alone: bool) -> str:
    if alone:
        return "the base"
    return ", ".join(others) if others else "what lands before it"


def _named(files: Sequence[str]) -> str:
    if not files:
        return "what git cannot name"
    more = len(files) - _FILES_NAMED
    shown = ", ".join(files[:_FILES_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown


def plan_steps(
    trials: Iterable[Trial], blocked: Iterable[Branch], start: Tip, places: Mapping[str, str]
) -> tuple[PlanStep, ...]:
    """Return the steps of a plan: those tried, then those that may not land now.

    *places* maps a task to the reason for its place in the order.
    """
    steps: list[PlanStep] = []
    tree = start.tree
    for trial in trials:
        tree = trial.attempt.tip.tree
        why = "; ".join(part for part in (places.get(trial.branch.task), trial.because) if part)
        steps.append(_step(len(steps) + 1, trial.branch, trial.attempt, tree, why))
    for branch in blocked:
        attempt = _not_tried(start, branch)
        steps.append(_step(len(steps) + 1, branch, attempt, tree, branch.blocked))
    return tuple(steps)


def _not_tried(start: Tip, branch: Branch) -> Attempt:
    return Attempt(StepOutcome.BLOCKED, start, reason=branch.blocked)


def _step(position: int, branch: Branch, attempt: Attempt, tree: str, why: str) -> PlanStep:
    return PlanStep(
        position=position,
        task=branch.task,
        branch=branch.name,
        head=branch.head,
        outcome=attempt.outcome,
        files=attempt.files,
        tree=tree,
        why=why,
        title=branch.contender.title,
        added=attempt.added,
        removed=attempt.removed,
        hunks=attempt.hunks,
    )
