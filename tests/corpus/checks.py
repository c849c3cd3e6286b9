"""What a replay compared: the known value beside the one that was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.domain.conflict import ConflictedFile

_COARSE: Final = {"add/add": "contents"}
"""Words of Weft's that are finer than those of the records."""


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison; `explained` says why a difference is right, else it is empty."""

    what: str
    known: object
    found: object
    explained: str = ""

    @property
    def is_equal(self) -> bool:
        """Whether the two agree."""
        return self.known == self.found


@dataclass(slots=True)
class Checks:
    """All comparisons of one record; *kind* names the table that it belongs to."""

    kind: str
    repo: str
    name: str
    all: list[Check] = field(default_factory=list)

    def add(self, what: str, known: object, found: object, explained: str = "") -> None:
        """Compare."""
        different = known != found
        self.all.append(Check(what, known, found, explained if different else ""))


def coarse_kinds(files: Iterable[ConflictedFile]) -> frozenset[str]:
    """Return the kinds of some files in the words of the records."""
    return coarse_words(word for file in files for word in (file.kind, *file.also))


def coarse_words(words: Iterable[str]) -> frozenset[str]:
    """Return Weft's words for conflicts in those of the records; empty ones are none."""
    return frozenset(_COARSE.get(word, word) for word in words if word)
