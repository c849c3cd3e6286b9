"""Look into messages that an agent wrote: whatever is not what it should be is not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.agents.lines import harmless_text

LONGEST_TITLE: Final = 200
LONGEST_TEXT: Final = 64 * 1024
"""Characters of one text that are kept."""

Message = Mapping[str, Any]
_NOTHING: Final[Message] = {}


def table_at(message: Message, *names: str) -> Message:
    """Return the table that *names* lead to, or an empty one."""
    found: object = message
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else _NOTHING


def tables_at(message: Message, name: str) -> tuple[Message, ...]:
    """Return the tables of the list called *name*."""
    found = message.get(name)
    if not isinstance(found, Sequence) or isinstance(found, str | bytes):
        return ()
    return tuple(item for item in found if isinstance(item, Mapping))


def text_at(message: Message, name: str) -> str:
    """Return the text called *name*, as it is, or an empty one."""
    found = message.get(name)
    return found if isinstance(found, str) else ""


def number_at(message: Message, name: str) -> int | None:
    """Return the whole number called *name*; None for anything else and below zero."""
    found = message.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float) or found < 0:
        return None
    return int(found)


def one_line(text: str, longest: int = LONGEST_TITLE) -> str:
    """Return *text* on one line, harmless and not too long."""
    words = " ".join(harmless_text(text).split())
    return words if len(words) <= longest else words[: longest - 1] + "…"


def kept(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return *text* harmless, with its beginning and a mark when it is too long."""
    if len(text) <= longest:
        return harmless_text(text)
    return f"{harmless_text(text[:longest])}\n… [{len(text) - longest} characters cut]"
