"""Where tasks stand when they are drawn by what waits for what: layers from left to right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_SWEEPS: Final = 4
"""Passes that bring a task near its neighbours; more change little."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Tasks in layers, and what waits for what.

    Attributes:
        layers: Keys by layer, from those that need nothing; in each from top to bottom.
        edges: (needed, waiting) pairs, all of them between keys of the layers.
    """

    layers: tuple[tuple[str, ...], ...]
    edges: tuple[tuple[str, str], ...]

    def relatives(self, key: str) -> frozenset[str]:
        """Return *key*, all that it needs and all that waits for it, near or far."""
        return frozenset((key, *_reached(key, self._turned()), *_reached(key, self._straight())))

    def _straight(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for needed, waiting in self.edges:
            found.setdefault(needed, []).append(waiting)
        return found

    def _turned(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for needed, waiting in self.edges:
            found.setdefault(waiting, []).append(needed)
        return found


def layered(needs: Mapping[str, Sequence[str]]) -> Graph:
    """Return the layers of tasks that *needs* connects; each key's needs must be its keys too.

    A task stands right of all that it needs. Tasks without any connection are left out. What is
    in a cycle (the engine allows none) stands as if the edge that closes it were not there.
    """
    edges = tuple((need, key) for key, wanted in needs.items() for need in wanted if need in needs)
    connected = {key for edge in edges for key in edge}
    depth = _depths({key: [n for n in needs[key] if n in connected] for key in connected})
    rows: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for key in needs:  # the board's own order decides where nothing else does
        if key in connected:
            rows[depth[key]].append(key)
    _untangle(rows, edges)
    return Graph(tuple(map(tuple, rows)), edges)


def _depths(needs: Mapping[str, Sequence[str]]) -> dict[str, int]:
    depth: dict[str, int] = {}
    for start in needs:
        path: list[str] = [start]
        while path:
            key = path[-1]
            open_needs = [n for n in needs[key] if n not in depth and n not in path]
            if open_needs and key not in depth:
                path.append(open_needs[0])
                continue
            known = [depth[n] for n in needs[key] if n in depth]
            depth[key] = 1 + max(known, default=-1)
            path.pop()
    return depth


def _untangle(rows: list[list[str]], edges: Iterable[tuple[str, str]]) -> None:
    """Order each layer by the mean place of its neighbours, forth and back."""
    left: dict[str, list[str]] = {}
    right: dict[str, list[str]] = {}
    for needed, waiting in edges:
        left.setdefault(waiting, []).append(needed)
        right.setdefault(needed, []).append(waiting)
    for sweep in range(_SWEEPS):
        forth = sweep % 2 == 0
        near = left if forth else right
        for row in rows if forth else reversed(rows):
            place = _places(rows)
            row.sort(key=lambda key: _mean([place[n] for n in near.get(key, ())], place[key]))


def _places(rows: Sequence[Sequence[str]]) -> dict[str, float]:
    """Return each key's place in its layer, from 0 on top to 1."""
    return {key: (number + 0.5) / len(row) for row in rows for number, key in enumerate(row)}


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _reached(key: str, ways: Mapping[str, Sequence[str]]) -> set[str]:
    found: set[str] = set()
    ahead = [key]
    while ahead:
        for other in ways.get(ahead.pop(), ()):
            if other not in found:
                found.add(other)
                ahead.append(other)
    return found
