"""The commit that a task begins from when what it depends on has not landed yet.

It is the base with the heads of those branches merged in, one after the other, by git's own merge
in a quarantine. Only a result that merged cleanly is brought into the repository.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import Refused
from core.git.command import GitPlace
from core.git.commits import commit_tree
from core.git.merge_tree import CannotMerge, merge_trees
from core.git.quarantine import import_objects, quarantine, with_attributes
from core.git.refs import is_ancestor
from core.paths import scratch_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.domain.repo import Repo
    from core.git.quarantine import Quarantine


@dataclass(frozen=True, slots=True)
class Below:
    """A branch that another is built on: its task and its head."""

    task: str
    head: str


class HeadsConflict(Refused):
    """What a task depends on cannot be put together; the message names who and where."""

    code = "heads_conflict"


async def stacked_start(repo: Repo, base: str, below: Sequence[Below], *, keep: bool = True) -> str:
    """Return the commit that holds *base* and every head of *below*.

    It is the base itself when it holds them all, and a head when that holds all the others.

    Args:
        repo: The repository, with the merge drivers that may run.
        base: The base's commit.
        below: The branches, in the order of merging.
        keep: Bring a new commit into the repository; else it is only found out whether it can be.

    Raises:
        HeadsConflict: Two of them conflict, or one with the base.
        EnvironmentFault: git failed, or does not know who commits.
    """
    main = GitPlace(repo.git_dir)
    async with quarantine(main, scratch_folder("scratch"), drivers=repo.drivers) as plain:
        held = await with_attributes(plain, base, plain.objects.parent.parent / "attributes")
        commit = base
        for number, one in enumerate(below):
            if await is_ancestor(held.place, one.head, commit):
                continue
            if await is_ancestor(held.place, commit, one.head):
                commit = one.head
                continue
            names = ", ".join(each.task for each in below[: number + 1])
            message = f"Begin on {repo.base} with {names}\n"
            commit = await _merged(repo, held, commit, one, below[:number], message)
        if keep and commit not in {base, *(one.head for one in below)}:
            known = [base, *(one.head for one in below)]
            await import_objects(held, main, [commit], known=known)
    return commit


async def _merged(
    repo: Repo, held: Quarantine, commit: str, one: Below, before: Sequence[Below], message: str
) -> str:
    (outcome,) = await merge_trees(held.place, [(commit, one.head)])
    others = " and ".join(each.task for each in before) or repo.base
    if isinstance(outcome, CannotMerge):
        raise HeadsConflict(f"{one.task} cannot be merged with {others}: {outcome.reason}.")
    if not outcome.is_clean:
        where = ", ".join(outcome.paths[:3])
        raise HeadsConflict(f"{one.task} conflicts with {others} in {where}: one must land first.")
    place = held.around(GitPlace(repo.git_dir))
    return await commit_tree(place, outcome.tree, [commit, one.head], message)
