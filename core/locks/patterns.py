"""Files and globs that a task declares: their grammar, and whether two can name one file."""

from __future__ import annotations

import re
from functools import lru_cache

from core.errors import UsageError

_WILD = re.compile(r"[*?\[]")


def check_pattern(pattern: str) -> str:
    """Return *pattern* in its normal form: relative, with `/`, inside the repository.

    Raises:
        UsageError: Empty, absolute, with `..`, below `.git`, or with a control character.
    """
    plain = pattern.strip().replace("\\", "/").removeprefix("./").rstrip("/")
    parts = plain.split("/")
    problem = None
    if not plain:
        problem = "it is empty"
    elif plain.startswith("/") or re.match(r"[A-Za-z]:", plain):
        problem = "it must be relative to the repository"
    elif ".." in parts or "." in parts or "" in parts:
        problem = "it must not contain '.', '..' or '//'"
    elif parts[0].lower() == ".git":
        problem = "nothing below .git can be declared"
    elif any(ord(letter) < 32 for letter in plain):
        problem = "it contains a control character"
    elif any("\ud800" <= letter <= "\udfff" for letter in plain):
        problem = "it is not valid UTF-8"
    if problem:
        raise UsageError(
            f"{pattern!r} cannot be a file of a task: {problem}.",
            hint="Give a path such as src/app.py or a glob such as src/**/*.py.",
        )
    return plain


def matches(pattern: str, path: str) -> bool:
    """Return whether *path* is named by *pattern*; a folder's name covers what is below it."""
    return bool(_compiled(pattern).fullmatch(path))


def is_plain(pattern: str) -> bool:
    """Return whether *pattern* is a path and no glob."""
    return _WILD.search(pattern) is None


def may_meet(one: str, other: str) -> bool:
    """Return whether some path could be named by both patterns.

    Exact for two plain paths and for a plain path against a glob; for two globs it errs on the
    side of True: a needless question is better than a missed one.
    """
    if not _WILD.search(one):
        return matches(other, one) or one.startswith(other + "/") or other.startswith(one + "/")
    if not _WILD.search(other):
        return may_meet(other, one)
    return _heads_agree(_fixed_head(one), _fixed_head(other)) and _tails_agree(one, other)


def _fixed_head(pattern: str) -> str:
    found = _WILD.search(pattern)
    return pattern[: found.start()] if found else pattern


def _heads_agree(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _tails_agree(one: str, other: str) -> bool:
    tails = [re.split(r"[*?\]]", pattern)[-1] for pattern in (one, other)]
    return tails[0].endswith(tails[1]) or tails[1].endswith(tails[0])


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    out, at = "", 0
    while at < len(pattern):
        rest = pattern[at:]
        if rest.startswith("**/"):
            out, at = out + "(?:.*/)?", at + 3
        elif rest.startswith("**"):
            out, at = out + ".*", at + 2
        elif rest[0] == "*":
            out, at = out + "[^/]*", at + 1
        elif rest[0] == "?":
            out, at = out + "[^/]", at + 1
        elif found := re.match(r"\[(!?)([^\]/]+)\]", rest):
            letters = found[2].replace("\\", r"\\")
            out, at = out + f"[{'^' if found[1] else ''}{letters}]", at + found.end()
        else:
            out, at = out + re.escape(rest[0]), at + 1
    return re.compile(out + r"(?:/.*)?", re.DOTALL)
