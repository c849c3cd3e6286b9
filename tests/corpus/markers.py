"""How many conflicting stretches git marks in a merge's files, counted by their first lines."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from core.conflicts.verdicts import TrialMerge
from core.git.command import run_git
from core.git.merge_tree import parse_merges
from core.git.objects import read_blobs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.git.command import GitPlace

_LARGEST_BYTES: Final = 64 * 1024 * 1024


class Style(StrEnum):
    """git's ways to mark: `merge` splits finer and joins near ones, `diff3` does neither."""

    MERGE = "merge"
    DIFF3 = "diff3"


async def marker_counts(
    place: GitPlace, pair: tuple[str, str], paths: Iterable[str], style: Style
) -> dict[str, int]:
    """Return how many stretches git marks in each of *paths* when it merges *pair*."""
    ours, theirs = pair
    done = await run_git(
        place.with_config(("merge.conflictStyle", style)),
        "merge-tree", "--write-tree", "--stdin", stdin=f"{ours} {theirs}\n".encode(), ok=(0, 1),
    )  # fmt: skip
    (outcome,) = parse_merges(done.stdout)
    merge = TrialMerge(ours, theirs, outcome)
    raw = {merge.plain_path(path): path for path in outcome.paths}
    names = {path: f"{outcome.tree}:{raw.get(path, path)}" for path in paths}
    blobs = await read_blobs(place, list(names.values()), limit=_LARGEST_BYTES)
    first = f"<<<<<<< {ours}".encode()
    return {
        path: sum(line.startswith(first) for line in (blobs[name] or b"").split(b"\n"))
        for path, name in names.items()
    }
