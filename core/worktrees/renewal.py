"""Clear the place of a worktree that has to be made anew; what it held is kept first.

What git can hold goes under `refs/weft/preserved/`. A folder that git cannot explain is put
aside beside its place, as `<name>.aside-1`: nothing in it is deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.worktree import WorktreeState
from core.git.command import GitFailed, GitPlace
from core.git.refs import HEADS, delete_ref, resolve
from core.git.worktrees import list_worktrees, worktree_git_dir
from core.worktrees import journal
from core.worktrees.guard import NotOurWorktree, require_worktree
from core.worktrees.preserve import CannotPreserve, preserve, preserve_entry
from core.worktrees.remove import drop_folder

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from core.domain.repo import Repo
    from core.domain.worktree import Worktree


@dataclass(frozen=True, slots=True)
class Cleared:
    """Where that is which lay in the way: a ref, a folder, or neither when there was nothing."""

    preserved_ref: str = ""
    aside: Path | None = None


async def clear(repo: Repo, known: Worktree, *, task: str, why: str, now: datetime) -> Cleared:
    """Take away what stands at the place of *known*, and git's entry for it; the branch stays.

    What was kept of it is told by the event `worktree.renewed`. Under the repository's lock.
    """
    main = GitPlace(repo.git_dir)
    cleared = Cleared()
    if not known.path.exists():
        kept = await preserve_entry(repo, task=task, path=known.path, branch=known.branch, why=why)
        cleared = Cleared(preserved_ref=kept.ref)
    try:
        if known.path.is_dir() and _checkout_ended(repo, known):
            place = require_worktree(repo.path, repo.git_dir, known.path)
            kept = await preserve(repo, task=task, place=place, branch=known.branch, why=why)
            cleared = Cleared(preserved_ref=kept.ref)
        await drop_folder(main, known.path)
    except (NotOurWorktree, CannotPreserve, GitFailed):
        kept = await preserve_entry(repo, task=task, path=known.path, branch=known.branch, why=why)
        ref = kept.ref or cleared.preserved_ref
        cleared = Cleared(ref, _put_aside(known.path, repo.git_dir))
        await drop_folder(main, known.path)
    if cleared != Cleared():
        journal.note_renewed(
            repo, known, why=why, preserved_ref=cleared.preserved_ref, aside=cleared.aside, now=now
        )
    return cleared


async def retire(repo: Repo, known: Worktree, *, task: str, now: datetime) -> None:
    """Clear what a task left that is off the board, its branch too, for a new task of its name.

    Raises:
        CannotPreserve: The branch stays, and so does what stands in the folder or beside it.
    """
    main, ref, why = GitPlace(repo.git_dir), HEADS + known.branch, "its task was removed"
    await clear(repo, known, task=task, why=why, now=now)
    await preserve(repo, task=task, place=None, branch=known.branch, why=why)
    tip = await resolve(main, ref)
    elsewhere = any(entry.branch == ref for entry in await list_worktrees(main))
    if tip is not None and not elsewhere:
        await delete_ref(main, ref, old=tip)
    journal.mark(repo, known, WorktreeState.REMOVED, now=now)


def _checkout_ended(repo: Repo, known: Worktree) -> bool:
    """Whether git finished making the worktree: it writes the index last.

    Before that nobody was told of the folder, so all that is in it comes from git.
    """
    git_dir = worktree_git_dir(repo.git_dir, known.path)
    never_ready = known.state is WorktreeState.CREATING
    return not never_ready or git_dir is None or (git_dir / "index").exists()


def _put_aside(path: Path, git_dir: Path) -> Path:
    """Rename a folder to the first free `<name>.aside-<n>` and return that.

    Its link to git's entry is renamed too: the next worktree's has the same name, and git would
    take what is done in the folder as done there.
    """
    number = 1
    while (aside := path.with_name(f"{path.name}.aside-{number}")).exists():
        number += 1
    path.rename(aside)
    link = aside / ".git"
    ours = f"gitdir: {git_dir.as_posix()}/worktrees/"
    if link.is_file() and ours in link.read_text("utf-8", "replace"):
        link.rename(aside / ".git.aside")
    return aside
