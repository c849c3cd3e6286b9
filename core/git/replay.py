"""Make a commit anew on another parent, keeping what its author wrote, byte by byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.git.command import run_git
from core.git.refs import object_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.git.command import GitPlace
    from core.git.commits import Identity


async def replay_commit(
    place: GitPlace,
    original: str,
    *,
    tree: str,
    parents: Sequence[str],
    committer: Identity,
    when: datetime,
) -> str:
    """Write a commit with the author, message and encoding of *original* and return its id.

    No ref, index or worktree changes. A signature is dropped: it was for other content.
    """
    raw = (await run_git(place, "cat-file", "commit", object_id(original))).stdout
    who = f"{_plain(committer.name)} <{_plain(committer.email)}> {int(when.timestamp())} +0000"
    content = recommitted(raw, tree=tree, parents=parents, committer=who)
    done = await run_git(place, "hash-object", "-t", "commit", "-w", "--stdin", stdin=content)
    return done.text


def _plain(word: str) -> str:
    """Leave out what would end the field, as git does."""
    return "".join(letter for letter in word if letter not in "<>\n\0").strip()


def recommitted(raw: bytes, *, tree: str, parents: Sequence[str], committer: str) -> bytes:
    """Return the commit object *raw* with another tree, other parents and another committer."""
    head, blank, message = raw.partition(b"\n\n")
    kept = [line for line in head.split(b"\n") if line.startswith((b"author ", b"encoding "))]
    kept.insert(1, b"committer " + committer.encode("utf-8", "surrogateescape"))
    lines = [b"tree " + object_id(tree).encode()]
    lines += [b"parent " + object_id(parent).encode() for parent in parents]
    return b"\n".join([*lines, *kept]) + blank + message
