"""The recommended order of landings, and for each branch the reason for its place, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.merging.landing_set import landing_set
from core.merging.order import in_dependency_order

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence, Set

    from core.merging.order import Candidate, ConflictGraph


@dataclass(frozen=True, slots=True)
class Place:
    """One branch in the recommended order, and in plain words why it stands there."""

    task: str
    why: str


def recommended(graph: ConflictGraph) -> tuple[Place, ...]:
    """Return the order with the fewest conflicting landings, the cheapest to redo paying."""
    first = landing_set(graph)

    def key(task: str) -> tuple[bool, bool, int]:
        return task not in first, bool(graph.meets[task]), graph.arrival(task)

    order = in_dependency_order(sorted(graph.candidates, key=key), graph.needs)
    return tuple(Place(task, _why(task, order, first, graph)) for task in order)


def _why(task: str, order: Sequence[str], first: Set[str], graph: ConflictGraph) -> str:
    """Return the reason for the task's place, as a sentence part for a person."""
    if graph.candidates[task].hits_base:
        return "last: it conflicts with the base itself"
    needed = sorted(graph.needs[task], key=order.index)
    if task not in first:
        return _why_it_pays(task, needed, first, graph)
    if needed:
        return f"lands after {_names(needed)}, {_which(task, needed, graph)}"
    payers = sorted(graph.meets[task], key=order.index)
    if payers:
        return _why_it_is_first(task, payers, graph)
    return "nobody near it"


def _why_it_pays(task: str, needed: Sequence[str], first: Set[str], graph: ConflictGraph) -> str:
    missing = [other for other in needed if other not in first]
    if missing:
        return f"after {_names(missing)}, {_which(task, missing, graph)} and which conflicts"
    winners = sorted(graph.meets[task] & first, key=graph.arrival)
    if not winners:
        return f"after {_names(needed)}, {_which(task, needed, graph)}"
    reason = _cheaper(graph.candidates[task], graph.candidates[winners[0]])
    if len(winners) > 1 or reason is None:
        return f"after {_names(winners)}: so the fewest branches conflict"
    return f"after {winners[0]}: {reason}"


def _why_it_is_first(task: str, payers: Sequence[str], graph: ConflictGraph) -> str:
    one = graph.candidates[task]
    dearest = max((graph.candidates[other] for other in payers), key=lambda c: c.dearness)
    reason = _dearer(one, dearest)
    return f"before {_names(payers)}: {reason or 'so the fewest branches conflict'}"


_Reason = tuple["Callable[[Candidate], int]", str, str]
_REASONS: Final[tuple[_Reason, ...]] = (
    (
        lambda one: one.human,
        "a person's work is dearer to redo",
        "an agent's work is cheaper to redo than a person's",
    ),
    (
        lambda one: not one.running,
        "the other's agent is still at work",
        "its agent is still at work",
    ),
    (
        lambda one: one.size,
        "the bigger change is dearer to redo",
        "the smaller change is cheaper to redo",
    ),
    (lambda one: -one.rank, "its priority is higher", "its priority is lower"),
    (lambda one: -one.arrival, "it was ready first", "it was ready later"),
)


def _dearer(one: Candidate, other: Candidate) -> str | None:
    """Return why *one* is dearer to redo than *other*, or None when it is not."""
    for measure, dearer, _ in _REASONS:
        if measure(one) != measure(other):
            return dearer if measure(one) > measure(other) else None
    return None


def _cheaper(one: Candidate, other: Candidate) -> str | None:
    for measure, _, cheaper in _REASONS:
        if measure(one) != measure(other):
            return cheaper if measure(one) < measure(other) else None
    return None


def _which(task: str, needed: Sequence[str], graph: ConflictGraph) -> str:
    if set(needed) <= graph.built_on.get(task, frozenset()):
        return "which it is built on"
    return "which it depends on"


def _names(tasks: Sequence[str]) -> str:
    if len(tasks) == 1:
        return tasks[0]
    if len(tasks) > 3:
        return f"{', '.join(tasks[:3])} and {len(tasks) - 3} more"
    return f"{', '.join(tasks[:-1])} and {tasks[-1]}"
