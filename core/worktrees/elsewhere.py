"""Commits that were made in a task's worktree, but not on its branch: found, kept and told.

git notes each move of a worktree's HEAD. A commit noted there counts when the task's branch and
the base do not hold it, and another branch does, or HEAD left it behind by going elsewhere. One
that was only replaced (amended, rebased) is none. What is found is kept among the task's
preserved refs, so nobody can lose it, and so the next look knows that it was told.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.errors import EnvironmentFault
from core.git.command import GitPlace, run_git
from core.git.commits import count_commits
from core.git.objects import trees_of
from core.git.reflog import COMMIT_MADE, RefMove, ref_moves
from core.git.refs import HEADS, head_ref, list_refs, object_id, resolve
from core.git.worktrees import worktree_place
from core.worktrees.preserve import PRESERVED, keep_commit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from core.domain.repo import Repo

_WENT_ELSEWHERE: Final = "checkout: moving from "
_MOST_TOLD: Final = 3


@dataclass(frozen=True, slots=True)
class Stray:
    """The last of some commits beside the branch.

    Attributes:
        commit: Its id.
        count: How many commits it brings that neither the branch nor the base has.
        branches: Short names of the branches that hold it; none when no branch does.
        kept: The ref of Weft's that holds it.
    """

    commit: str
    count: int
    branches: tuple[str, ...]
    kept: str

    @property
    def name(self) -> str:
        """What a person can give to git for it."""
        return self.branches[0] if self.branches else self.kept

    def told(self) -> str:
        """Return a sentence of which the subject is the run."""
        commits = "1 commit" if self.count == 1 else f"{self.count} commits"
        if self.branches:
            where = f"on the branch {self.branches[0]} ({self.commit[:10]}), not on its own"
        else:
            where = f"on no branch ({self.commit[:10]}), kept as {self.kept}"
        return f"It left {commits} {where}."


async def keep_elsewhere(repo: Repo, *, task: str, worktree: Path, branch: str) -> str:
    """Keep the commits made in *worktree* beside *branch*; return sentences that tell of them.

    Empty when there are none that were not told before, and when the folder is gone. A git that
    could not answer is told of as well.
    """
    try:
        place = worktree_place(repo.git_dir, worktree)
    except EnvironmentFault:  # gone or tampered with: who looks at its work says so
        return ""
    try:
        strays = await _strays(repo, place, task, branch)
        return await _told(strays, place, task, branch) if strays else ""
    except EnvironmentFault as error:
        return f"Whether commits lie beside its branch could not be seen: {error}"


async def _told(strays: Sequence[Stray], place: GitPlace, task: str, branch: str) -> str:
    said = [stray.told() for stray in strays[:_MOST_TOLD]]
    if len(strays) > _MOST_TOLD:
        said.append(f"{len(strays) - _MOST_TOLD} more: git for-each-ref {PRESERVED}{task}")
    if await head_ref(place) == HEADS + branch:
        names = " ".join(shlex.quote(stray.name) for stray in strays[:_MOST_TOLD])
        said.append(f"To take them: git -C {shlex.quote(str(place.work_tree))} merge {names}")
    return " ".join(said)


async def _strays(repo: Repo, place: GitPlace, task: str, branch: str) -> tuple[Stray, ...]:
    moves = await ref_moves(place, "HEAD")
    made = [move.oid for move in moves if COMMIT_MADE.match(move.message)]
    if not made:
        return ()
    main = GitPlace(repo.git_dir)
    own, base = await resolve(main, HEADS + branch), await resolve(main, repo.base_ref)
    landing = [oid for oid in (own, base) if oid]
    told = (await list_refs(main, f"{PRESERVED}{task}/")).values()
    heads = await _heads(main, made, without=[*landing, *told])
    left, found = _left_behind(moves), []
    for oid in heads:
        branches = await _branches_with(main, oid)
        if (branches or oid in left) and not await _same_content(main, oid, own, base):
            kept = await keep_commit(main, task, oid, "made beside the task's branch")
            count = await count_commits(main, oid, without=landing)
            found.append(Stray(oid, count, branches, kept))
    return tuple(found)


async def _heads(main: GitPlace, made: Iterable[str], *, without: Iterable[str]) -> list[str]:
    """Return those of *made* that nothing of *without*, and no other of them, holds."""
    made = dict.fromkeys(map(object_id, made))
    lines = "\n".join([*made, *(f"^{object_id(oid)}" for oid in without), ""])
    done = await run_git(main, "rev-list", "--parents", "--stdin", stdin=lines.encode("ascii"))
    rows = [line.split(" ") for line in done.text.splitlines()]
    missing = {row[0] for row in rows}
    parents = {oid for row in rows for oid in row[1:]}
    return [oid for oid in made if oid in missing and oid not in parents]


def _left_behind(moves: tuple[RefMove, ...]) -> frozenset[str]:
    """Return where HEAD was when it went elsewhere; *moves* are the newest first."""
    pairs = zip(moves[1:], moves, strict=False)
    return frozenset(old.oid for old, new in pairs if new.message.startswith(_WENT_ELSEWHERE))


async def _branches_with(main: GitPlace, oid: str) -> tuple[str, ...]:
    done = await run_git(
        main, "for-each-ref", "--format=%(refname)", f"--contains={object_id(oid)}", HEADS
    )
    return tuple(line.removeprefix(HEADS) for line in done.text.split("\n") if line)


async def _same_content(main: GitPlace, oid: str, own: str | None, base: str | None) -> bool:
    """Whether a commit of the branch itself holds just what *oid* holds: it was taken over."""
    if own is None:
        return False
    without = [f"^{base}"] if base else []
    done = await run_git(main, "log", "--format=%T", "--max-count=500", own, *without)
    return (await trees_of(main, [oid]))[0] in done.text.splitlines()
