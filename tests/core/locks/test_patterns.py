"""Which files a pattern names, and when two patterns can name one file."""

from __future__ import annotations

import pytest

from core.errors import UsageError
from core.locks.patterns import check_pattern, matches, may_meet


@pytest.mark.parametrize(
    ("pattern", "path", "named"),
    [
        ("src/app.py", "src/app.py", True),
        ("src", "src/app.py", True),
        ("src/*.py", "src/app.py", True),
        ("src/*.py", "src/deep/app.py", False),
        ("src/**/*.py", "src/deep/er/app.py", True),
        ("src/**/*.py", "src/app.py", True),
        ("src/**", "src/deep/app.py", True),
        ("a?c", "abc", True),
        ("a[bc]d", "abd", True),
        ("a[!bc]d", "abd", False),
        ("src/app.py", "src/app_py", False),
    ],
)
def test_a_pattern_names_paths(pattern: str, path: str, named: bool) -> None:
    assert matches(pattern, path) is named


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("src/app.py", "src/app.py", True),
        ("src", "src/app.py", True),
        ("src/app.py", "src/ap.py", False),
        ("src/*.py", "src/app.py", True),
        ("src/*.py", "doc/app.py", False),
        ("src/**", "src/a/*.py", True),
        ("src/*.py", "src/*.js", False),
        ("doc/**", "src/**", False),
    ],
)
def test_two_patterns_meet_or_not_whichever_comes_first(one: str, other: str, meet: bool) -> None:
    assert may_meet(one, other) is meet
    assert may_meet(other, one) is meet


@pytest.mark.parametrize(
    "bad", ["", " ", "/etc/passwd", "../x", "a/../b", ".git/config", "C:/x", "a\nb", "a//b"]
)
def test_what_leaves_the_repository_is_refused(bad: str) -> None:
    with pytest.raises(UsageError, match="cannot be a file"):
        check_pattern(bad)


def test_a_pattern_gets_its_normal_form() -> None:
    assert check_pattern("./src\\app.py/") == "src/app.py"
