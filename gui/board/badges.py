"""Badges on cards that other screens know about: `meets task-5`, `lands clean`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from gui.theme.tokens import Glyph, Tone

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Badge:
    """A pill beside a card's key."""

    text: str
    tone: Tone
    glyph: Glyph
    tip: str = ""
    """The whole story, for the card's tool tip."""


def meets(key: str) -> Badge:
    """Return the badge of a task that cannot be merged together with *key*."""
    return Badge(f"meets {key}", Tone.BAD, Glyph.CROSS)


def brief(badge: Badge) -> Badge:
    """Return *badge* without the word that its glyph says too, for where there is little room."""
    return replace(badge, text=badge.text.removeprefix("meets "))


def lands_clean() -> Badge:
    """Return the badge of a task whose merge onto the base is clean."""
    return Badge("lands clean", Tone.ACCENT, Glyph.CHECK)


class Badges(QObject):
    """What is known now, by task key; whoever finds out sets it, the board shows it.

    Signals:
        changed: other badges or other forecasts than before.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.shown: Mapping[str, tuple[Badge, ...]] = MappingProxyType({})
        self.forecasts: Mapping[str, tuple[str, ...]] = MappingProxyType({})
        """Sentences on whom a task of the backlog may meet, the surest first."""

    def set_badges(self, shown: Mapping[str, tuple[Badge, ...]]) -> None:
        """Show these badges and no others."""
        if dict(shown) != dict(self.shown):
            self.shown = MappingProxyType(dict(shown))
            self.changed.emit()

    def set_forecasts(self, forecasts: Mapping[str, tuple[str, ...]]) -> None:
        """Show these sentences and no others."""
        if dict(forecasts) != dict(self.forecasts):
            self.forecasts = MappingProxyType(dict(forecasts))
            self.changed.emit()


@cache
def badges() -> Badges:
    """Return the one store of this process."""
    return Badges()
