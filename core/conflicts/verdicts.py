"""From git's answer to what a person reads: the conflicted files, their kind, their hunks."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from core.conflicts.hunks import MarkedFile, locate, parse_marked
from core.domain.conflict import ConflictedFile, Hunk
from core.git.merge_tree import MergeOutcome, Stage
from core.git.objects import read_blobs

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from core.git.command import GitPlace

LARGEST_TEXT_BYTES: Final = 2 * 1024 * 1024
"""Hunks of a larger file are not looked for; it counts as one."""
_COARSE: Final = "contents"
_SNIFFED_BYTES: Final = 8000
_LABELLED: Final = re.compile(r"(.*)~(?:[0-9a-f]{40}|[0-9a-f]{64})(?:_\d+)?\Z", re.DOTALL)


Files = tuple[ConflictedFile, ...]
"""The conflicted files of one merge, by path."""
_Texts = Mapping[str, bytes | None]
"""Marked results by `<tree>:<path>`, sides by object id."""


@dataclass(frozen=True, slots=True)
class TrialMerge:
    """A merge with the commits that were merged, whose ids label its markers."""

    ours: str
    theirs: str
    outcome: MergeOutcome


def plain_path(path: str) -> str:
    """Return the path as people know it.

    Where a file is in the way of a folder, git moves it aside to `<path>~<label>`; the label is
    the commit id that it was given.
    """
    moved = _LABELLED.match(path)
    return moved[1] if moved else path


def kind_of(outcome: MergeOutcome, path: str) -> str:
    """Return git's word for the conflict at *path*, the most telling one of several."""
    kinds = [
        message.kind
        for message in outcome.messages
        if message.kind and any(plain_path(named) == path for named in message.paths)
    ]
    telling = [kind for kind in kinds if kind != _COARSE]
    return (telling or kinds or [_COARSE])[0]


def is_text(content: bytes) -> bool:
    """Whether git would take *content* for text: no NUL in its first 8,000 bytes."""
    return b"\0" not in content[:_SNIFFED_BYTES]


async def conflicted_files(
    place: GitPlace,
    merges: Sequence[TrialMerge],
    *,
    without: Sequence[Collection[str]] | None = None,
) -> list[Files]:
    """Return the conflicted files of each merge, sorted by path; two processes for all.

    Args:
        place: Where the merges were made.
        merges: The merges; clean ones give nothing.
        without: For each merge the paths to leave out.
    """
    left_out = without or [()] * len(merges)
    wanted = [
        {plain_path(path): path for path in merge.outcome.paths if plain_path(path) not in skip}
        for merge, skip in zip(merges, left_out, strict=True)
    ]
    texts = await _read_texts(place, merges, wanted)
    return await asyncio.to_thread(_describe_all, merges, wanted, texts)


async def _read_texts(
    place: GitPlace, merges: Sequence[TrialMerge], wanted: Sequence[Mapping[str, str]]
) -> _Texts:
    """Read every file that may hold markers, with its sides."""
    names: list[str] = []
    for merge, paths in zip(merges, wanted, strict=True):
        for path in paths.values():
            entries = merge.outcome.sides(path)
            if {Stage.OURS, Stage.THEIRS} <= entries.keys():
                names.append(f"{merge.outcome.tree}:{path}")
                names += [e.oid for e in entries.values() if e.mode.startswith("100")]
    return await read_blobs(place, names, limit=LARGEST_TEXT_BYTES)


def _describe_all(
    merges: Sequence[TrialMerge], wanted: Sequence[Mapping[str, str]], texts: _Texts
) -> list[Files]:
    return [
        tuple(
            ConflictedFile(path, kind_of(merge.outcome, path), _hunks(merge, raw, texts))
            for path, raw in sorted(paths.items())
        )
        for merge, paths in zip(merges, wanted, strict=True)
    ]


def _hunks(merge: TrialMerge, path: str, texts: _Texts) -> tuple[Hunk, ...]:
    result = texts.get(f"{merge.outcome.tree}:{path}")
    sides = {stage: texts.get(e.oid) for stage, e in merge.outcome.sides(path).items()}
    ours, theirs = sides.get(Stage.OURS), sides.get(Stage.THEIRS)
    if result is None or ours is None or theirs is None:
        return ()
    if not (is_text(result) and is_text(ours) and is_text(theirs)):
        return ()
    marked: MarkedFile = parse_marked(result, merge.ours, merge.theirs)
    return locate(marked, ours, theirs, sides.get(Stage.BASE))


def swapped(files: Files) -> Files:
    """Return the same conflicts seen from the other side: a and b change places."""
    return tuple(
        replace(file, hunks=tuple(Hunk(hunk.b, hunk.a, hunk.base) for hunk in file.hunks))
        for file in files
    )
