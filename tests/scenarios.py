"""Real repositories for tests: one builder, and the named situations that merges meet."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_FIRST_COMMIT_S: Final = 1_767_225_600
"""2026-01-01T00:00:00Z; each commit is a minute later, so object ids repeat from run to run."""


def _text(said: bytes) -> str:
    return said.decode("utf-8", "surrogateescape").replace("\r\n", "\n").replace("\r", "\n")


@dataclass(slots=True)
class Repo:
    """A git repository on disk, driven by the real git."""

    path: Path
    _commits: int = field(default=0, repr=False)

    @classmethod
    def empty(cls, path: Path) -> Self:
        """Make a repository on `main` that has no commit yet."""
        path.mkdir(parents=True)
        repo = cls(path)
        repo.git("init", "--quiet", "--initial-branch=main")
        return repo

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make a repository on `main` with one commit of `a.txt` and `b.txt`, ten lines each."""
        repo = cls.empty(path)
        repo.commit("base", {"a.txt": numbered_lines(), "b.txt": numbered_lines()})
        return repo

    def git(
        self,
        *args: str,
        cwd: Path | None = None,
        stdin: str | None = None,
        ok: tuple[int, ...] = (0,),
    ) -> str:
        """Run git and return what it printed, without the last line's end.

        Raises:
            AssertionError: The exit status is not one of *ok*; the message is what git said.
        """
        done = subprocess.run(
            ["git", *args],
            cwd=cwd or self.path,
            env=os.environ | self._dates(),
            # As bytes: on Windows a text's line ends would reach git as others.
            input=None if stdin is None else stdin.encode("utf-8", "surrogateescape"),
            capture_output=True,
            check=False,
        )
        said, complaint = (_text(each) for each in (done.stdout, done.stderr))
        assert done.returncode in ok, f"git {' '.join(args)}: {complaint or said}"
        return said.rstrip("\n")

    def write(self, path: str, content: str | bytes) -> Path:
        """Write a file of the checkout, with its folders, and return where it is."""
        target = self.path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
        return target

    def commit(
        self, message: str, files: Mapping[str, str | bytes | None] | None = None, **texts: str
    ) -> str:
        """Commit and return the commit's id.

        Args:
            message: The subject.
            files: Contents by path; None deletes the path.
            texts: Contents by name: `a="one"` writes `a.txt`.
        """
        named = {f"{name}.txt": text for name, text in texts.items()}
        for path, content in {**(files or {}), **named}.items():
            if content is None:
                (self.path / path).unlink()
            else:
                self.write(path, content)
        self._commits += 1
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", f"--message={message}")
        return self.head()

    def branch(self, name: str, *, at: str = "main") -> None:
        """Make a branch at *at* and check it out."""
        self.git("switch", "--quiet", "--create", name, at)

    def switch(self, name: str) -> None:
        """Check a branch out."""
        self.git("switch", "--quiet", name)

    def head(self, ref: str = "HEAD") -> str:
        """Return the id of the commit that *ref* names."""
        return self.git("rev-parse", "--verify", f"{ref}^{{commit}}")

    def worktree(self, name: str, *, at: str = "main") -> Path:
        """Add a linked worktree on a new branch *name*, beside the repository."""
        path = self.path.parent / f"{self.path.name}-{name}"
        self.git("worktree", "add", "--quiet", "-b", name, str(path), at)
        return path

    def fingerprint(self) -> tuple[str, bytes, dict[str, bytes]]:
        """Return refs, index and checkout byte by byte, to prove that something left them alone."""
        refs = self.git("for-each-ref", "--format=%(refname) %(objectname)")
        index = (self.path / ".git" / "index").read_bytes()
        files = {
            path.relative_to(self.path).as_posix(): path.read_bytes()
            for path in self.path.rglob("*")
            if path.is_file() and ".git" not in path.relative_to(self.path).parts
        }
        return f"{self.git('symbolic-ref', '--quiet', 'HEAD')}\n{refs}", index, files

    def _dates(self) -> dict[str, str]:
        moment = f"{_FIRST_COMMIT_S + 60 * self._commits} +0000"
        return {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}


@dataclass(frozen=True, slots=True)
class Scenario:
    """Branches that start at `main`, and which of their pairs git cannot merge.

    Attributes:
        branches: Their names; each has one commit more than `main`.
        conflicts: By pair, in the order of `branches`: the kind of each conflicted path.
    """

    branches: tuple[str, ...]
    conflicts: Mapping[tuple[str, str], Mapping[str, str]]


def numbered_lines(count: int = 10, **changed: str) -> str:
    """Return `line 1` to `line N`, with some replaced: `numbered_lines(line_3="x")`."""
    return "".join(f"{changed.get(f'line_{n}', f'line {n}')}\n" for n in range(1, count + 1))


def content_conflict(repo: Repo) -> Scenario:
    """Two branches change one line in two ways."""
    for name in ("left", "right"):
        repo.branch(name)
        repo.commit(name, a=numbered_lines(line_3=name))
    repo.switch("main")
    return Scenario(("left", "right"), {("left", "right"): {"a.txt": "contents"}})


def add_add(repo: Repo) -> Scenario:
    """Two branches add one path with different contents."""
    for name in ("left", "right"):
        repo.branch(name)
        repo.commit(name, new=f"{name}\n")
    repo.switch("main")
    return Scenario(("left", "right"), {("left", "right"): {"new.txt": "add/add"}})


def modify_delete(repo: Repo) -> Scenario:
    """One branch edits a file that the other deletes."""
    repo.branch("editor")
    repo.commit("edit a", a=numbered_lines(line_5="edited"))
    repo.branch("remover")
    repo.commit("delete a", {"a.txt": None})
    repo.switch("main")
    return Scenario(("editor", "remover"), {("editor", "remover"): {"a.txt": "modify/delete"}})


def same_file_apart(repo: Repo) -> Scenario:
    """Two branches change lines of one file that lie far enough apart to merge."""
    repo.branch("top")
    repo.commit("top", a=numbered_lines(line_1="top"))
    repo.branch("bottom")
    repo.commit("bottom", a=numbered_lines(line_10="bottom"))
    repo.switch("main")
    return Scenario(("top", "bottom"), {})


def clean_trio(repo: Repo) -> Scenario:
    """Three branches that touch three different files."""
    names = ("one", "two", "three")
    for name in names:
        repo.branch(name)
        repo.commit(name, {f"{name}.txt": f"{name}\n"})
    repo.switch("main")
    return Scenario(names, {})


def colliding_trio(repo: Repo) -> Scenario:
    """Three branches: two collide in one line, the third is clean with both."""
    scenario = content_conflict(repo)
    repo.branch("apart")
    repo.commit("apart", b=numbered_lines(line_2="apart"))
    repo.switch("main")
    return Scenario((*scenario.branches, "apart"), scenario.conflicts)


SCENARIOS: Final[Mapping[str, Callable[[Repo], Scenario]]] = {
    builder.__name__: builder
    for builder in (
        content_conflict,
        add_add,
        modify_delete,
        same_file_apart,
        clean_trio,
        colliding_trio,
    )
}
