"""What a program complained of last, as the end of a sentence about its failure."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_KEPT: Final = 12
_LONGEST: Final = 300
_COMPLAINT: Final = re.compile(r"error|fail|denied|refused|cannot|not found|invalid", re.IGNORECASE)


class LastWords:
    """Keeps the last lines of a program's standard error."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=_KEPT)

    def take(self, lines: Iterable[str]) -> None:
        """Take what it printed."""
        self._lines.extend(line.strip() for line in lines if line.strip())

    def tell(self) -> str:
        """Return ` Its last words: ….` and forget them; nothing when it printed nothing.

        A line that complains is preferred to one that only says where to read more.
        """
        if not self._lines:
            return ""
        complaints = [line for line in self._lines if _COMPLAINT.search(line)]
        said = (complaints or self._lines)[-1][:_LONGEST].rstrip(".")
        self._lines.clear()
        return f" Its last words: {said}."
