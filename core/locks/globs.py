"""Globs as small automata: exact answers whatever the pattern, in time that is bounded.

A regular expression answers quickly for the usual pattern, but not for one of many stars, and it
cannot say whether two patterns have a path in common. Both are the same walk through the product
of two automata here.

An automaton's states are numbers; each has edges (letters, target), whose letters are ranges of
code points, or None for an edge that takes none. The grammar: `?` and `*` stay within a folder,
`**` does not, `[a-c]` and `[!a-c]` are one letter other than `/`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

Ranges = tuple[tuple[int, int], ...]
Token = tuple[str, Ranges]
"""`one` letter, `many` letters (also none), or `folders`: any number of them with their `/`."""
Automaton = tuple[tuple[tuple[tuple[Ranges | None, int], ...], ...], frozenset[int]]
"""The edges of each state, of which 0 is the first, and the states that accept."""

_ANY: Final[Ranges] = ((0, 0x10FFFF),)
_SLASH: Final[Ranges] = ((ord("/"), ord("/")),)
_CLASS: Final = re.compile(r"\[([!^]?)([^\]/]+)\]")


@lru_cache(maxsize=4096)
def tokens(pattern: str) -> tuple[Token, ...]:
    """Return what *pattern* is made of."""
    found: list[Token] = []
    at = 0
    while at < len(pattern):
        if pattern.startswith("**/", at):
            token, at = ("folders", _ANY), at + 3
        elif pattern.startswith("**", at):
            token, at = ("many", _ANY), at + 2
        elif pattern[at] == "*":
            token, at = ("many", _IN_FOLDER), at + 1
        elif pattern[at] == "?":
            token, at = ("one", _IN_FOLDER), at + 1
        elif named := _CLASS.match(pattern, at):
            letters = _ranges(named[2])
            token, at = ("one", _others(letters) if named[1] else letters), named.end()
        else:
            token, at = ("one", ((ord(pattern[at]), ord(pattern[at])),)), at + 1
        if not (found and token[0] == "many" and token == found[-1]):
            found.append(token)
    return tuple(found)


def expression(pattern: str) -> str:
    """Return the regular expression that takes the same paths."""
    return "".join(map(_expressed, tokens(pattern)))


@lru_cache(maxsize=4096)
def automaton(pattern: str, *, is_file: bool = False) -> Automaton:
    """Return the automaton of a glob; unless *is_file* it takes what is below a folder, too.

    A name with brackets may be meant as it stands, such as `app/[id]/page.tsx`: it takes both.
    """
    ways = [tokens(pattern)]
    if "[" in pattern:
        ways.append(_letters(pattern))
    edges: list[list[tuple[Ranges | None, int]]] = [[]]
    accepting: set[int] = set()
    for way in ways:
        end = _append(edges, way)
        accepting.add(end)
        if not is_file:
            edges.append([(_ANY, len(edges))])
            edges[end].append((_SLASH, len(edges) - 1))
            accepting.add(len(edges) - 1)
    return tuple(tuple(each) for each in edges), frozenset(accepting)


@lru_cache(maxsize=4096)
def path_automaton(path: str) -> Automaton:
    """Return the automaton that takes *path* and nothing else."""
    edges: list[list[tuple[Ranges | None, int]]] = [[]]
    end = _append(edges, _letters(path))
    return tuple(tuple(each) for each in edges), frozenset({end})


def have_common(one: Automaton, other: Automaton) -> bool:
    """Return whether some text is taken by both."""
    seen, ahead = {(0, 0)}, [(0, 0)]
    while ahead:
        mine, theirs = ahead.pop()
        if mine in one[1] and theirs in other[1]:
            return True
        for step in _steps(one, other, mine, theirs):
            if step not in seen:
                seen.add(step)
                ahead.append(step)
    return False


def _steps(one: Automaton, other: Automaton, mine: int, theirs: int) -> list[tuple[int, int]]:
    found = [(to, theirs) for letters, to in one[0][mine] if letters is None]
    found += [(mine, to) for letters, to in other[0][theirs] if letters is None]
    found += [
        (to, their_to)
        for letters, to in one[0][mine]
        for their_letters, their_to in other[0][theirs]
        if letters is not None and their_letters is not None and _meet(letters, their_letters)
    ]
    return found


def _append(edges: list[list[tuple[Ranges | None, int]]], way: tuple[Token, ...]) -> int:
    """Add the states of one way through, from state 0; return its last."""
    at = 0
    for kind, letters in way:
        here = len(edges)
        edges.append([])
        match kind:
            case "one":
                edges[at].append((letters, here))
            case "many":
                edges[at].append((None, here))
                edges[here].append((letters, here))
            case _:
                edges.append([(_ANY, here + 1), (_SLASH, here)])
                edges[at] += [(None, here), (None, here + 1)]
        at = here
    return at


def _letters(text: str) -> tuple[Token, ...]:
    return tuple(("one", ((ord(letter), ord(letter)),)) for letter in text)


def _ranges(written: str) -> Ranges:
    """Return the letters of a class such as `a-cx`; one that runs backwards holds none."""
    found, at = [], 0
    while at < len(written):
        is_range = at + 2 < len(written) and written[at + 1] == "-"
        found.append((ord(written[at]), ord(written[at + 2 if is_range else at])))
        at += 3 if is_range else 1
    return _others(_others(tuple(pair for pair in found if pair[0] <= pair[1])))


def _others(letters: Ranges) -> Ranges:
    """Return all letters but these; never `/`, which no class takes."""
    found, start = [], 0
    for low, high in sorted((*letters, *_SLASH)):
        if start < low:
            found.append((start, low - 1))
        start = max(start, high + 1)
    return tuple(found) if start > _ANY[0][1] else (*found, (start, _ANY[0][1]))


def _meet(one: Ranges, other: Ranges) -> bool:
    return any(a <= d and c <= b for a, b in one for c, d in other)


def _expressed(token: Token) -> str:
    kind, letters = token
    if kind == "folders":
        return "(?:.*/)?"
    if letters and letters[0][0] == letters[-1][1]:
        one = re.escape(chr(letters[0][0]))
    elif letters == _ANY:
        one = "."
    else:
        inside = "".join(f"{re.escape(chr(a))}-{re.escape(chr(b))}" for a, b in letters)
        one = f"[{inside}]" if inside else r"(?!)"
    return f"{one}*" if kind == "many" else one


_IN_FOLDER: Final[Ranges] = _others(())
