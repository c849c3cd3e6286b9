"""What renderers return: text with tones, tables, remarks. No terminal, no escape sequences.

A renderer is a pure function from a record to blocks; `core.interfaces.cli.terminal` decides how
they look on a terminal and on a pipe. Text may hold anything (an agent wrote it): the terminal
makes it harmless, so renderers never do.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Tone(StrEnum):
    """What a piece of text means; only a terminal turns it into a colour."""

    PLAIN = "plain"
    STRONG = "strong"
    FAINT = "faint"
    GOOD = "good"
    ATTENTION = "attention"
    BAD = "bad"
    ACTIVE = "active"


class Span(NamedTuple):
    """A piece of text with one tone."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the answer; it goes to stdout."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence beside the answer, such as what to do next; it goes to stderr."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows: aligned below a head on a terminal, tab-separated without one on a pipe.

    `flexible` is the column that is cut with an ellipsis when the terminal is too narrow.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[Span, ...], ...]
    flexible: int | None = None


Block = Line | Remark | Table


def line(*parts: str | Span) -> Line:
    """Return a line of the parts, joined without blanks."""
    return Line(tuple(as_span(part) for part in parts))


def table(head: str, *rows: tuple[str | Span, ...], flexible: str | None = None) -> Table:
    """Return a table; *head* holds the columns' names, separated by blanks."""
    names = tuple(head.split())
    at = names.index(flexible) if flexible else None
    return Table(names, tuple(tuple(map(as_span, row)) for row in rows), at)


def fields(*pairs: tuple[str, str | Span | None]) -> list[Block]:
    """Return a `name  value` line for each pair with a value."""
    kept = [(name, as_span(value)) for name, value in pairs if value]
    widest = max((len(name) for name, _ in kept), default=0)
    return [line(Span(f"{name:<{widest}}  ", Tone.FAINT), value) for name, value in kept]


def as_span(part: str | Span) -> Span:
    """Return *part* as a span; plain text has the plain tone."""
    return part if isinstance(part, Span) else Span(part)
