"""Lines and words of one place to decide, with the file around it when it is known."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from core.domain.resolution import Take
from gui.conflicts.hunk_lines import FILLER, TINT, Columns, columns_of
from gui.conflicts.words import KINDS, hunk_words
from gui.theme.tokens import Tone
from gui.widgets.code_view import CodeLine

if TYPE_CHECKING:
    from core.domain.conflict import FileSides, HunkText
    from core.domain.resolution import Decision
    from gui.conflicts.resolution import Place, Resolution

_KEPT: Final = MappingProxyType(
    {
        Take.LEFT: (Tone.OK, Tone.NEUTRAL),
        Take.RIGHT: (Tone.NEUTRAL, Tone.OK),
        Take.BOTH: (Tone.OK, Tone.OK),
        Take.OWN: (Tone.NEUTRAL, Tone.NEUTRAL),
    }
)


def columns_at(resolution: Resolution, place: Place, sides: FileSides | None) -> Columns:
    """Return both versions of a place; what is taken is green, what is dropped grey."""
    hunk = resolution.hunk(place)
    if hunk is None:
        return (
            columns_of(sides, 0) if sides is not None and not sides.hunks else Columns(None, None)
        )
    at = _same_hunk(sides, hunk)
    shown = _alone(hunk) if sides is None or at is None else columns_of(sides, at)
    return _tinted(shown, resolution.decision(place))


def place_words(resolution: Resolution, place: Place, sides: FileSides | None) -> str:
    """Return which place it is and what happened there."""
    file, hunk = resolution.file(place), resolution.hunk(place)
    if hunk is None:
        kind = KINDS.get(file.kind, file.kind)
        return f"Whole file · {kind}"
    count = len(file.stretches)
    number = (place.hunk or 0) + 1
    at = _same_hunk(sides, hunk)
    if sides is None or at is None:
        return f"Hunk {number} of {count}"
    names = resolution.dispute.task, resolution.dispute.right_name
    return f"Hunk {number} of {count} · {hunk_words(sides, sides.hunks[at], *names)}"


def missing_words(who: str, *, is_there: bool) -> str:
    """Return why a side shows no text."""
    return f"{who} has a version that is not text." if is_there else f"{who} has no such file."


def _same_hunk(sides: FileSides | None, hunk: HunkText) -> int | None:
    """Return which hunk of *sides* holds the same lines; uncommitted work may have others."""
    if sides is None or sides.a is None or sides.b is None:
        return None
    wanted = hunk.a_lines, hunk.b_lines
    same = [
        number for number, one in enumerate(sides.hunks) if (one.a_lines, one.b_lines) == wanted
    ]
    return min(same, key=lambda n: abs(sides.hunks[n].place.a[0] - hunk.place.a[0]), default=None)


def _alone(hunk: HunkText) -> Columns:
    level = max(len(hunk.a_lines), len(hunk.b_lines), 1)
    return Columns(
        _level(hunk.a_lines, hunk.place.a[0], level), _level(hunk.b_lines, hunk.place.b[0], level)
    )


def _level(lines: tuple[str, ...], first: int, count: int) -> tuple[CodeLine, ...]:
    shown = [CodeLine(text, number, TINT) for number, text in enumerate(lines, start=first)]
    return (*shown, *[FILLER] * (count - len(shown)))


def _tinted(columns: Columns, decision: Decision | None) -> Columns:
    left, right = (Tone.ACCENT, Tone.ACCENT) if decision is None else _KEPT[decision.take]
    return Columns(_with_tint(columns.a, left), _with_tint(columns.b, right))


def _with_tint(lines: tuple[CodeLine, ...] | None, tint: Tone) -> tuple[CodeLine, ...] | None:
    if lines is None:
        return None
    return tuple(replace(line, tint=tint) if line.tint is TINT else line for line in lines)
