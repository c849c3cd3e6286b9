"""Read objects by the batch: blobs with a size limit, trees, what a path names."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.git.command import run_git
from core.git.refs import object_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.git.command import GitPlace

DEFAULT_LIMIT: Final = 8 * 1024 * 1024
"""Bytes: a larger blob is not read into memory."""

_EMPTY_TREES: Final = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """A file of a tree; `mode` is git's octal word, `kind` blob, tree or commit (submodule)."""

    mode: str
    kind: str
    oid: str
    path: str


@dataclass(frozen=True, slots=True)
class ObjectFacts:
    """What the header of an object says; `size` in bytes."""

    oid: str
    kind: str
    size: int


def empty_tree(like: str) -> str:
    """Return the empty tree's id in the object format of *like*."""
    return _EMPTY_TREES[len(like)]


async def object_facts(place: GitPlace, names: Sequence[str]) -> list[ObjectFacts | None]:
    """Return the header of each named object, or None where there is none.

    A name is an object id, `<oid>^{tree}` or `<oid>:<path>`.
    """
    if not names:
        return []
    done = await run_git(
        place, "cat-file", "--batch-check", "-z", stdin=os.fsencode("\0".join(names) + "\0")
    )
    return _parse_facts(done.stdout, names)


def _parse_facts(stdout: bytes, names: Sequence[str]) -> list[ObjectFacts | None]:
    """Parse one line each; a missing name is echoed, and may itself hold line ends.

    What stands for a submodule is missing too: newer git says `<oid> submodule` of it.
    """
    facts: list[ObjectFacts | None] = []
    at = 0
    for name in names:
        echo = os.fsencode(name)
        if stdout.startswith(echo + b" missing\n", at):
            at += len(echo) + len(b" missing\n")
            facts.append(None)
            continue
        end = stdout.index(b"\n", at)
        oid, kind, *size = stdout[at:end].decode().split(" ")
        facts.append(ObjectFacts(oid, kind, int(size[0])) if size else None)
        at = end + 1
    return facts


_known_trees: dict[str, str] = {}
_MOST_KNOWN_TREES: Final = 20_000


def remember_trees(trees: Mapping[str, str]) -> None:
    """Take note of the trees of commits (commit → tree), so that `trees_of` need not ask git."""
    _known_trees.update(trees)


async def trees_of(place: GitPlace, commits: Sequence[str]) -> list[str]:
    """Return the tree of each commit (or of each tree: itself).

    What was asked once is remembered: a commit's tree never changes.

    Raises:
        LookupError: One of them does not exist.
    """
    new = [oid for oid in dict.fromkeys(commits) if oid not in _known_trees]
    facts = await object_facts(place, [f"{object_id(oid)}^{{tree}}" for oid in new])
    if len(_known_trees) > _MOST_KNOWN_TREES:
        _known_trees.clear()
        return await trees_of(place, commits)
    for oid, fact in zip(new, facts, strict=True):
        if fact is None:
            raise LookupError(f"no such commit: {oid}")
        _known_trees[oid] = fact.oid
    return [_known_trees[oid] for oid in commits]


async def read_blobs(
    place: GitPlace, names: Iterable[str], *, limit: int = DEFAULT_LIMIT
) -> dict[str, bytes | None]:
    """Return by name the content of each blob; two processes for any number of them.

    Args:
        place: The repository.
        names: Object ids, or `<oid>:<path>` of a commit or tree.
        limit: Bytes; a larger blob is None, as is one that is missing or no blob.
    """
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        object_id(name.partition(":")[0])
    facts = await object_facts(place, wanted)
    small = {
        name: fact.oid
        for name, fact in zip(wanted, facts, strict=True)
        if fact is not None and fact.kind == "blob" and fact.size <= limit
    }
    found: dict[str, bytes] = {}
    if small:
        asked = "\n".join(dict.fromkeys(small.values())).encode() + b"\n"
        done = await run_git(place, "cat-file", "--batch", stdin=asked)
        found = _parse_batch(done.stdout)
    return {name: found[small[name]] if name in small else None for name in wanted}


def _parse_batch(stdout: bytes) -> dict[str, bytes]:
    """Parse `<oid> <kind> <size> LF <content> LF` one after the other."""
    found: dict[str, bytes] = {}
    at = 0
    while at < len(stdout):
        end = stdout.index(b"\n", at)
        oid, _kind, size = stdout[at:end].decode().split(" ")
        start = end + 1
        at = start + int(size) + 1
        found[oid] = stdout[start : at - 1]
    return found


async def read_file(
    place: GitPlace, treeish: str, path: str, *, limit: int = DEFAULT_LIMIT
) -> bytes | None:
    """Return a file as a commit or tree has it; None if it has none or it is too large."""
    name = f"{object_id(treeish)}:{path}"
    return (await read_blobs(place, [name], limit=limit))[name]


async def list_tree(
    place: GitPlace, treeish: str, *, recursive: bool = True
) -> tuple[TreeEntry, ...]:
    """Return the entries of a tree, all files of it by default."""
    depth = ("-r",) if recursive else ()
    done = await run_git(place, "ls-tree", "-z", "--full-tree", *depth, object_id(treeish))
    return tuple(_tree_entry(record) for record in done.records)


def _tree_entry(record: str) -> TreeEntry:
    about, path = record.split("\t", 1)
    mode, kind, oid = about.split(" ")
    return TreeEntry(mode, kind, oid, path)


async def attribute_files(place: GitPlace, commit: str) -> dict[str, str]:
    """Return path → blob of every `.gitattributes` file of a commit, without listing the tree."""
    done = await run_git(
        place, "diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames",
        empty_tree(commit), object_id(commit), "--", ":(top,glob)**/.gitattributes",
    )  # fmt: skip
    found = {}
    for about, path in zip(done.records[::2], done.records[1::2], strict=True):
        _old_mode, mode, _old, oid, _status = about.split(" ")
        if mode.startswith("100"):  # git does not follow a symbolic link of that name
            found[path] = oid
    return found
