"""Which files a task will change, guessed from what past commits changed; pure.

Two signs: commits whose words resemble the task's (BM25 over subjects and paths), and files that
were often changed together with one that is declared. How sure a guess is was fitted to real
histories, so that of the files said with 0.5 about half are really changed.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.git.history import PastCommit

K = TypeVar("K")

_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[^\W\d_]+")
_SHORTEST: Final = 3
_ENDINGS: Final = ("ing", "ed", "es", "s")
_COMMON: Final = frozenset({
    "the", "and", "for", "with", "from", "not", "that", "this", "into", "add", "fix", "use",
    "make", "when", "more", "remove", "update", "change", "support", "test", "tests", "bug",
    "issue", "file", "files", "code", "new", "all", "are", "can", "should",
})  # fmt: skip
_LARGEST_COMMIT: Final = 40
"""A commit that changes more files says nothing of which belong together."""
_K1: Final = 1.2
_B: Final = 0.5
_NEAREST: Final = 25
"""How many commits that resemble a task have a say."""
_PATH_WEIGHT: Final = 1.0
_MOST_WORDS: Final = 8
"""Only the rarest words of a task are asked for, so that a long description is no surer."""
_MOST_SURE: Final = 0.9
_FIT: Final = (1.3, 200.0)
"""Exponent, and the score to it at which the surest half is reached."""
_FEWEST_TOGETHER: Final = 3


@dataclass(frozen=True, slots=True)
class LikelyFile:
    """A file that a task may change.

    Attributes:
        path: Where it is.
        sure: 0 to 1.
        why: A sentence part, such as `commits about the same words changed it`.
    """

    path: str
    sure: float
    why: str


def words_of(text: str) -> list[str]:
    """Return the words that tell a text from others, in lower case and without endings."""
    found = (match.lower() for match in _WORD.findall(text))
    return [_stem(word) for word in found if len(word) >= _SHORTEST and word not in _COMMON]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            return word.removesuffix(ending)
    return word


class PastWork:
    """An index of past commits that answers which files a task will change.

    Building it takes about 50 ms for a thousand commits; build it once for a base commit.
    """

    def __init__(self, commits: Sequence[PastCommit], present: frozenset[str]) -> None:
        """Index *commits*; only files that are *present* are ever guessed."""
        self._paths = [self._kept(commit, present) for commit in commits]
        texts = [[commit.subject, *commit.paths[:_LARGEST_COMMIT]] for commit in commits]
        self._commits = _Index([words_of(" ".join(text)) for text in texts])
        self._files = sorted({path for paths in self._paths for path in paths})
        self._names = _Index([words_of(path) for path in self._files])
        self._changed = Counter(path for paths in self._paths for path in paths)

    @staticmethod
    def _kept(commit: PastCommit, present: frozenset[str]) -> tuple[str, ...]:
        if len(commit.paths) > _LARGEST_COMMIT:
            return ()
        return tuple(path for path in commit.paths if path in present)

    def by_words(self, text: str) -> dict[str, LikelyFile]:
        """Return files by path that commits with such words changed, or that are named so."""
        query = self._commits.rarest(words_of(text))
        scores: dict[str, float] = {}
        matching = self._commits.scores(query)
        for number in sorted(matching, key=lambda n: (-matching[n], n))[:_NEAREST]:
            score = matching[number]
            for path in self._paths[number]:
                _add(scores, path, score / math.sqrt(len(self._paths[number])))
        for number, score in self._names.scores(query).items():
            _add(scores, self._files[number], _PATH_WEIGHT * score)
        why = "past commits with such words changed it"
        return {path: LikelyFile(path, _sure(score), why) for path, score in scores.items()}

    def with_declared(self, declared: Iterable[str]) -> dict[str, LikelyFile]:
        """Return files by path that were often changed in one commit with a declared one."""
        found: dict[str, LikelyFile] = {}
        for one in sorted(set(declared)):
            together = Counter(
                path for paths in self._paths if one in paths for path in paths if path != one
            )
            for path, count in together.items():
                sure = (count / (self._changed[one] + 2)) ** 2
                if count >= _FEWEST_TOGETHER and sure > found.get(path, _NOTHING).sure:
                    found[path] = LikelyFile(path, sure, f"it is often changed with {one}")
        return found


def _sure(score: float) -> float:
    exponent, half = _FIT
    grown = math.pow(score, exponent)
    return _MOST_SURE * grown / (grown + half)


_NOTHING: Final = LikelyFile("", 0.0, "")


class _Index:
    """BM25 over lists of words."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        self._lengths = [len(text) for text in texts]
        self._mean = sum(self._lengths) / max(len(texts), 1) or 1.0
        self._holders: dict[str, list[tuple[int, int]]] = {}
        for number, text in enumerate(texts):
            for word, count in Counter(text).items():
                self._holders.setdefault(word, []).append((number, count))

    def rarest(self, words: Iterable[str]) -> list[str]:
        """Return those of *words* that the fewest texts have, and that some text has."""
        known = {word for word in words if word in self._holders}
        return sorted(known, key=lambda word: (len(self._holders[word]), word))[:_MOST_WORDS]

    def scores(self, query: Iterable[str]) -> dict[int, float]:
        """Return number of text → how well it matches, for those that do at all."""
        found: dict[int, float] = {}
        total = len(self._lengths)
        for word in sorted(set(query)):
            holders = self._holders.get(word, [])
            rarity = math.log(1 + (total - len(holders) + 0.5) / (len(holders) + 0.5))
            for number, count in holders:
                length = 1 - _B + _B * self._lengths[number] / self._mean
                _add(found, number, rarity * count * (_K1 + 1) / (count + _K1 * length))
        return found


def _add(table: dict[K, float], key: K, value: float) -> None:
    table[key] = table.get(key, 0.0) + value


def best_of(*guesses: Mapping[str, LikelyFile]) -> dict[str, LikelyFile]:
    """Return the surest guess of each path."""
    found: dict[str, LikelyFile] = {}
    for table in guesses:
        for path, guess in table.items():
            if guess.sure > found.get(path, _NOTHING).sure:
                found[path] = guess
    return found
