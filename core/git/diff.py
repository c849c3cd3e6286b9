"""Differences of trees: many pairs in one process, line counts, unified text; nothing runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.git.command import run_git
from core.git.parsing import off_loop
from core.git.refs import object_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.git.command import GitPlace

_NOTHING_RUNS: Final = ("--no-ext-diff", "--no-textconv")
ABSENT_MODE: Final = "000000"


@dataclass(frozen=True, slots=True)
class Change:
    """How one path differs; renames are a deletion and an addition.

    `status` is git's letter: A, M, D or T. Absent sides have mode `000000`.
    """

    path: str
    status: str
    old_mode: str
    new_mode: str
    old_oid: str
    new_oid: str


@dataclass(frozen=True, slots=True)
class LineCount:
    """Lines added and removed; both None for a binary file."""

    added: int | None
    removed: int | None


async def diff_trees(place: GitPlace, pairs: Sequence[tuple[str, str]]) -> list[tuple[Change, ...]]:
    """Return the changes from old to new of each (old tree, new tree); one process.

    Trees, not commits: git would take commits for a commit and its parents.
    """
    if not pairs:
        return []
    lines = "".join(f"{object_id(old)} {object_id(new)}\n" for old, new in pairs)
    done = await run_git(
        place, "diff-tree", "--stdin", "-r", "-z", "--raw", "--no-renames", "--no-abbrev",
        stdin=lines.encode(),
    )  # fmt: skip
    return await off_loop(parse_diffs, done.stdout, pairs)


def parse_diffs(stdout: bytes, pairs: Sequence[tuple[str, str]]) -> list[tuple[Change, ...]]:
    """Parse `diff-tree --stdin -z`: `<old> <new> LF (:about NUL path NUL)*` for each pair."""
    text = stdout.decode("utf-8", "surrogateescape")
    found: list[tuple[Change, ...]] = []
    at = 0
    for old, new in pairs:
        header = f"{old} {new}\n"
        changes = []
        if text.startswith(header, at):
            at += len(header)
            while text.startswith(":", at):
                about_end = text.index("\0", at)
                path_end = text.index("\0", about_end + 1)
                changes.append(_change(text[at + 1 : about_end], text[about_end + 1 : path_end]))
                at = path_end + 1
        found.append(tuple(changes))
    if at != len(text):
        raise ValueError(f"diff-tree out of step: {text[at : at + 80]!r}")
    return found


def _change(about: str, path: str) -> Change:
    old_mode, new_mode, old_oid, new_oid, status = about.split(" ")
    return Change(path, status, old_mode, new_mode, old_oid, new_oid)


async def line_counts(place: GitPlace, old: str, new: str) -> dict[str, LineCount]:
    """Return path → lines added and removed between two commits or trees."""
    done = await run_git(
        place, "diff-tree", "-r", "-z", "--numstat", "--no-renames", *_NOTHING_RUNS,
        object_id(old), object_id(new),
    )  # fmt: skip
    rows = (record.split("\t", 2) for record in done.records)
    return {path: LineCount(_count(added), _count(removed)) for added, removed, path in rows}


def _count(word: str) -> int | None:
    return None if word == "-" else int(word)


async def changed_paths(
    place: GitPlace, old: str, new: str, *, only: str = "ADMT"
) -> tuple[str, ...]:
    """Return the paths that differ between two commits or trees, sorted by git.

    *only* is git's letters of the kinds that are wanted: added, deleted, modified, type changed.
    """
    done = await run_git(
        place, "diff-tree", "-r", "-z", "--name-only", "--no-renames", f"--diff-filter={only}",
        object_id(old), object_id(new),
    )  # fmt: skip
    return tuple(done.records)


async def diff_text(
    place: GitPlace, old: str, new: str, *, paths: Sequence[str] = (), context: int = 3
) -> str:
    """Return the unified diff between two commits or trees as text; odd bytes survive.

    Renames are told as such. *paths* are literal.
    """
    done = await run_git(
        place.with_env(GIT_LITERAL_PATHSPECS="1"),
        "diff-tree", "-r", "-p", "--no-color", "--find-renames", f"--unified={context}",
        *_NOTHING_RUNS, object_id(old), object_id(new), "--", *paths,
    )  # fmt: skip
    return done.text
