"""Who collides with whom and who is built on whom, among the branches that may land."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from core.conflicts.stacks import reachable
from core.conflicts.twins import folded, new_twins
from core.domain.plan import StepOutcome
from core.git.commits import unlanded_parents
from core.git.merge_tree import CannotMerge, merge_trees
from core.merging.order import Candidate, ConflictGraph

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.git.command import GitPlace
    from core.merging.branches import Branch
    from core.merging.landing import Attempt, Lander, Tip


async def built_on(
    place: GitPlace, heads: Iterable[str], *, base: str
) -> dict[str, frozenset[str]]:
    """Return for each head those other heads that it holds and that *base* does not; one process.

    Found from history, so a branch that was started on another's unlanded work is known to be
    stacked whether anybody said so or not.
    """
    known = frozenset(heads)
    parents = await unlanded_parents(place, known, base=base)
    unlanded = known & parents.keys()
    return {head: frozenset(reachable(head, parents) & unlanded) - {head} for head in known}


async def conflict_graph(lander: Lander, tip: Tip, branches: Sequence[Branch]) -> ConflictGraph:
    """Return what the order of *branches* on *tip* is computed from.

    Each branch is landed on the tip alone; then pairs of those that could land are merged, if
    they change a path in common. The dry run of the order is the verdict, this its plan: a pair
    that meets only through a renamed folder is left to the dry run.
    """
    alone = {branch.task: await lander.attempt(tip, branch) for branch in branches}
    stacked = _stacked_tasks(lander, branches)
    met = await _conflicting_pairs(lander, alone, stacked)
    return ConflictGraph.build(
        (_candidate(branch, place, alone[branch.task]) for place, branch in enumerate(branches)),
        met,
        [(branch.task, needed) for branch in branches for needed in branch.waits_for],
        stacked,
    )


def _candidate(branch: Branch, arrival: int, alone: Attempt) -> Candidate:
    contender = branch.contender
    return Candidate(
        branch.task,
        arrival,
        human=contender.human,
        running=contender.running,
        size=alone.added + alone.removed,
        rank=contender.rank,
        hits_base=alone.outcome in (StepOutcome.CONFLICT, StepOutcome.BLOCKED),
    )


def _stacked_tasks(lander: Lander, branches: Sequence[Branch]) -> list[tuple[str, str]]:
    """Return (task, task it is built on); of two at one commit the later is built on the first."""
    return [
        (upper.task, lower.task)
        for place, upper in enumerate(branches)
        for other, lower in enumerate(branches)
        if lower.head in lander.contains.get(upper.head, frozenset())
        or (lower.head == upper.head and other < place)
    ]


async def _conflicting_pairs(
    lander: Lander, alone: Mapping[str, Attempt], stacked: Iterable[tuple[str, str]]
) -> list[tuple[str, str]]:
    related = {frozenset(pair) for pair in stacked}
    clean = [task for task, attempt in alone.items() if attempt.outcome is StepOutcome.CLEAN]
    paths = {task: _paths(lander, alone[task]) for task in clean}
    pairs = [
        (a, b)
        for a, b in combinations(clean, 2)
        if frozenset((a, b)) not in related and paths[a] & paths[b]
    ]
    merged = await merge_trees(
        lander.held.place, [(alone[a].tip.commit, alone[b].tip.commit) for a, b in pairs]
    )
    return [
        (a, b)
        for (a, b), outcome in zip(pairs, merged, strict=True)
        if isinstance(outcome, CannotMerge)
        or not outcome.is_clean
        or await new_twins(lander.held, alone[a].tip.tree, outcome.tree)
    ]


def _paths(lander: Lander, attempt: Attempt) -> set[str]:
    """Return the changed paths, as the repository's file system tells them apart."""
    return set(map(folded, attempt.files) if lander.held.ignores_case else attempt.files)
