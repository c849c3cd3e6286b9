"""Which git is installed, and whether it is new enough."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

from core.errors import EnvironmentFault
from core.git.command import run_git_now


class GitVersion(NamedTuple):
    """A git version; compares as it sorts."""

    major: int
    minor: int
    patch: int = 0

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


OLDEST: Final = GitVersion(2, 39)
"""`merge-tree --write-tree --stdin` came with 2.39; nothing newer is needed."""

_NUMBERS = re.compile(r"\b(\d+)\.(\d+)(?:\.(\d+))?")


class GitTooOld(EnvironmentFault):
    """The installed git cannot do what Weft needs."""

    code = "git_too_old"


def parse_version(text: str) -> GitVersion:
    """Parse what `git version` prints, vendors' suffixes included.

    Raises:
        ValueError: No version number in *text*.
    """
    found = _NUMBERS.search(text)
    if found is None:
        raise ValueError(f"no version in {text!r}")
    major, minor, patch = found.groups(default="0")
    return GitVersion(int(major), int(minor), int(patch))


@cache
def installed_git() -> GitVersion:
    """Return the version of the git on PATH; asked once per process (2 ms, blocking)."""
    return parse_version(run_git_now(None, "version").text)


def require_git() -> GitVersion:
    """Return the installed version if it is new enough.

    Raises:
        GitTooOld: It is older than 2.39.
        EnvironmentFault: git is not installed; the hint says what to do.
    """
    found = installed_git()
    if found < OLDEST:
        raise GitTooOld(
            f"git {found} is too old: Weft needs {OLDEST.major}.{OLDEST.minor} or newer.",
            hint="Install a newer git (https://git-scm.com/downloads) and try again.",
        )
    return found
