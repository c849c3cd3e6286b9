"""Make a tree that differs from another in a few paths: no worktree, a throw-away index."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from core.git.command import run_git
from core.git.private_index import with_index, write_tree
from core.git.refs import object_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.git.command import GitPlace


async def write_blob(place: GitPlace, content: bytes) -> str:
    """Write *content* as a blob, byte by byte as it is, and return its id."""
    return (await run_git(place, "hash-object", "-w", "--stdin", stdin=content)).text


async def edit_tree(
    place: GitPlace, tree: str, *, removed: Iterable[str], put: Mapping[str, tuple[str, str]]
) -> str:
    """Return *tree* without the paths of *removed*, and with those of *put*.

    *put* maps a path to git's mode and the object; it takes the place of a folder of that name,
    or of a file that is in the way of its folders.
    """
    absent = "0" * len(tree)
    lines = [f"0 {absent}\t{path}\0" for path in removed]
    lines += [f"{mode} {object_id(oid)}\t{path}\0" for path, (mode, oid) in put.items()]
    with tempfile.TemporaryDirectory(prefix="weft-index-") as folder:
        private = with_index(place, Path(folder) / "index")
        await run_git(private, "read-tree", object_id(tree))
        await run_git(
            private, "update-index", "--replace", "-z", "--index-info",
            stdin=os.fsencode("".join(lines)),
        )  # fmt: skip
        return await write_tree(private)
