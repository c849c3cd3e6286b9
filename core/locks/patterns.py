"""Files and globs that a task declares: their grammar, and whether two can name one file."""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from typing import Final

from core.errors import UsageError
from core.locks.globs import automaton, expression, have_common, path_automaton

IGNORES_CASE: Final = sys.platform in {"darwin", "win32"}
"""Whether two names that differ in case are one file, as file systems come there."""
WINDOWS: Final = sys.platform == "win32"
_WILD: Final = re.compile(r"[*?\[]")
_EXTENSION: Final = re.compile(r"\.(?!d$)[a-z][a-z0-9]{0,4}$")
"""How a name ends that is a file's and no folder's, such as `*.py`."""
_LONGEST: Final = 1000
"""Letters of a pattern."""
_MOST_STARS: Final = 40
_SHOWN: Final = 100
_QUICK_STARS: Final = 3
"""A regular expression of more stars may try for minutes what does not match."""


def check_pattern(pattern: str) -> str:
    """Return *pattern* in its normal form: relative, with `/`, inside the repository.

    Raises:
        UsageError: Empty, absolute, with `..`, below `.git`, with a control character, too long.
    """
    plain = pattern.strip().replace("\\", "/").removeprefix("./").rstrip("/")
    parts = plain.split("/")
    problem = None
    if not plain:
        problem = "it is empty"
    elif plain.startswith("/") or _begins_with_drive(plain):
        problem = "it must be relative to the repository"
    elif ".." in parts or "." in parts or "" in parts:
        problem = "it must not contain '.', '..' or '//'"
    elif parts[0].lower() == ".git":
        problem = "nothing below .git can be declared"
    elif plain.startswith(("!", ":(")):
        problem = "it must say which files, and not which ones not"
    elif any(ord(letter) < 32 for letter in plain):
        problem = "it contains a control character"
    elif any("\ud800" <= letter <= "\udfff" for letter in plain):
        problem = "it is not valid UTF-8"
    elif len(plain) > _LONGEST or plain.count("*") > _MOST_STARS:
        problem = f"it has more than {_LONGEST} letters or {_MOST_STARS} stars"
    if problem:
        raise UsageError(
            f"{_shown(pattern)} cannot be a file of a task: {problem}.",
            hint="Give a path such as src/app.py or a glob such as src/**/*.py.",
        )
    return plain


def matches(pattern: str, path: str) -> bool:
    """Return whether *path* is named by *pattern*; a folder's name covers what is below it."""
    pattern, path = _one_form(pattern), _one_form(path)
    if path == pattern or path.startswith(f"{pattern}/"):
        return True
    if is_plain(pattern):
        return False
    if pattern.count("*") > _QUICK_STARS:
        return have_common(automaton(pattern), path_automaton(path))
    return bool(_compiled(pattern).fullmatch(path))


def is_plain(pattern: str) -> bool:
    """Return whether *pattern* is a path and no glob."""
    return _WILD.search(pattern) is None


def may_meet(one: str, other: str) -> bool:
    """Return whether some path could be named by both patterns.

    What is below a folder counts. A name that ends in a file's extension is a folder only of paths
    that name it: no task that declares `src/app.py` or `*.py` should wait for one with `*.js`.
    """
    # Before their letters become small: `My.Core` is a folder, `my.core` may be a file.
    is_file = {_one_form(name): _is_file(name) for name in (one, other)}
    one, other = _one_form(one), _one_form(other)
    heads = _fixed_head(one), _fixed_head(other)
    if not (heads[0].startswith(heads[1]) or heads[1].startswith(heads[0])):
        return False
    if one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/"):
        return True
    plain = is_plain(one), is_plain(other)
    if all(plain):
        return False
    if any(plain):
        path, glob = (one, other) if plain[0] else (other, one)
        if is_file[path]:
            return matches(glob, path)  # a board has hundreds of these
    first, second = min(one, other), max(one, other)
    return _have_common(first, second, is_file[first], is_file[second])


def _begins_with_drive(path: str) -> bool:
    """Whether *path* is Windows' own: `C:/x` is no file of a repository anywhere.

    `x:y` is one where a colon is a letter like any other; on Windows it leads out too.
    """
    return re.match(r"[A-Za-z]:" if WINDOWS else r"[A-Za-z]:(/|\Z)", path) is not None


def _one_form(name: str) -> str:
    """Return the form in which two spellings of one file are equal."""
    if not name.isascii():
        import unicodedata  # its tables: few runners ever need them

        name = unicodedata.normalize("NFC", name)
    return name.lower() if IGNORES_CASE else name


def _fixed_head(pattern: str) -> str:
    found = _WILD.search(pattern)
    return pattern[: found.start()] if found else pattern


@lru_cache(maxsize=16384)
def _have_common(one: str, other: str, one_is_file: bool, other_is_file: bool) -> bool:
    return have_common(automaton(one, is_file=one_is_file), automaton(other, is_file=other_is_file))


def _is_file(pattern: str) -> bool:
    return _EXTENSION.search(pattern) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(expression(pattern) + r"(?:/.*)?", re.DOTALL)


def _shown(pattern: str) -> str:
    return repr(pattern if len(pattern) <= _SHOWN else f"{pattern[:_SHOWN]}…")
