"""How much work hangs on a task: the longest chain of tasks that wait for it; pure."""

from __future__ import annotations

from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping
    from typing import TypeVar

    K = TypeVar("K", bound=Hashable)


def chains(
    minutes: Mapping[K, int], needs: Iterable[tuple[K, K]]
) -> tuple[dict[K, int], frozenset[K]]:
    """Return for each task the minutes from its start to the end of what waits for it.

    Args:
        minutes: Length of each task that is not done.
        needs: Pairs (task, what it waits for); pairs with an unknown task are passed over.

    Returns:
        The longest chain from each task on, the task itself included; and the tasks that wait
        for themselves in a circle, whose chain is their own length alone.
    """
    before: dict[K, set[K]] = {key: set() for key in minutes}
    for task, needed in needs:
        if task in before and needed in before:
            before[task].add(needed)
    order, circle = _in_order(before)
    behind: defaultdict[K, list[K]] = defaultdict(list)
    for task, needed_by in before.items():
        for needed in needed_by:
            behind[needed].append(task)
    found = {key: minutes[key] for key in circle}
    for key in reversed(order):
        found[key] = minutes[key] + max((found[later] for later in behind[key]), default=0)
    return found, frozenset(circle)


def _in_order(before: dict[K, set[K]]) -> tuple[list[K], set[K]]:
    """Return the tasks in an order that respects *before*, and those in circles, taken out."""
    circle: set[K] = set()
    while True:
        try:
            return list(TopologicalSorter(before).static_order()), circle
        except CycleError as error:
            around = set(error.args[1])
            circle |= around
            for key in around:
                before.pop(key, None)
            for needed in before.values():
                needed -= around
