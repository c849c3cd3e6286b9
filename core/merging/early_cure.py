"""Bring the base into a branch before it lands: an early cure for a branch that falls behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.conflicts.twins import new_twins
from core.conflicts.verdicts import plain_path
from core.domain.resolution import Brought
from core.errors import NotFound, Refused
from core.git.command import GitPlace
from core.git.commits import commit_tree, identity_env, with_trailers
from core.git.diff import changed_paths
from core.git.merge_tree import CannotMerge, merge_trees
from core.git.objects import trees_of
from core.git.quarantine import import_objects, quarantine, with_attributes
from core.git.refs import is_ancestor, resolve
from core.merging.branch_commit import Advance, Spot, put_on_branch, refuse_unless_ready
from core.merging.messages import TASK_TRAILER, person_of
from core.merging.plan import base_commit
from core.paths import scratch_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from core.domain.repo import Repo
    from core.git.quarantine import Quarantine


async def bring_base_in(
    repo: Repo,
    spot: Spot,
    *,
    now: datetime,
    run_filters: bool = False,
    halfway: Callable[[], None] | None = None,
) -> Brought:
    """Merge the base into a task's branch, in its worktree; only when that merges cleanly.

    The merge is made in memory first. Uncommitted files stay as they are; one that the base
    changes too is in the way, and then nothing is done. Nobody may be at work in the worktree.

    Args:
        repo: The repository.
        spot: The task's branch and worktree.
        now: Time of the commit.
        run_filters: Whether content filters may run: only in a trusted repository.
        halfway: Called between the files and the ref.

    Raises:
        UserError: No git identity, or the base is gone.
        NotFound: The branch is gone.
        Refused: The two conflict (`reasons` are the files), or the worktree is not ready.
    """
    me = await person_of(repo)
    place = GitPlace(repo.git_dir)
    base, head = await base_commit(repo), await head_of(repo, spot)
    if await is_ancestor(place, base, head):
        note = f"{spot.branch} holds all of {repo.base} already."
        return Brought(spot.task, spot.branch, repo.base, head, head, notes=(note,))
    await refuse_unless_ready(repo, spot)
    async with quarantine(place, scratch_folder("quarantine"), drivers=repo.drivers) as held:
        tree = await _clean_merge(repo, spot, held, head, base)
        signed = held.place.with_env(**identity_env(me, when=now))
        commit = await commit_tree(signed, tree, [head, base], _message(repo, spot))
        await import_objects(held, place, [commit], known=[head, base])
    await put_on_branch(
        repo,
        spot,
        Advance(head, commit, f"weft: merge {repo.base}"),
        run_filters=run_filters,
        halfway=halfway,
    )
    files = tuple(sorted(await changed_paths(place, head, commit)))
    return Brought(spot.task, spot.branch, repo.base, head, commit, files)


async def head_of(repo: Repo, spot: Spot) -> str:
    """Return the branch's commit.

    Raises:
        NotFound: It is gone.
    """
    head = await resolve(GitPlace(repo.git_dir), spot.ref)
    if head is None:
        raise NotFound(f"The branch {spot.branch} of {spot.task} is gone.")
    return head


async def _clean_merge(repo: Repo, spot: Spot, held: Quarantine, head: str, base: str) -> str:
    looking = await with_attributes(held, base, held.place.git_dir.parent / f"at-{base}")
    (merged,) = await merge_trees(looking.place, [(head, base)])
    if isinstance(merged, CannotMerge):
        raise Refused(f"git cannot merge {repo.base} into {spot.branch}: {merged.reason}.")
    (before,) = await trees_of(held.place, [head])
    twins = await new_twins(held, before, merged.tree) if merged.is_clean else ()
    if merged.is_clean and not twins:
        return merged.tree
    raise Refused(
        f"{repo.base} does not merge cleanly into {spot.branch}.",
        reasons=tuple(sorted({plain_path(path, (head, base)) for path in merged.paths})) or twins,
        hint=f"Resolve it: weft resolve {spot.task}",
    )


def _message(repo: Repo, spot: Spot) -> str:
    return with_trailers(f"Merge {repo.base} into {spot.branch}", [(TASK_TRAILER, spot.task)])
