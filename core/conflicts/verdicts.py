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
_LABELLED: Final = re.compile(r"(.*)~([0-9a-f]{40}|[0-9a-f]{64})(?:_\d+)?\Z", re.DOTALL)


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

    def plain_path(self, path: str) -> str:
        """Return one of the outcome's paths as people know it."""
        return plain_path(path, (self.ours, self.theirs))

    def words(self) -> dict[str, tuple[str, ...]]:
        """Return path → git's words for its conflict, the most telling one first."""
        return words_of(self.outcome, (self.ours, self.theirs))

    def kind(self, path: str) -> str:
        """Return git's most telling word for the conflict at *path*."""
        return self.words().get(path, (_COARSE,))[0]


def plain_path(path: str, labels: Collection[str] = ()) -> str:
    """Return a path of a merge as people know it.

    Where a file is in the way of a folder, git moves it aside to `<path>~<label>`; the label is
    the commit id that it was given.

    Args:
        path: As git names it.
        labels: The two ids; without them whatever looks like an id is taken for one.
    """
    moved = _LABELLED.match(path)
    return moved[1] if moved and (not labels or moved[2] in labels) else path


def kinds_of(outcome: MergeOutcome, labels: Collection[str] = ()) -> dict[str, str]:
    """Return path → git's word for its conflict, the most telling one of several."""
    return {path: words[0] for path, words in words_of(outcome, labels).items()}


def words_of(outcome: MergeOutcome, labels: Collection[str] = ()) -> dict[str, tuple[str, ...]]:
    """Return path → git's words for its conflict, each once; the coarse `contents` comes last."""
    found: dict[str, dict[str, None]] = {}
    for message in outcome.messages:
        if message.kind:
            for path in message.paths:
                found.setdefault(plain_path(path, labels), {})[message.kind] = None
    return {
        path: tuple(sorted(words, key=lambda word: word == _COARSE))
        for path, words in found.items()
    }


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
        {
            plain: path
            for path in merge.outcome.paths
            if (plain := merge.plain_path(path)) not in skip
        }
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
        by_path = merge.outcome.by_path()
        for path in paths.values():
            entries = by_path.get(path, {})
            if {Stage.OURS, Stage.THEIRS} <= entries.keys():
                names.append(f"{merge.outcome.tree}:{path}")
                names += [e.oid for e in entries.values() if e.mode.startswith("100")]
    return await read_blobs(place, names, limit=LARGEST_TEXT_BYTES)


def _describe_all(
    merges: Sequence[TrialMerge], wanted: Sequence[Mapping[str, str]], texts: _Texts
) -> list[Files]:
    return [_describe(merge, paths, texts) for merge, paths in zip(merges, wanted, strict=True)]


def _describe(merge: TrialMerge, paths: Mapping[str, str], texts: _Texts) -> Files:
    words, by_path = merge.words(), merge.outcome.by_path()
    found = []
    for path, raw in sorted(paths.items()):
        sides = {stage: texts.get(e.oid) for stage, e in by_path.get(raw, {}).items()}
        marked = texts.get(f"{merge.outcome.tree}:{raw}")
        hunks = _hunks(merge, marked, sides)
        kind, *also = words.get(path, (_COARSE,))
        found.append(ConflictedFile(path, kind, hunks, tuple(also)))
    return tuple(found)


def _hunks(
    merge: TrialMerge, result: bytes | None, sides: Mapping[Stage, bytes | None]
) -> tuple[Hunk, ...]:
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
