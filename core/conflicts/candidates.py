"""Which pairs of branches can conflict at all: a filter that may keep too many, never too few.

Two branches whose common ancestor is the base can only conflict where both change one path to
different things, where a file of one is a folder of the other, or where one empties a folder that
the other adds to (git takes that for a renamed folder). Two branches that both delete one path
count as well: one of them may have renamed it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from core.git.diff import Change

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Touched:
    """What a branch changes.

    Attributes:
        changes: Path → (git's status letter, new mode, new object id).
        emptied: Folders that the base has and that have nothing left in them.
    """

    changes: Mapping[str, tuple[str, str, str]]
    emptied: frozenset[str] = frozenset()

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the paths, sorted."""
        return tuple(sorted(self.changes))


def changes_by_path(changes: Iterable[Change]) -> dict[str, tuple[str, str, str]]:
    """Return the part of a diff that the filter needs."""
    return {change.path: (change.status, change.new_mode, change.new_oid) for change in changes}


def folders_of(path: str) -> Iterator[str]:
    """Yield every folder that contains *path*, the innermost first."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def folders_with_deletions(changes: Mapping[str, tuple[str, str, str]]) -> set[str]:
    """Return the folders that a branch may have emptied."""
    gone = (path for path, (status, _, _) in changes.items() if status == "D")
    return {folder for path in gone for folder in folders_of(path)}


def pairs_that_may_conflict(touched: Sequence[Touched]) -> set[Pair]:
    """Return the index pairs (low, high) that must be merged to know."""
    by_path: dict[str, list[int]] = {}
    for index, branch in enumerate(touched):
        for path in branch.changes:
            by_path.setdefault(path, []).append(index)
    return {
        *_different_contents(touched, by_path),
        *_file_and_folder(touched, by_path),
        *_emptied_and_filled(touched),
    }


def _different_contents(
    touched: Sequence[Touched], by_path: Mapping[str, list[int]]
) -> Iterator[Pair]:
    for path, branches in by_path.items():
        for low, high in combinations(branches, 2):
            one, other = touched[low].changes[path], touched[high].changes[path]
            if one[1:] != other[1:] or one[0] == "D":
                yield low, high


def _file_and_folder(
    touched: Sequence[Touched], by_path: Mapping[str, list[int]]
) -> Iterator[Pair]:
    for index, branch in enumerate(touched):
        folders = {folder for path in branch.changes for folder in folders_of(path)}
        for folder in folders:
            for other in by_path.get(folder, ()):
                if other != index:
                    yield min(index, other), max(index, other)


def _emptied_and_filled(touched: Sequence[Touched]) -> Iterator[Pair]:
    by_folder: dict[str, list[int]] = {}
    for index, branch in enumerate(touched):
        for folder in branch.emptied:
            by_folder.setdefault(folder, []).append(index)
    if not by_folder:
        return
    for index, branch in enumerate(touched):
        added = (path for path, (status, _, _) in branch.changes.items() if status == "A")
        filled = {folder for path in added for folder in folders_of(path)}
        for folder in filled & by_folder.keys():
            for other in by_folder[folder]:
                if other != index:
                    yield min(index, other), max(index, other)
