"""Remove a worktree: first make its work safe, then take the folder; in doubt leave it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.worktree import Worktree, WorktreeState
from core.errors import NotFound, Refused
from core.git.command import GitPlace
from core.git.refs import HEADS, delete_ref, resolve
from core.git.worktrees import list_worktrees, remove_worktree
from core.worktrees import journal
from core.worktrees.guard import require_worktree
from core.worktrees.preserve import Preserved, preserve, preserve_entry
from core.worktrees.repo_lock import worktrees_locked

if TYPE_CHECKING:
    from pathlib import Path

    from core.clock import Clock
    from core.domain.repo import Repo


@dataclass(frozen=True, slots=True)
class Removed:
    """What became of a worktree; `preserved` says where its unmerged work is, if it had any."""

    path: Path
    branch: str
    preserved: Preserved
    branch_deleted: bool


async def remove(
    repo: Repo,
    path: Path,
    *,
    clock: Clock,
    why: str = "the worktree was removed",
    delete_branch: bool = False,
) -> Removed:
    """Remove one of Weft's worktrees, after preserving what no merged commit holds.

    Ignored files go with the folder; everything else is reachable from `preserved.ref` or the
    base afterwards.

    Args:
        repo: The repository.
        path: Its folder.
        clock: The time of the journal's entries.
        why: Part of the preserving commit's message.
        delete_branch: Whether the branch goes too; what it holds is preserved as well.

    Raises:
        NotFound: Weft has no worktree there (a foreign one is never touched).
        Refused: Somebody owns the task, or a run is at work.
        CannotPreserve: Nothing was removed.
    """
    worktree = journal.find(repo, path)
    if worktree is None:
        raise NotFound(f"{path} is no worktree of Weft's.", hint="`git worktree list` shows all.")
    busy = None if worktree.task is None else journal.owner(repo, worktree.task)
    if busy is not None:
        raise Refused(
            f"The worktree {path} is in use.",
            reasons=(busy,),
            hint=f"Release the task first: weft release {worktree.task}",
        )
    async with worktrees_locked(repo.git_dir):
        return await _remove_locked(repo, worktree, clock, why, delete_branch=delete_branch)


async def _remove_locked(
    repo: Repo, worktree: Worktree, clock: Clock, why: str, *, delete_branch: bool
) -> Removed:
    main = GitPlace(repo.git_dir)
    task = worktree.task or worktree.branch.replace("/", "-")
    place = None
    if worktree.path.exists():
        place = require_worktree(repo.path, repo.git_dir, worktree.path)
    branch = worktree.branch
    kept = await preserve(repo, task=task, place=place, branch=branch, why=why)
    if place is None:
        await preserve_entry(repo, task=task, path=worktree.path, branch=branch, why=why)
    worktree = journal.mark(
        repo, worktree, WorktreeState.REMOVING, now=clock.now(), preserved_ref=kept.ref
    )
    tip = await resolve(main, HEADS + worktree.branch)
    await drop_folder(main, worktree.path)
    if delete_branch and tip is not None:
        await delete_ref(main, HEADS + worktree.branch, old=tip)
    journal.mark(repo, worktree, WorktreeState.REMOVED, now=clock.now())
    return Removed(worktree.path, worktree.branch, kept, delete_branch and tip is not None)


async def drop_folder(main: GitPlace, path: Path) -> None:
    """Remove a linked worktree and git's entry for it; also one whose folder is gone already."""
    entries = {entry.path: entry for entry in await list_worktrees(main)}
    entry = entries.get(path) or entries.get(path.resolve())
    if entry is not None:  # not by `prune`: a person's worktree may be on a drive that is away
        await remove_worktree(main, entry.path, force=True)
