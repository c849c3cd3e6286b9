"""Commits: make them, commit what a worktree holds, read them, ask who commits."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from core.errors import UserError
from core.git.command import run_git
from core.git.config import config_value, filters_off
from core.git.refs import head_ref, object_id, resolve
from core.git.status import operation_in_progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.git.command import GitPlace

NO_SIGNATURE: Final = ("commit.gpgSign", "false")
_LOG_FORMAT: Final = "%H%x00%T%x00%P%x00%an%x00%ae%x00%at%x00%ct%x00%s%x00%b%x00"
_LOG_FIELDS: Final = 9


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose name a commit carries."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as read; `committed_at` and `authored_at` are aware UTC, whole seconds."""

    oid: str
    tree: str
    parents: tuple[str, ...]
    author: Identity
    authored_at: datetime
    committed_at: datetime
    subject: str
    body: str


async def identity(place: GitPlace) -> Identity | None:
    """Return the person's git identity, or None when it is not set (git would guess one)."""
    name = os.environ.get("GIT_AUTHOR_NAME") or await config_value(place, "user.name")
    email = os.environ.get("GIT_AUTHOR_EMAIL") or await config_value(place, "user.email")
    return Identity(name, email) if name and email else None


def identity_env(
    author: Identity, committer: Identity | None = None, when: datetime | None = None
) -> dict[str, str]:
    """Return the variables that make git commit as *author*, at *when* if given."""
    committer = committer or author
    env = {
        "GIT_AUTHOR_NAME": author.name,
        "GIT_AUTHOR_EMAIL": author.email,
        "GIT_COMMITTER_NAME": committer.name,
        "GIT_COMMITTER_EMAIL": committer.email,
    }
    if when is not None:
        moment = f"{int(when.timestamp())} +0000"
        env |= {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}
    return env


async def commit_tree(place: GitPlace, tree: str, parents: Sequence[str], message: str) -> str:
    """Write a commit object and return its id; no ref, index or worktree changes.

    Give a place with `identity_env` to commit as somebody or at some time.
    """
    argv = [word for parent in parents for word in ("-p", object_id(parent))]
    done = await run_git(
        place, "commit-tree", object_id(tree), *argv, "-F", "-",
        stdin=message.encode("utf-8", "surrogateescape"),
    )  # fmt: skip
    return done.text


async def commit_leftovers(
    place: GitPlace, branch_ref: str, message: str, *, run_filters: bool
) -> str | None:
    """Commit what a worktree holds uncommitted onto its branch; None if there was nothing.

    No hooks, no signature, no editor; the index is brought up to date. A git repository inside
    the worktree that nobody added is left out: it stays there, uncommitted.

    Args:
        place: The worktree.
        branch_ref: The full ref that HEAD must be on.
        message: Whole commit message.
        run_filters: Whether content filters of the repository (LFS) may run. Without them such
            files are committed whole.

    Raises:
        UserError: HEAD is elsewhere, or a merge or rebase is half done.
    """
    operation = operation_in_progress(place.git_dir)
    if operation is not None:
        raise UserError(
            f"A {operation} is half done in {place.work_tree}.",
            hint=f"Finish it there (git {operation} --continue) or drop it (--abort).",
        )
    head = await head_ref(place)
    if head != branch_ref:
        raise UserError(
            f"{place.work_tree} is not on {branch_ref}, but on {head or 'no branch'}.",
            hint="Check the branch out there, or commit by hand.",
        )
    quiet = place if run_filters else await filters_off(place)
    quiet = quiet.with_config(NO_SIGNATURE)
    before = await resolve(place, "HEAD")
    await run_git(quiet, "add", "--all", "--", ".", *await _embedded(quiet))
    staged = await run_git(quiet, "diff", "--cached", "--quiet", "--no-ext-diff", ok=(0, 1))
    if before is not None and staged.status == 0:
        return None
    await run_git(
        quiet, "commit", "--quiet", "--no-verify", "--cleanup=verbatim", "-F", "-",
        stdin=message.encode("utf-8", "surrogateescape"),
    )  # fmt: skip
    return await resolve(place, "HEAD")


