"""What the palette offers, and how well it fits what is typed; no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the palette; `run` does it."""

    text: str
    run: Callable[[], object]
    detail: str = ""
    icon: str = "arrow-right"
    keys: str = ""
    group: int = 0
    """Lower ones come first among those that fit as well."""


def fitting(commands: Iterable[Command], typed: str) -> Sequence[Command]:
    """Return at most `MOST` commands that hold each word of *typed*, the best fit first."""
    words = typed.casefold().split()
    found = []
    for place, command in enumerate(commands):
        score = _score(command, words)
        if score is not None:
            found.append(((score, command.group, place), command))
    found.sort(key=lambda entry: entry[0])
    return [command for _, command in found[:MOST]]


def _score(command: Command, words: Sequence[str]) -> int | None:
    """Return how far the words are from the front, or None when one is missing."""
    text = command.text.casefold()
    everywhere = f"{text} {command.detail.casefold()}"
    total = 0
    for word in words:
        if text.startswith(word):
            continue
        if f" {word}" in text:
            total += 1
        elif word in text:
            total += 2
        elif word in everywhere:
            total += 4
        elif _in_order(word, text):
            total += 8
        else:
            return None
    return total


def _in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return len(letters) > 1 and all(letter in rest for letter in letters)
