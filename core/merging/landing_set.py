"""Which branches can land together: the heaviest independent set of the conflict graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Set

    from core.merging.order import ConflictGraph

EXACT_UP_TO: Final = 25


def landing_set(graph: ConflictGraph) -> frozenset[str]:
    """Return the tasks that shall land without a conflict: no two of them meet.

    It holds whatever its members need. Up to 25 branches no larger one exists, and among those
    of its size it keeps the dearest to redo.
    """
    if len(graph.candidates) <= EXACT_UP_TO:
        return _exact_set(graph)
    return _greedy_set(graph)


def _exact_set(graph: ConflictGraph) -> frozenset[str]:
    by_dearness = sorted(graph.candidates, key=lambda task: graph.candidates[task].dearness)
    number = {task: index for index, task in enumerate(by_dearness)}
    count = len(by_dearness)
    # One more branch landed outweighs everything; among sets of one size the dearest branch
    # decides, then the next dearest: powers of two make that order a plain sum.
    weights = [(1 << (count + 1)) + (1 << index) for index in range(count)]
    meets = [_mask(graph.meets[task], number) for task in by_dearness]
    above = [_mask(_closure(task, graph.needs), number) for task in by_dearness]
    below = [
        sum(1 << other for other in range(count) if above[other] >> index & 1)
        for index in range(count)
    ]
    free = (1 << count) - 1
    for index, task in enumerate(by_dearness):
        if graph.candidates[task].hits_base:
            free &= ~(1 << index | below[index])
    chosen = _Search(weights, meets, above, below).run(free)
    return frozenset(task for task in by_dearness if chosen >> number[task] & 1)


class _Search:
    """Branch and bound for the heaviest independent set that holds what its members need.

    Sets are bit masks. Taking a branch takes all it needs; leaving one leaves all that need it.
    """

    def __init__(
        self, weights: list[int], meets: list[int], above: list[int], below: list[int]
    ) -> None:
        self._weights = weights
        self._meets = meets
        self._above = above
        self._below = below
        self._best = 0
        self._best_weight = 0

    def run(self, free: int) -> int:
        """Return the best set within *free*."""
        self._explore(free, 0, 0, self._weigh(free))
        return self._best

    def _explore(self, free: int, taken: int, weight: int, possible: int) -> None:
        """Try every set between *taken* and *taken* | *free* that could still be better."""
        if weight + possible <= self._best_weight:
            return
        pivot = self._most_entangled(free)
        if pivot is None:
            self._best, self._best_weight = taken | free, weight + possible
            return
        with_it = (1 << pivot | self._above[pivot]) & free
        barred = self._barred_by(with_it)
        if not barred & (with_it | taken):
            rest = free & ~with_it & ~barred
            self._explore(rest, taken | with_it, weight + self._weigh(with_it), self._weigh(rest))
        rest = free & ~(1 << pivot | self._below[pivot])
        self._explore(rest, taken, weight, self._weigh(rest))

    def _most_entangled(self, free: int) -> int | None:
        """Return the branch with the most neighbours left, or None when no edge is left."""
        best, most = None, 0
        for index in _bits(free):
            degree = (self._meets[index] & free).bit_count()
            if degree > most:
                best, most = index, degree
        return best

    def _barred_by(self, taken: int) -> int:
        """Return the neighbours of *taken* and all that need one of those."""
        barred = 0
        for index in _bits(taken):
            for neighbour in _bits(self._meets[index]):
                barred |= 1 << neighbour | self._below[neighbour]
        return barred

    def _weigh(self, mask: int) -> int:
        return sum(self._weights[index] for index in _bits(mask))


def _greedy_set(graph: ConflictGraph) -> frozenset[str]:
    """Pick the branch with the fewest neighbours that can still land, again and again."""
    doomed = {task for task, one in graph.candidates.items() if one.hits_base}
    waiting = set(graph.candidates) - doomed
    landed: set[str] = set()

    def cost(task: str) -> tuple[int, tuple[int, ...]]:
        dearest_first = tuple(-part for part in graph.candidates[task].dearness)
        return len(graph.meets[task] & waiting), dearest_first

    while waiting:
        ready = [task for task in waiting if graph.needs[task] <= landed]
        if not ready:  # what they need will not land
            break
        task = min(ready, key=cost)
        landed.add(task)
        waiting -= {task} | graph.meets[task]
    return frozenset(landed)


def _closure(task: str, needs: Mapping[str, Set[str]]) -> frozenset[str]:
    found: set[str] = set()
    open_ends = [task]
    while open_ends:
        new = needs.get(open_ends.pop(), frozenset()) - found
        found |= new
        open_ends.extend(new)
    return frozenset(found - {task})


def _mask(tasks: Iterable[str], number: Mapping[str, int]) -> int:
    return sum(1 << number[task] for task in tasks)


def _bits(mask: int) -> Iterable[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
