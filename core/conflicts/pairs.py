"""Pairs of branches, each landed on the base: which must be merged, and the merges."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from core.conflicts.candidates import pairs_that_may_conflict
from core.conflicts.verdicts import TrialMerge, conflicted_files
from core.errors import EnvironmentFault
from core.git.merge_tree import CannotMerge, merge_trees

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.conflicts.landing import Ground, Landing
    from core.conflicts.snapshots import Snapshot
    from core.conflicts.stacks import Stacks
    from core.conflicts.verdicts import Files
    from core.domain.conflict import Contender


@dataclass(frozen=True, slots=True)
class Side:
    """A branch that takes part in the matrix."""

    contender: Contender
    snapshot: Snapshot
    landing: Landing


async def merge_pairs(ground: Ground, pairs: Sequence[tuple[Landing, Landing]]) -> list[Files]:
    """Merge pairs of landings; each answer leaves out what either has with the base alone."""
    asked = [(a.commit, b.commit) for a, b in pairs]
    merges = []
    for (a, b), outcome in zip(asked, await merge_trees(ground.place, asked), strict=True):
        if isinstance(outcome, CannotMerge):  # both merge with the base, so something is broken
            raise EnvironmentFault(f"git could not merge {a[:10]} and {b[:10]}: {outcome.reason}")
        merges.append(TrialMerge(a, b, outcome))
    known = [one.conflicted_paths | other.conflicted_paths for one, other in pairs]
    return await conflicted_files(ground.place, merges, without=known)


def candidate_pairs(sides: Sequence[Side], stacks: Stacks) -> list[tuple[int, int]]:
    """Return the index pairs that must be merged: they share paths, history or a hard case."""
    pairs = pairs_that_may_conflict([side.landing.touched for side in sides])
    pairs.update(stacks.shared)
    hard = {i for i, side in enumerate(sides) if side.landing.is_hard_to_compare}
    pairs.update((i, j) for i, j in combinations(range(len(sides)), 2) if i in hard or j in hard)
    refused = {i for i, side in enumerate(sides) if side.landing.refused}
    return sorted(pair for pair in pairs if not refused.intersection(pair))
