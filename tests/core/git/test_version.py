"""The version of git: read from vendors' spellings, refused politely when too old or missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.errors import EnvironmentFault
from core.git.version import GitTooOld, GitVersion, installed_git, parse_version, require_git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def ask_again() -> Iterator[None]:
    installed_git.cache_clear()
    yield
    installed_git.cache_clear()


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("git version 2.39.5", GitVersion(2, 39, 5)),
        ("git version 2.39.5 (Apple Git-154)", GitVersion(2, 39, 5)),
        ("git version 2.47.1.windows.2", GitVersion(2, 47, 1)),
        ("git version 2.55", GitVersion(2, 55, 0)),
        ("git version 2.50.0.rc1.12.gabc", GitVersion(2, 50, 0)),
    ],
)
def test_every_vendor_s_spelling_is_read(said: str, version: GitVersion) -> None:
    assert parse_version(said) == version


def test_text_without_a_version_is_refused() -> None:
    with pytest.raises(ValueError, match="no version"):
        parse_version("gti: command not found")


def test_the_installed_git_is_new_enough() -> None:
    assert require_git() >= GitVersion(2, 39)


def test_an_old_git_is_refused_with_both_versions_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "git"
    old.write_text("#!/bin/sh\necho git version 2.34.1\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(GitTooOld, match=r"git 2\.34\.1 is too old: Weft needs 2\.39") as caught:
        require_git()

    assert "newer git" in caught.value.hint


def test_a_missing_git_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(EnvironmentFault, match="git could not be started") as caught:
        require_git()

    assert "2.39" in caught.value.hint
