"""Conflicting stretches: parse git's diff3 markers, and find each stretch in each side's own file.

git writes the markers into the result's file. Between two stretches stands the merged text, so
the line numbers of the sides are not told; they are found by looking for the stretch together
with the lines around it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.domain.conflict import Hunk, HunkText

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MIN_MARKER: Final = 7
_CONTEXT_LINES: Final = 20
"""How many lines around a stretch are compared to tell equal places apart."""


@dataclass(frozen=True, slots=True)
class MarkedHunk:
    """A stretch between markers; `first` and `last` are 0-based lines of the marked file."""

    first: int
    last: int
    ours: tuple[bytes, ...]
    base: tuple[bytes, ...]
    theirs: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class MarkedFile:
    """A file with conflict markers, as lines without line ends, and its stretches in order."""

    lines: tuple[bytes, ...]
    hunks: tuple[MarkedHunk, ...]


def split_lines(content: bytes) -> list[bytes]:
    """Return the lines of a file without their ends; carriage returns stay."""
    lines = content.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    return lines


def parse_marked(content: bytes, ours: str, theirs: str) -> MarkedFile:
    """Parse a merge result written with `merge.conflictStyle=diff3`.

    Args:
        content: The marked file.
        ours: The label that git was given for our side, a commit id; so text that looks like a
            marker is not taken for one.
        theirs: The label of the other side.
    """
    lines = split_lines(content)
    labels = ours.encode(), theirs.encode()
    return MarkedFile(tuple(lines), tuple(_marked_hunks(lines, *labels)))


def _marked_hunks(lines: list[bytes], ours: bytes, theirs: bytes) -> Iterator[MarkedHunk]:
    at = 0
    while at < len(lines):
        size = _marker_size(lines[at], b"<", ours)
        end = _find_end(lines, at, size, theirs) if size else None
        if end is None:
            at += 1
            continue
        yield _cut(lines, at, end, size)
        at = end + 1


def _marker_size(line: bytes, sign: bytes, label: bytes) -> int:
    """Return the length of a labelled marker, or 0 if the line is none."""
    size = len(line) - len(line.lstrip(sign))
    rest = line[size:].rstrip(b"\r")
    named = rest == b" " + label or rest.startswith(b" " + label + b":")
    return size if size >= _MIN_MARKER and named else 0


def _find_end(lines: list[bytes], start: int, size: int, theirs: bytes) -> int | None:
    for at in range(start + 1, len(lines)):
        if _marker_size(lines[at], b">", theirs) == size:
            return at
    return None


def _cut(lines: list[bytes], start: int, end: int, size: int) -> MarkedHunk:
    """Cut a stretch at its inner markers.

    Lines of seven `=` may stand in the text too (headings). They are told from the marker by
    taking the middle one of all: as a rule base and theirs hold as many of them.
    """
    bar = next((n for n in range(start, end) if _is_base_marker(lines[n], size)), None)
    equals = [n for n in range(bar or start, end) if lines[n].rstrip(b"\r") == b"=" * size]
    middle = equals[len(equals) // 2] if equals else end
    return MarkedHunk(
        first=start,
        last=end,
        ours=tuple(lines[start + 1 : middle if bar is None else bar]),
        base=() if bar is None else tuple(lines[bar + 1 : middle]),
        theirs=tuple(lines[middle + 1 : end]),
    )


def _is_base_marker(line: bytes, size: int) -> bool:
    mark = b"|" * size
    return line.startswith(mark) and line[size : size + 1] in (b" ", b"", b"\r")


def locate(marked: MarkedFile, ours: bytes, theirs: bytes, base: bytes | None) -> tuple[Hunk, ...]:
    """Return where each stretch stands in our file, in theirs, and in the base's if there is one.

    An empty stretch is placed between the lines that surround it.
    """
    a = _places(marked, split_lines(ours), [hunk.ours for hunk in marked.hunks])
    b = _places(marked, split_lines(theirs), [hunk.theirs for hunk in marked.hunks])
    if base is None:
        return tuple(Hunk(*pair) for pair in zip(a, b, strict=True))
    c = _places(marked, split_lines(base), [hunk.base for hunk in marked.hunks])
    return tuple(Hunk(*triple) for triple in zip(a, b, c, strict=True))


def _places(
    marked: MarkedFile, side: list[bytes], wanted: Sequence[tuple[bytes, ...]]
) -> list[tuple[int, int]]:
    """Return the 1-based (first line, count) of each stretch in one side, searched in order."""
    places = []
    start = 0
    for number, stretch in enumerate(wanted):
        at = _best_place(side, start, stretch, _surroundings(marked, number))
        places.append((at + 1, len(stretch)))
        start = at + len(stretch)
    return places


def _surroundings(marked: MarkedFile, number: int) -> tuple[list[bytes | None], list[bytes | None]]:
    """Return the merged lines around a stretch, nearest first; None is the end of the file."""
    hunks, lines = marked.hunks, marked.lines
    hunk = hunks[number]
    floor = hunks[number - 1].last + 1 if number else -1
    roof = hunks[number + 1].first if number + 1 < len(hunks) else len(lines) + 1
    lowest = max(floor, hunk.first - _CONTEXT_LINES)
    highest = min(roof, hunk.last + 1 + _CONTEXT_LINES)
    before = [_line(lines, at) for at in range(hunk.first - 1, lowest - 1, -1)]
    after = [_line(lines, at) for at in range(hunk.last + 1, highest)]
    return before, after


def _line(lines: Sequence[bytes], at: int) -> bytes | None:
    return lines[at] if 0 <= at < len(lines) else None


def _best_place(
    side: list[bytes],
    start: int,
    stretch: tuple[bytes, ...],
    around: tuple[list[bytes | None], list[bytes | None]],
) -> int:
    """Return the place of *stretch* whose surroundings agree best, the first of equals."""
    count = len(stretch)
    before, after = around
    best, best_score = min(start, len(side)), -1
    for at in range(start, len(side) - count + 1):
        if count and (side[at] != stretch[0] or tuple(side[at : at + count]) != stretch):
            continue
        score = _agreement(side, at - 1, -1, before) + _agreement(side, at + count, 1, after)
        if score > best_score:
            best, best_score = at, score
        if score == len(before) + len(after):
            break
    return best


def _agreement(side: list[bytes], at: int, step: int, wanted: list[bytes | None]) -> int:
    """Return how many lines agree, from the nearest on until the first that does not."""
    for count, line in enumerate(wanted):
        if _line(side, at + step * count) != line:
            return count
    return len(wanted)


def hunk_texts(marked: MarkedFile, places: Sequence[Hunk]) -> tuple[HunkText, ...]:
    """Return the text of each stretch with its place."""
    return tuple(
        HunkText(place, _decoded(hunk.ours), _decoded(hunk.theirs), _decoded(hunk.base))
        for hunk, place in zip(marked.hunks, places, strict=True)
    )


def _decoded(lines: Sequence[bytes]) -> tuple[str, ...]:
    return tuple(line.decode("utf-8", "replace").rstrip("\r") for line in lines)
