"""Which files a pattern names, and when two patterns can name one file."""

from __future__ import annotations

import pytest

from core.errors import UsageError
from core.locks import patterns
from core.locks.patterns import check_pattern, matches, may_meet
from core.processes.identity import WINDOWS


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
        ("app/[id]/page.tsx", "app/[id]/page.tsx", True),
        ("app/[id]", "app/[id]/page.tsx", True),
        ("a[!b]c", "a/c", False),
        ("a[z-a]c", "abc", False),
        ("a[^-]c", "a-c", False),
        ("a[[b]c", "a[c", True),
        ("a[b", "a[b/c", True),
        ("caf\u00e9.md", "cafe\u0301.md", True),
        ("*a*b*c*d", "xaxbxcxd", True),
        ("**/a*/**/b*", "q/ab/c/d/bc", True),
        ("**/a*/**/b*", "q/ab/c/d/cb", False),
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
        ("src", "**/*.py", True),
        ("web", "**/package.json", True),
        ("src/*_made", "src/**/*.py", True),
        ("*/api", "src/**/x.py", True),
        ("src/**/*.py", "src/**/*.js", False),
        ("src/app.py", "**/*.js", False),
        ("src/My.Core", "**/*.cs", True),
        ("app/[id].tsx", "app/[slug].tsx", False),
        ("app/[id].tsx", "app/*.tsx", True),
        ("a[b", "a[b/c", True),
        ("[a-f]x", "[d-z]x", True),
        ("[a-c]x", "[d-z]x", False),
        ("[!a]x", "ax", False),
        ("caf\u00e9/*.md", "cafe\u0301/a.md", True),
    ],
)
@pytest.mark.parametrize("ignores_case", [False, True])
def test_two_patterns_meet_or_not_whichever_comes_first(
    one: str, other: str, meet: bool, ignores_case: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patterns, "IGNORES_CASE", ignores_case)

    assert may_meet(one, other) is meet
    assert may_meet(other, one) is meet


def test_a_pattern_of_many_stars_is_answered_at_once() -> None:
    many = "src/" + "*a" * 30 + "b"
    assert not matches(many, "src/" + "a" * 200)
    assert matches(many, "src/" + "a" * 200 + "b")
    assert not may_meet("*a" * 40 + "b" * 200, "*b" * 40 + "a" * 200)


def test_names_that_differ_in_case_are_one_file_where_the_system_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patterns, "IGNORES_CASE", False)
    assert not matches("SRC/App.py", "src/app.py")
    monkeypatch.setattr(patterns, "IGNORES_CASE", True)
    assert matches("SRC/App.py", "src/app.py")
    assert may_meet("SRC/*.PY", "src/app.py")


@pytest.mark.parametrize(
    "bad",
    [
        "a" * 1001,
        "*a" * 41,
        "!src/x",
        ":(exclude)src",
        "",
        " ",
        "/etc/passwd",
        "../x",
        "a/../b",
        ".git/config",
        "C:/x",
        "C:\\x",
        "c:",
        "a\nb",
        "a//b",
    ],
)
def test_what_leaves_the_repository_is_refused(bad: str) -> None:
    with pytest.raises(UsageError, match="cannot be a file"):
        check_pattern(bad)


def test_a_pattern_gets_its_normal_form() -> None:
    assert check_pattern("./src\\app.py/") == "src/app.py"


@pytest.mark.skipif(WINDOWS, reason="there it names a file of another drive's current folder")
@pytest.mark.parametrize("name", ["x:y", "n:1/a.txt", "doc/a:b"])
def test_a_colon_is_a_letter_of_a_name_like_any_other(name: str) -> None:
    assert check_pattern(name) == name
    assert matches(name, name)


def test_on_windows_a_letter_and_a_colon_are_a_drive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "WINDOWS", True)

    with pytest.raises(UsageError, match="relative to the repository"):
        check_pattern("x:y")
