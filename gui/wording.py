"""Small words that every screen puts the same way: counts and lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

MINUS: Final = "−"  # noqa: RUF001  the sign itself: as wide as a plus
ARROW: Final = "→"
SHORT_HASH: Final = 7


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return `1 file`, `3 files`; *plural* for nouns that do not take an s."""
    return f"{count} {noun}" if count == 1 else f"{count} {plural or noun + 's'}"


def listed(words: Sequence[str], most: int = 0) -> str:
    """Return `a`, `a and b`, `a, b and c`; beyond *most* (0 is without end) `… and 3 more`."""
    if most and len(words) > most:
        return f"{', '.join(words[:most])} and {len(words) - most} more"
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def short(commit: str) -> str:
    """Return a commit's id as people read it."""
    return commit[:SHORT_HASH]
