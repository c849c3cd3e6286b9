"""A bare repository without objects of its own: it borrows a clone's, and has its own refs.

So branches can be named for a replay, and the clone is only ever read.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from core.domain.conflict import Contender
from core.domain.repo import Repo, WorktreeLayout
from core.git.command import git_environment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_ABOUT_MERGES: Final = (
    "merge", "conflict-marker-size", "diff", "text", "eol", "crlf", "working-tree-encoding",
    "ident", "filter",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Borrowed:
    """The repository, as Weft knows it; its base branch is `main`."""

    repo: Repo

    @classmethod
    def make(cls, clone: Path, folder: Path) -> Self:
        """Make one in *folder* that reads the objects of the repository *clone*.

        Args:
            clone: Its git directory, or a checkout.
            folder: A new folder.
        """
        git_dir = clone / ".git" if (clone / ".git").is_dir() else clone
        _git("init", "--quiet", "--bare", str(folder))
        alternates = folder / "objects" / "info" / "alternates"
        alternates.write_text(f"{(git_dir / 'objects').resolve()}\n", encoding="utf-8")
        shallow = git_dir / "shallow"
        if shallow.exists():
            (folder / "shallow").write_bytes(shallow.read_bytes())
        return cls(Repo(1, folder.name, folder, folder, "main", WorktreeLayout.SIBLING))

    def ignore_attributes(self) -> None:
        """Let no `.gitattributes` of a commit say how a file is merged.

        The repository's own attributes are stronger than those of its files.
        """
        own = self.repo.git_dir / "info" / "attributes"
        own.parent.mkdir(exist_ok=True)
        own.write_text(f"* {' '.join(f'!{word}' for word in _ABOUT_MERGES)}\n", encoding="utf-8")

    def point(self, refs: Mapping[str, str]) -> None:
        """Set branches, by short name, to commits."""
        lines = "".join(f"update refs/heads/{name} {oid}\n" for name, oid in refs.items())
        _git(f"--git-dir={self.repo.git_dir}", "update-ref", "--stdin", stdin=lines)

    def has(self, *commits: str) -> bool:
        """Whether all these commits are there."""
        asked = "".join(f"{oid}\n" for oid in commits)
        said = _git(f"--git-dir={self.repo.git_dir}", "cat-file", "--batch-check", stdin=asked)
        return said.count(" commit ") == len(commits)


def contender(branch: str) -> Contender:
    """Return a branch that may land; its task is named after it."""
    return Contender(branch, branch, None, branch, None, in_review=True)


def _git(*argv: str, stdin: str = "") -> str:
    done = subprocess.run(
        ["git", *argv],
        env=git_environment(),
        input=stdin,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
