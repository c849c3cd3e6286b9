"""From decisions to a file's text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.conflicts.hunks import split_lines
from core.domain.resolution import Decision, Take
from core.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.conflicts.hunks import MarkedHunk
    from core.merging.trial import Sides


def decided_text(sides: Sides, decisions: Sequence[Decision]) -> bytes:
    """Return the file with each stretch as it was decided; all else is as git merged it.

    Raises:
        UsageError: There are not as many decisions as stretches.
        Refused: An own text in a file that is not UTF-8.
    """
    marked = sides.marked
    if marked is None or len(decisions) != len(marked.hunks):
        count = 0 if marked is None else len(marked.hunks)
        raise UsageError(f"{sides.path} has {count} stretches to decide, not {len(decisions)}.")
    lines: list[bytes] = []
    at = 0
    for hunk, decision in zip(marked.hunks, decisions, strict=True):
        lines += marked.lines[at : hunk.first]
        lines += _taken(sides, hunk, decision)
        at = hunk.last + 1
    rest = marked.lines[at:]
    lines += rest
    if not lines:
        return b""
    ends = sides.newline if rest else _ends_with_newline(sides, decisions[-1])
    return b"\n".join(lines) + (b"\n" if ends else b"")


def _taken(sides: Sides, hunk: MarkedHunk, decision: Decision) -> Iterable[bytes]:
    match decision.take:
        case Take.LEFT:
            return hunk.ours
        case Take.RIGHT:
            return hunk.theirs
        case Take.BOTH:
            return (*hunk.ours, *hunk.theirs)
        case Take.OWN:
            return _own_lines(sides, decision.text)


def _own_lines(sides: Sides, text: str) -> Iterable[bytes]:
    assert sides.marked is not None
    _refuse_other_encoding(sides)
    returns = sum(line.endswith(b"\r") for line in sides.marked.lines)
    ending = b"\r" if returns * 2 > len(sides.marked.lines) else b""
    for line in split_lines(text.encode("utf-8", "surrogateescape")):
        yield line.removesuffix(b"\r") + ending


def _refuse_other_encoding(sides: Sides) -> None:
    """Stop where an own text may hold replacement characters that were only shown."""
    for content in sides.texts:
        try:
            (content or b"").decode("utf-8")
        except UnicodeDecodeError as error:
            raise Refused(
                f"{sides.path} is not UTF-8: a text of your own would damage it.",
                hint="Take a side, or use your merge tool.",
            ) from error


def _ends_with_newline(sides: Sides, last: Decision) -> bool:
    content = sides.texts[0 if last.take is Take.LEFT else 1]
    return last.take is Take.OWN or not content or content.endswith(b"\n")
