"""The measured method by itself: what the matrix of N branches costs with nothing around it.

One batch lands every branch on the base, one diff tells what each changes, one list of commits
tells the stacks, one batch merges the pairs that share a path. No snapshots, hunks, kinds, hot
files or memory.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import zlib
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def plain_matrix(
    git_dir: Path, base: str, tips: Sequence[str], objects: Path
) -> set[tuple[str, str]]:
    """Return the conflicts as (base, tip) and (tip, tip); *objects* takes what merges write."""
    return _Plain(git_dir, base, objects).matrix(tips)


class _Plain:
    def __init__(self, git_dir: Path, base: str, folder: Path) -> None:
        self._git = ["git", f"--git-dir={git_dir}", "-c", "core.looseCompression=0"]
        self._base = base
        self._objects = folder
        self._env = os.environ | {
            "GIT_OBJECT_DIRECTORY": str(folder),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(git_dir / "objects"),
        }

    def matrix(self, tips: Sequence[str]) -> set[tuple[str, str]]:
        landed = self._merge([(self._base, tip) for tip in tips])
        found = {(self._base, tip) for tip, tree in zip(tips, landed, strict=True) if not tree}
        trees = {tip: tree for tip, tree in zip(tips, landed, strict=True) if tree}
        commits = {tip: self._commit(tree, [self._base, tip]) for tip, tree in trees.items()}
        changed = self._changes(trees)
        shared = self._stacked(list(trees))
        pairs = [
            (a, b)
            for a, b in combinations(trees, 2)
            if (a, b) in shared
            or any(changed[b].get(path, about) != about for path, about in changed[a].items())
        ]
        merged = self._merge([(commits[a], commits[b]) for a, b in pairs])
        return found | {pair for pair, tree in zip(pairs, merged, strict=True) if not tree}

    def _run(self, *argv: str, stdin: str) -> str:
        done = subprocess.run(
            [*self._git, *argv], input=stdin.encode(), env=self._env, capture_output=True,
            check=False,
        )  # fmt: skip
        return done.stdout.decode("utf-8", "surrogateescape")

    def _merge(self, pairs: Sequence[tuple[str, str]]) -> list[str]:
        """Return the tree of each merge, empty for a conflict."""
        said = self._run(
            "merge-tree", "--write-tree", "--stdin", stdin="".join(f"{a} {b}\n" for a, b in pairs)
        )
        trees, tokens = [], iter(said.split("\0"))
        for status in tokens:
            if status not in ("0", "1"):
                continue
            tree = next(tokens)
            for token in tokens:  # entries up to the empty token
                if not token:
                    break
            if status == "0":
                for count in tokens:
                    if not count.isdigit():
                        break
                    for _ in range(int(count) + 2):
                        next(tokens)
            trees.append(tree if status == "1" else "")
        return trees

    def _commit(self, tree: str, parents: Sequence[str]) -> str:
        who = "a <a@b> 4102444800 +0000"  # newer than its parents, or git walks all history
        head = "".join(f"parent {parent}\n" for parent in parents)
        body = f"tree {tree}\n{head}author {who}\ncommitter {who}\n\nx\n".encode()
        content = b"commit %d\0" % len(body) + body
        oid = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        target = self._objects / oid[:2] / oid[2:]
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(zlib.compress(content, 1))
        return oid

    def _changes(self, trees: dict[str, str]) -> dict[str, dict[str, str]]:
        base = self._run("rev-parse", f"{self._base}^{{tree}}", stdin="").strip()
        lines = "".join(f"{base} {tree}\n" for tree in trees.values())
        said = self._run("diff-tree", "--stdin", "-r", "-z", "--no-renames", "--raw", stdin=lines)
        by_tree: dict[str, dict[str, str]] = {}
        tokens = iter(said.split("\0"))
        current: dict[str, str] = {}
        for token in tokens:
            header, _, about = token.rpartition("\n")
            if header:
                current = by_tree.setdefault(header.split()[-1], {})
            if about:
                current[next(tokens)] = about
        return {tip: by_tree.get(tree, {}) for tip, tree in trees.items()}

    def _stacked(self, tips: Sequence[str]) -> set[tuple[str, str]]:
        said = self._run(
            "rev-list", "--parents", "--stdin",
            stdin="".join(f"{tip}\n" for tip in tips) + f"^{self._base}\n",
        )  # fmt: skip
        parents = {row[0]: row[1:] for row in map(str.split, said.splitlines())}
        seen = {tip: _reach(tip, parents) for tip in tips}
        return {(a, b) for a, b in combinations(tips, 2) if seen[a] & seen[b]}


def _reach(tip: str, parents: dict[str, list[str]]) -> set[str]:
    seen: set[str] = set()
    left = [tip]
    while left:
        commit = left.pop()
        if commit in parents and commit not in seen:
            seen.add(commit)
            left += parents[commit]
    return seen
