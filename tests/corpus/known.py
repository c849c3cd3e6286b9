"""What is known of real merges and of real sets of open branches: the lines of two files.

Both are JSON, one record per line, of facts only: ids, paths, kinds, counts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class KnownMerge:
    """A merge of two commits and what git made of it.

    `kinds` are git's coarse words over all paths. `hunks` counts markers in git's "merge" style.
    """

    repo: str
    name: str
    ours: str
    theirs: str
    paths: tuple[str, ...]
    kinds: frozenset[str]
    hunks: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class KnownPair:
    """Two branches of a set, by index, that collide once each is on the base."""

    a: int
    b: int
    paths: tuple[str, ...]
    kinds: frozenset[str]
    hunks: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class KnownSet:
    """Branches that were open at the same time.

    Attributes:
        repo: `owner/name`.
        name: Which set.
        base: The commit that they would land on.
        tips: Their commits.
        on_base: For each branch the paths in which it conflicts with the base.
        pairs: Who collides with whom.
        arrival: Indices by arrival, without those that conflict with the base.
        fewest_steps: How many landings conflict at least, whatever the order; those that
            conflict with the base always do.
        most_landed: How many land when what conflicts is put aside, in the best order.
    """

    repo: str
    name: str
    base: str
    tips: tuple[str, ...]
    on_base: tuple[tuple[str, ...], ...]
    pairs: tuple[KnownPair, ...]
    arrival: tuple[int, ...]
    fewest_steps: int
    most_landed: int


def read_merges(file: Path) -> list[KnownMerge]:
    """Return the records of a file of merges."""
    return [
        KnownMerge(
            repo=raw["repo"],
            name=raw["merge"][:10],
            ours=raw["p1"],
            theirs=raw["p2"],
            paths=tuple(sorted(raw["paths"])) if raw["conflict"] else (),
            kinds=frozenset(raw["kinds"]) if raw["conflict"] else frozenset(),
            hunks=raw["hunks"] if raw["conflict"] else {},
        )
        for raw in _records(file)
    ]


def read_sets(file: Path) -> list[KnownSet]:
    """Return the records of a file of sets."""
    return [_set(raw) for raw in _records(file)]


def _set(raw: Mapping[str, Any]) -> KnownSet:
    exact = raw["orders"]["exact"]
    return KnownSet(
        repo=raw["repo"],
        name=raw["id"],
        base=raw["main"],
        tips=tuple(branch["tip"] for branch in raw["branches"]),
        on_base=tuple(tuple(sorted(b["conflicts_with_main"])) for b in raw["branches"]),
        pairs=tuple(
            KnownPair(
                pair["a"],
                pair["b"],
                tuple(sorted(pair["paths"])),
                frozenset(pair["kinds"]),
                pair["hunks"],
            )
            for pair in raw["conflicting_pairs"]
        ),
        arrival=tuple(raw["orders"]["arrival"]["order"]),
        fewest_steps=exact["steps_pairwise"] + len(raw["branches"]) - len(exact["order"]),
        most_landed=exact["landed_if_deferred"],
    )


def _records(file: Path) -> Iterator[Mapping[str, Any]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield json.loads(line)
