"""Real commits of a landing: whose they are and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.errors import UserError
from core.git.command import GitPlace
from core.git.commits import (
    Identity,
    commit_tree,
    identity,
    identity_env,
    read_commits,
    trailers_of,
    with_trailers,
)
from core.git.replay import replay_commit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from core.domain.repo import Repo
    from core.git.commits import Commit
    from core.git.quarantine import Quarantine
    from core.merging.branches import Branch
    from core.merging.landing import Tip

TASK_TRAILER: Final = "Task"
_CO_AUTHOR: Final = "Co-authored-by"


async def person_of(repo: Repo) -> Identity:
    """Return whose name the commits of a merge carry.

    Raises:
        UserError: git knows no name and address; the hint has the two commands that set them.
    """
    found = await identity(GitPlace(repo.git_dir))
    if found is None:
        raise UserError(
            "git does not know your name and address, which a merge commit carries.",
            hint='Set them: git config --global user.name "Your Name"'
            " && git config --global user.email you@example.org",
        )
    return found


def merge_message(branch: Branch) -> str:
    """Return the message of a merge commit, with the task as a trailer."""
    subject = f"Merge {branch.task}: {_one_line(branch.contender.title)}"
    return with_trailers(subject, [(TASK_TRAILER, branch.task)])


def squash_message(branch: Branch, commits: Iterable[Commit], me: Identity) -> str:
    """Return the message of a squashed branch; its other authors are named as co-authors."""
    authors = [f"{name} <{email}>" for name, email in _others(commits, me)]
    trailers = [(TASK_TRAILER, branch.task), *((_CO_AUTHOR, author) for author in authors)]
    return with_trailers(_one_line(branch.contender.title) or branch.task, trailers)


def _others(commits: Iterable[Commit], me: Identity) -> list[tuple[str, str]]:
    """Return authors and co-authors but *me*, once per address, in order of appearance."""
    found: dict[str, tuple[str, str]] = {}
    for commit in commits:
        named = [(commit.author.name, commit.author.email)]
        for key, value in trailers_of(commit.body):
            if key.lower() == _CO_AUTHOR.lower() and value.endswith(">"):
                name, _, email = value.removesuffix(">").rpartition(" <")
                named.append((name, email))
        for name, email in named:
            if email and email.lower() != me.email.lower():
                found.setdefault(email.lower(), (name, email))
    return list(found.values())


def _one_line(title: str) -> str:
    return " ".join(title.split())


@dataclass(frozen=True, slots=True)
class RealCommits:
    """Writes the commits that will be on the base, in the person's name, at one time."""

    held: Quarantine
    me: Identity
    when: datetime

    async def merge(self, branch: Branch, tree: str, tip: Tip) -> str:
        """Return the merge commit."""
        return await self._commit(tree, [tip.commit, branch.head], merge_message(branch))

    async def squash(self, branch: Branch, tree: str, tip: Tip) -> str:
        """Return the one commit of the branch."""
        behind = (tip.commit, *tip.landed)
        commits = await read_commits(self.held.place, branch.head, without=behind)
        message = squash_message(branch, reversed(commits), self.me)
        return await self._commit(tree, [tip.commit], message)

    async def replay(self, original: str, tree: str, parent: str) -> str:
        """Return a commit of the branch on its new parent: same author, same message."""
        return await replay_commit(
            self.held.place,
            original,
            tree=tree,
            parents=[parent],
            committer=self.me,
            when=self.when,
        )

    async def _commit(self, tree: str, parents: list[str], message: str) -> str:
        place = self.held.place.with_env(**identity_env(self.me, when=self.when))
        return await commit_tree(place, tree, parents, message)
