"""One hunk as two columns of lines that stand level, with common context around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.domain.conflict import FileSides
from gui.theme.tokens import Tone
from gui.widgets.code_view import CodeLine

CONTEXT: Final = 4
TINT: Final = Tone.OK
FILLER: Final = CodeLine("", None, Tone.NEUTRAL)
"""Stands where one side has fewer lines, so that what follows is level again."""
WHOLE_LIMIT: Final = 2000
"""Lines shown of a file that has no hunks."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Both sides, line by line; None where a side has no such file or no text."""

    a: tuple[CodeLine, ...] | None
    b: tuple[CodeLine, ...] | None


def columns_of(sides: FileSides, index: int) -> Columns:
    """Return the hunk *index* of a file, or both whole sides when it has no hunks."""
    if not sides.hunks or sides.a is None or sides.b is None:
        return Columns(_whole(sides.a), _whole(sides.b))
    hunk = sides.hunks[index]
    a_lines, b_lines = split(sides.a), split(sides.b)
    a_start, b_start = hunk.place.a[0], hunk.place.b[0]
    before = min(CONTEXT, a_start - 1, b_start - 1)
    a = [*_context(a_lines, a_start - before, before), *_changed(hunk.a_lines, a_start)]
    b = [*_context(b_lines, b_start - before, before), *_changed(hunk.b_lines, b_start)]
    level = max(len(a), len(b))
    a += [FILLER] * (level - len(a))
    b += [FILLER] * (level - len(b))
    a += _context(a_lines, a_start + len(hunk.a_lines), CONTEXT)
    b += _context(b_lines, b_start + len(hunk.b_lines), CONTEXT)
    return Columns(tuple(a), tuple(b))


def split(text: str) -> list[str]:
    """Return the lines of a file; a line end at its end begins no further line."""
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def _whole(text: str | None) -> tuple[CodeLine, ...] | None:
    if text is None:
        return None
    return tuple(_context(split(text)[:WHOLE_LIMIT], 1, WHOLE_LIMIT))


def _context(lines: Sequence[str], first: int, count: int) -> list[CodeLine]:
    stretch = lines[first - 1 : first - 1 + count]
    return [CodeLine(text, number) for number, text in enumerate(stretch, start=first)]


def _changed(lines: Sequence[str], first: int) -> list[CodeLine]:
    return [CodeLine(text, number, TINT) for number, text in enumerate(lines, start=first)]
