"""External merge drivers: programs that git would run to merge a file.

A driver needs two halves: an attribute (`*.lock merge=ours` in `.gitattributes`) that names it,
and a configuration entry (`merge.ours.driver`) that says what to run. Weft runs none unless a
person has allowed exactly this command; without, git merges such files as text, as it does
wherever a driver is not set up.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.git.command import run_git_now
from core.git.config import parse_config
from core.git.objects import empty_tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from core.git.command import GitPlace

Entry = tuple[str, str]
"""A configuration key such as `merge.ours.driver`, and the command."""

_DRIVER: Final = re.compile(r"merge\.(.+)\.driver\Z", re.DOTALL)
_NAMED: Final = re.compile(r"(?:^|\s)merge=(\S+)", re.MULTILINE)
_LARGEST_BYTES: Final = 1 << 20


def is_driver(key: str) -> bool:
    """Whether a configuration key says what a merge driver runs."""
    return _DRIVER.match(key) is not None


def allowed_entries(entries: Iterable[Entry], allowed: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return what of the configuration makes git run the *allowed* drivers.

    An entry whose command is not the allowed one (any more) is left out. Which driver merges two
    ancestors (`recursive`) comes along.
    """
    last = dict(entries)
    kept = tuple(entry for entry in allowed if last.get(entry[0]) == entry[1])
    names = {found[1] for key, _ in kept if (found := _DRIVER.match(key))}
    inner = [(f"merge.{name}.recursive", name) for name in sorted(names)]
    return (*kept, *((key, last[key]) for key, _ in inner if key in last))


def wanted_drivers_now(place: GitPlace, base: str) -> tuple[Entry, ...]:
    """Return the drivers that are set up and that attributes would use; blocking.

    Attributes are those that a merge onto *base* follows: the `.gitattributes` files of that
    commit, the repository's private ones, and the person's own. No command is run.

    Args:
        place: The repository.
        base: Commit, or a full ref.
    """
    listed = run_git_now(place, "config", "--list", "--includes", "-z", "--show-scope")
    configured = dict(parse_config(listed.records, scoped=True))
    drivers = {found[1]: key for key in configured if (found := _DRIVER.match(key))}
    if not drivers:
        return ()
    named = {name for text in _attributes(place, base) for name in _NAMED.findall(text)}
    return tuple((drivers[name], configured[drivers[name]]) for name in sorted(named & {*drivers}))


def _attributes(place: GitPlace, base: str) -> Iterator[str]:
    yield from _committed(place, base)
    named = run_git_now(place, "config", "--path", "--get", "core.attributesFile", ok=(0, 1)).text
    folder = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    personal = Path(named or f"{folder}/git/attributes").expanduser()
    for file in (place.git_dir / "info" / "attributes", personal):
        try:
            content = file.read_bytes()[:_LARGEST_BYTES]
        except OSError:
            continue
        yield content.decode("utf-8", "surrogateescape")


def _committed(place: GitPlace, base: str) -> Sequence[str]:
    name = f"{base}^{{tree}}"
    found = run_git_now(place, "rev-parse", "--verify", "--quiet", name, ok=(0, 1, 128))
    if found.status:
        return ()  # the base is gone: nothing lands
    tree = found.text
    done = run_git_now(
        place, "diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames",
        empty_tree(tree), tree, "--", ":(top,glob)**/.gitattributes",
    )  # fmt: skip
    blobs = [about.split(" ")[3] for about in done.records[::2] if about.split(" ")[1] != "120000"]
    return [run_git_now(place, "cat-file", "blob", oid).text for oid in blobs]
