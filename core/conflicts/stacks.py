"""Which branches are built on which: read from the commits that the base has not."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from core.git.commits import unlanded_parents

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.git.command import GitPlace


@dataclass(frozen=True, slots=True)
class Stacks:
    """How branches share history that has not landed.

    Attributes:
        below: For each branch the indices of those whose head it contains. Branches at one and
            the same commit do not stand on each other.
        shared: Index pairs (low, high) that have an unlanded commit in common.
    """

    below: tuple[tuple[int, ...], ...]
    shared: tuple[tuple[int, int], ...]


async def find_stacks(place: GitPlace, heads: Sequence[str], *, base: str) -> Stacks:
    """Return how branches with these heads share unlanded history; one process."""
    if not heads:
        return Stacks((), ())
    parents = await unlanded_parents(place, heads, base=base)
    return stacks_of(heads, parents)


def stacks_of(heads: Sequence[str], parents: Mapping[str, Sequence[str]]) -> Stacks:
    """Work out the stacks; *parents* holds every unlanded commit with its parents."""
    unlanded = [reachable(head, parents) for head in heads]
    below = tuple(
        tuple(i for i, other in enumerate(heads) if other != head and other in unlanded[j])
        for j, head in enumerate(heads)
    )
    shared = tuple(
        (i, j) for i, j in combinations(range(len(heads)), 2) if unlanded[i] & unlanded[j]
    )
    return Stacks(below, shared)


def reachable(head: str, parents: Mapping[str, Sequence[str]]) -> set[str]:
    """Return those commits of *parents* that *head* holds, itself among them."""
    seen: set[str] = set()
    left = [head]
    while left:
        commit = left.pop()
        if commit in parents and commit not in seen:
            seen.add(commit)
            left.extend(parents[commit])
    return seen
