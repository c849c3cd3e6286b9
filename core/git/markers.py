"""Find conflict markers that somebody left in a text."""

from __future__ import annotations

import re
from typing import Final

_MARKER: Final = re.compile(rb"(?:<{7}|>{7}|\|{7})(?: .*)?\r?\Z")
"""A line of seven `=` is none: headings look like that."""


def left_markers(content: bytes, *originals: bytes | None) -> tuple[int, ...]:
    """Return the 1-based lines of *content* that are conflict markers.

    A line that one of the *originals* holds as well is text that speaks of markers.
    """
    known = {line for text in originals if text for line in text.split(b"\n")}
    return tuple(
        number
        for number, line in enumerate(content.split(b"\n"), start=1)
        if _MARKER.match(line) and line not in known
    )
