"""Configuration of a repository: read values, find what it could run, switch filters off."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from core.git.command import run_git

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.git.command import GitPlace

_EXECUTABLE: Final = re.compile(
    r"""(?:
      filter\..*\.(?:clean|smudge|process)
    | merge\..*\.driver
    | diff\..*\.(?:command|textconv) | diff\.external
    | remote\..*\.(?:uploadpack|receivepack|proxy|vcs)
    | include\.path | includeif\..*\.path
    | core\.(?:fsmonitor|hookspath|pager|editor|sshcommand|askpass|gitproxy|alternaterefscommand)
    | alias\..* | submodule\..*\.update | pager\..* | browser\..*\.(?:cmd|path)
    | (?:difftool|mergetool|guitool|man|tar)\..*\.(?:cmd|path|command)
    | credential\.(?:.*\.)?helper | gpg\.(?:.*\.)?program | sequence\.editor
    | uploadpack\.packobjectshook | url\..*\.(?:insteadof|pushinsteadof)
    | interactive\.difffilter | trailer\..*\.(?:command|cmd) | sendemail\..*
    )\Z""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_FILTER: Final = re.compile(
    r"filter\.(.*)\.(?:clean|smudge|process|required)\Z", re.IGNORECASE | re.DOTALL
)


async def config_entries(place: GitPlace, *, own_only: bool = False) -> tuple[tuple[str, str], ...]:
    """Return every (key, value) in git's order; section and name of a key are lower case.

    Args:
        place: The repository. What Weft itself sets for its calls is left out.
        own_only: Only the repository's own file, not the person's and the system's.
    """
    scope = ("--local",) if own_only else ("--show-scope",)
    done = await run_git(place, "config", "--list", "--includes", "-z", *scope)
    return parse_config(done.records, scoped=not own_only)


def parse_config(records: Iterable[str], *, scoped: bool) -> tuple[tuple[str, str], ...]:
    r"""Parse `config --list -z`: `[scope NUL] key LF value NUL`; a key alone means true."""
    entries: list[tuple[str, str]] = []
    left = iter(records)
    for first in left:
        scope, record = (first, next(left)) if scoped else ("", first)
        key, newline, value = record.partition("\n")
        if scope != "command":
            entries.append((key, value if newline else "true"))
    return tuple(entries)


async def config_value(place: GitPlace, key: str) -> str | None:
    """Return the last value of *key*, or None when it is not set."""
    done = await run_git(place, "config", "--get", "--end-of-options", key, ok=(0, 1))
    return done.text if done.status == 0 else None


async def executable_entries(place: GitPlace) -> tuple[tuple[str, str], ...]:
    """Return the entries of the repository's own configuration that make git run something.

    Whoever can write `.git/config` can make git run it in a person's next command. A change of
    this list is worth a question.
    """
    entries = await config_entries(place, own_only=True)
    return tuple(entry for entry in entries if _EXECUTABLE.match(entry[0]))


async def filter_names(place: GitPlace) -> tuple[str, ...]:
    """Return the names of configured content filters such as `lfs`, sorted."""
    entries = await config_entries(place)
    return tuple(sorted({found[1] for key, _ in entries if (found := _FILTER.match(key))}))


async def filters_off(place: GitPlace) -> GitPlace:
    """Return *place* with every configured content filter switched off.

    Then reading a changed file into the object database, or writing one out, runs no program of
    the repository; a file that the filter would have turned into something else (an LFS pointer)
    is taken and left as it is.
    """
    off: list[tuple[str, str]] = []
    for name in await filter_names(place):
        off += [(f"filter.{name}.{word}", "") for word in ("clean", "smudge", "process")]
        off.append((f"filter.{name}.required", "false"))
    return place.with_config(*off)
