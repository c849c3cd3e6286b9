"""In which order branches should land, from who collides with whom; pure.

A landing conflicts if and only if an earlier one is its neighbour in the conflict graph, so the
fewest conflicting landings are N minus the largest set without an edge: that set first, the rest
after it. Which branches pay is then a choice, and the cheapest to redo pay.

Source:
    Measured on 27 real sets of open branches (docs/architecture.md, "Decisions"): exact is never
    worse than "fewest conflicts first" and up to 88 % of denser graphs have a better order than
    that one; beyond 25 branches counting anew after each pick is within 2 % of exact.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence, Set


@dataclass(frozen=True, slots=True)
class Candidate:
    """A branch to be ordered.

    Attributes:
        task: Its key.
        arrival: Place in the order of arrival; unique, ascending.
        human: Whether a person would have to redo the work.
        running: Whether its agent still works, so that redoing costs next to nothing.
        size: Changed lines against the base.
        rank: Rank of the task's priority, 0 the most urgent.
        hits_base: Whether it conflicts with the base itself, whatever lands before it.
    """

    task: str
    arrival: int
    human: bool = False
    running: bool = False
    size: int = 0
    rank: int = 2
    hits_base: bool = False

    @property
    def dearness(self) -> tuple[int, int, int, int]:
        """Return what sorts by cost of redoing, the cheapest first; never equal for two."""
        who = 2 if self.human else 0 if self.running else 1
        return who, self.size, -self.rank, -self.arrival


@dataclass(frozen=True, slots=True)
class ConflictGraph:
    """What the order is computed from.

    Attributes:
        candidates: Every branch, by task key.
        meets: For each task the tasks that it cannot merge with; symmetric.
        needs: For each task those that must land before it: declared dependencies and the
            branches it is built on. Tasks that are not candidates are left out.
        built_on: The part of `needs` whose commits the branch itself contains (stacked).
    """

    candidates: Mapping[str, Candidate]
    meets: Mapping[str, frozenset[str]] = field(default_factory=dict)
    needs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    built_on: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def build(
        cls,
        candidates: Iterable[Candidate],
        edges: Iterable[tuple[str, str]] = (),
        depends_on: Iterable[tuple[str, str]] = (),
        built_on: Iterable[tuple[str, str]] = (),
    ) -> ConflictGraph:
        """Return the graph of pairs that conflict and of (task, what it needs) pairs.

        A conflict between a branch and one that it is built on is no edge: they land in turn.
        """
        known = {candidate.task: candidate for candidate in candidates}
        stacked = _by_task(known, built_on)
        declared = _by_task(known, depends_on)
        meets: dict[str, set[str]] = {task: set() for task in known}
        for a, b in edges:
            if b not in stacked[a] and a not in stacked[b]:
                meets[a].add(b)
                meets[b].add(a)
        return cls(
            known,
            {task: frozenset(others) for task, others in meets.items()},
            {task: declared[task] | stacked[task] for task in known},
            stacked,
        )

    def arrival(self, task: str) -> int:
        """Return the task's place in the order of arrival."""
        return self.candidates[task].arrival


def arrival_order(graph: ConflictGraph) -> tuple[str, ...]:
    """Return the tasks as they became ready, dependencies first."""
    return in_dependency_order(sorted(graph.candidates, key=graph.arrival), graph.needs)


def fewest_conflicts_first(graph: ConflictGraph) -> tuple[str, ...]:
    """Return the tasks by their number of neighbours, dependencies first."""

    def key(task: str) -> tuple[int, int]:
        return len(graph.meets[task]), graph.arrival(task)

    return in_dependency_order(sorted(graph.candidates, key=key), graph.needs)


def in_dependency_order(order: Sequence[str], needs: Mapping[str, Set[str]]) -> tuple[str, ...]:
    """Return *order* with each task moved behind what it needs, else unchanged.

    In a cycle (a declared dependency against the way the branches are stacked) the first of the
    order goes first: the dry run then shows what comes of it.
    """
    done: list[str] = []
    waiting = list(order)
    while waiting:
        still = set(waiting)
        free = (task for task in waiting if not needs.get(task, frozenset()) & still)
        task = next(free, waiting[0])
        done.append(task)
        waiting.remove(task)
    return tuple(done)


def conflicting_steps(order: Iterable[str], graph: ConflictGraph) -> int:
    """Return how many landings of *order* the graph says will conflict."""
    seen: set[str] = set()
    count = 0
    for task in order:
        count += graph.candidates[task].hits_base or bool(graph.meets[task] & seen)
        seen.add(task)
    return count


def _by_task(known: Iterable[str], pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {task: set() for task in known}
    for task, needed in pairs:
        if needed in found and needed != task:
            found[task].add(needed)
    return {task: frozenset(others) for task, others in found.items()}