async def _embedded(place: GitPlace) -> tuple[str, ...]:
    """Return pathspecs that leave out git repositories inside a worktree.

    git would take in only the id of their commit, which nobody else could ever get.
    """
    done = await run_git(place, "ls-files", "--others", "--exclude-standard", "-z")
    return tuple(f":(exclude,literal,top){path}" for path in done.records if path.endswith("/"))


async def read_commit(place: GitPlace, oid: str) -> Commit:
    """Return one commit."""
    done = await run_git(
        place, "log", "-z", "--no-walk", "--no-show-signature", f"--format={_LOG_FORMAT}",
        "--end-of-options", object_id(oid),
    )  # fmt: skip
    return parse_log(done.records)[0]


async def read_commits(
    place: GitPlace, tip: str, *, without: Sequence[str] = (), limit: int = 1000
) -> tuple[Commit, ...]:
    """Return the commits that *tip* has and none of *without*, newest first, at most *limit*."""
    done = await run_git(
        place, "log", "-z", "--no-show-signature", "--topo-order", f"--format={_LOG_FORMAT}",
        f"--max-count={limit}", "--end-of-options", object_id(tip),
        *(f"^{object_id(oid)}" for oid in without),
    )  # fmt: skip
    return parse_log(done.records)


def parse_log(records: Sequence[str]) -> tuple[Commit, ...]:
    """Parse `log -z` in this module's format: nine fields and an empty record per commit."""
    step = _LOG_FIELDS + 1
    starts = range(0, len(records) - _LOG_FIELDS + 1, step)
    return tuple(_parse_commit(records[start : start + _LOG_FIELDS]) for start in starts)


def _parse_commit(fields: Sequence[str]) -> Commit:
    oid, tree, parents, name, email, authored, committed, subject, body = fields
    return Commit(
        oid=oid,
        tree=tree,
        parents=tuple(parents.split()),
        author=Identity(name, email),
        authored_at=datetime.fromtimestamp(int(authored), UTC),
        committed_at=datetime.fromtimestamp(int(committed), UTC),
        subject=subject,
        body=body.strip("\n"),
    )


async def count_commits(place: GitPlace, tip: str, *, without: Sequence[str] = ()) -> int:
    """Return how many commits *tip* has that none of *without* has."""
    done = await run_git(
        place, "rev-list", "--count", "--end-of-options", object_id(tip),
        *(f"^{object_id(oid)}" for oid in without),
    )  # fmt: skip
    return int(done.text)


async def unlanded_parents(
    place: GitPlace, tips: Iterable[str], *, base: str
) -> dict[str, tuple[str, ...]]:
    """Return the parents of every commit that some tip has and *base* has not; one process."""
    asked = "".join(f"{object_id(tip)}\n" for tip in tips)
    done = await run_git(
        place, "rev-list", "--parents", "--stdin", stdin=f"{asked}^{object_id(base)}\n".encode()
    )
    rows = (line.split() for line in done.text.splitlines())
    return {row[0]: tuple(row[1:]) for row in rows}


def with_trailers(message: str, trailers: Iterable[tuple[str, str]]) -> str:
    """Return *message* with trailer lines such as `Weft-Task: issue-4` as its last paragraph."""
    lines = [f"{key}: {' '.join(value.split())}" for key, value in trailers]
    body = message.rstrip("\n")
    return f"{body}\n\n" + "\n".join(lines) + "\n" if lines else f"{body}\n"


def trailers_of(message: str) -> tuple[tuple[str, str], ...]:
    """Return the trailers in the last paragraph of *message*; none if any line is not one."""
    title, _, last = message.rstrip("\n").rpartition("\n\n")
    pairs = [line.partition(": ") for line in last.splitlines()]
    if not title or not all(key and separator and " " not in key for key, separator, _ in pairs):
        return ()
    return tuple((key, value) for key, _, value in pairs)
