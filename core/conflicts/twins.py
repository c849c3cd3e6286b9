"""Two names that differ in case alone: to git two files, to Windows and macOS one.

git merges them without a word; a checkout on such a system then holds one of the two and shows
the other as changed. So they are told as a conflict where the repository ignores case
(`core.ignorecase`, which git sets when it makes a repository on such a system).
"""

from __future__ import annotations

import asyncio
from itertools import combinations
from typing import TYPE_CHECKING, Final

from core.domain.conflict import ConflictedFile
from core.git.history import file_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.conflicts.candidates import Touched
    from core.conflicts.landing import Ground
    from core.conflicts.verdicts import Files
    from core.git.quarantine import Quarantine

TWINS: Final = "case-only twins"
"""The kind, beside git's own words."""


def folded(path: str) -> str:
    """Return what a system that ignores case makes of *path*."""
    return path.casefold()


async def twins_on_base(ground: Ground, touched: Iterable[Touched]) -> list[Files]:
    """Return for each branch what it adds that the base, or itself, has in other letters."""
    names = await file_names(ground.place, ground.base)
    of_base: dict[str, list[str]] = {}
    for name in names:
        of_base.setdefault(folded(name), []).append(name)
    return [_twins_of_one(of_base, one) for one in touched]


def _twins_of_one(of_base: Mapping[str, Sequence[str]], touched: Touched) -> Files:
    gone = {path for path, (status, _, _) in touched.changes.items() if status == "D"}
    spelled: dict[str, set[str]] = {}
    for path in _added(touched):
        stay = (name for name in of_base.get(folded(path), ()) if name not in gone)
        spelled.setdefault(folded(path), set()).update((path, *stay))
    return _files(path for paths in spelled.values() if len(paths) > 1 for path in paths)


def twins_of_pairs(touched: Sequence[Touched]) -> dict[tuple[int, int], Files]:
    """Return by index pair (low, high) what two branches add under names that are twins."""
    adders: dict[str, list[tuple[int, str]]] = {}
    for index, branch in enumerate(touched):
        for path in _added(branch):
            adders.setdefault(folded(path), []).append((index, path))
    found: dict[tuple[int, int], set[str]] = {}
    for group in adders.values():
        for (i, one), (j, other) in combinations(group, 2):
            if i != j and one != other:
                found.setdefault((min(i, j), max(i, j)), set()).update((one, other))
    return {pair: _files(paths) for pair, paths in found.items()}


async def new_twins(held: Quarantine, before: str, after: str) -> tuple[str, ...]:
    """Return the names in tree *after* that are twins there, and were not yet in tree *before*.

    Empty where the repository tells `README` from `readme`.
    """
    if not held.ignores_case or before == after:
        return ()
    known, names = await asyncio.gather(
        file_names(held.place, before), file_names(held.place, after)
    )
    spelled: dict[str, list[str]] = {}
    for name in names:
        spelled.setdefault(folded(name), []).append(name)
    new = (group for group in spelled.values() if len(group) > 1 and not known.issuperset(group))
    return tuple(sorted(name for group in new for name in group))


def _added(touched: Touched) -> list[str]:
    return [path for path, (status, _, _) in touched.changes.items() if status == "A"]


def _files(paths: Iterable[str]) -> Files:
    return tuple(ConflictedFile(path, TWINS) for path in sorted(paths))
