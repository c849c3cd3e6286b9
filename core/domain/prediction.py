"""Who may collide with whom before the work has begun."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LIKELY: Final = 0.5
"""From here on the words are `Likely to meet`; below, `May meet`."""


@dataclass(frozen=True, slots=True)
class Intent:
    """A task that is not done, as far as it can be foreseen what it will change.

    `files` are the paths and globs that it declares; `changed` what its branch really changes
    already, empty before anybody has begun.
    """

    task: str
    title: str
    description: str = ""
    files: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two tasks that may both change a file, which need not be a conflict.

    Attributes:
        task: The one that waits.
        other: The one it may meet, under way or waiting too.
        path: The file, or a glob, in which that is surest.
        sure: 0 to 1.
        more: How many more files they may both change.
        why: What makes us think so, as a sentence part.
        under_way: Whether the other one has begun.
    """

    task: str
    other: str
    path: str
    sure: float
    more: int
    why: str
    under_way: bool

    @property
    def sentence(self) -> str:
        """Return it in words for a card: `Likely to meet task-4 in totals.py (0.8)`."""
        opening = "Likely to meet" if self.sure >= LIKELY else "May meet"
        plural = "" if self.more == 1 else "s"
        more = f" and {self.more} more file{plural}" if self.more else ""
        return f"{opening} {self.other} in {self.path}{more} ({self.sure:.1f})"
