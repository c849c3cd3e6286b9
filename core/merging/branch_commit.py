"""Put a commit of Weft's on a task's branch: first the files of its worktree, then the ref.

In this order a kill between the two leaves uncommitted files that hold what was to be brought, and
the next start moves the ref (`half_done`). The other way round the worktree would show the brought
work as deleted, and the next commit would delete it.
"""

from __future__ import annotations

import asyncio
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import Refused
from core.git.checkout import bring_along, in_the_way
from core.git.command import GitPlace
from core.git.config import filters_off
from core.git.refs import HEADS, RefMoved, head_ref, update_ref
from core.git.status import operation_in_progress
from core.git.worktrees import list_worktrees
from core.merging.half_done import Begun
from core.worktrees.guard import require_worktree
from core.worktrees.repo_lock import worktrees_locked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.domain.repo import Repo


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a task's work is: its branch, and its worktree unless that is gone."""

    task: str
    branch: str
    worktree: Path | None

    @property
    def ref(self) -> str:
        """Return the full name of the branch's ref."""
        return HEADS + self.branch


@dataclass(frozen=True, slots=True)
class Advance:
    """A branch's way from *old* to *new*, a commit that has *old* as a parent."""

    old: str
    new: str
    message: str


async def refuse_unless_ready(repo: Repo, spot: Spot) -> None:
    """Raise unless the worktree is on its branch, with no merge or rebase half done.

    A branch that another folder has checked out as well (the worktree was removed and the person
    went on in the main checkout) does not move: the brought work would look deleted there.

    Raises:
        Refused: It says what to do first.
        NotOurWorktree: The folder is not what it should be.
    """
    await _refuse_if_elsewhere(repo, spot)
    if spot.worktree is None:
        return
    place = require_worktree(repo.path, repo.git_dir, spot.worktree)
    operation = operation_in_progress(place.git_dir)
    if operation is not None:
        raise Refused(
            f"A {operation} is half done in the worktree of {spot.task}.",
            hint=f"Finish it in {spot.worktree} (git {operation} --continue) or drop it (--abort).",
        )
    head = await head_ref(place)
    if head != spot.ref:
        raise Refused(
            f"The worktree of {spot.task} is not on {spot.branch}, but on {head or 'no branch'}.",
            hint=f"Check it out there: git -C {spot.worktree} switch {spot.branch}",
        )


async def _refuse_if_elsewhere(repo: Repo, spot: Spot) -> None:
    mine = spot.worktree.resolve() if spot.worktree else None
    for entry in await list_worktrees(GitPlace(repo.git_dir), main=repo.path):
        if entry.branch == spot.ref and entry.path.is_dir() and entry.path.resolve() != mine:
            raise Refused(
                f"{spot.branch} is checked out in {entry.path}, which is not the worktree of"
                f" {spot.task}. Nothing was changed.",
                hint=f"Leave it there first: git -C {shlex.quote(str(entry.path))} switch --detach",
            )


async def put_on_branch(
    repo: Repo,
    spot: Spot,
    way: Advance,
    *,
    run_filters: bool,
    halfway: Callable[[], None] | None = None,
) -> None:
    """Move a branch and its worktree with it; all or nothing.

    Uncommitted files elsewhere stay as they are. The repository must be able to read the new
    commit.

    Args:
        repo: The repository.
        spot: Whose branch.
        way: Where it must be, and where it goes.
        run_filters: Whether content filters may run: only in a trusted repository.
        halfway: Called between the files and the ref.

    Raises:
        Refused: Uncommitted files are in the way, or the branch has moved; nothing was changed.
    """
    doing = asyncio.ensure_future(_noted(repo, spot, way, halfway, run_filters=run_filters))
    try:
        await asyncio.shield(doing)
    except asyncio.CancelledError:
        await doing  # never between the files and the ref
        raise


async def _noted(
    repo: Repo,
    spot: Spot,
    way: Advance,
    halfway: Callable[[], None] | None,
    *,
    run_filters: bool,
) -> None:
    folder = str(spot.worktree or "")
    begun = Begun(str(repo.git_dir), spot.branch, folder, way.old, way.new, way.message)
    async with worktrees_locked(repo.git_dir):
        begun.note()
        try:
            await _put(repo, spot, way, halfway, run_filters=run_filters)
        finally:
            begun.forget()


async def _put(
    repo: Repo,
    spot: Spot,
    way: Advance,
    halfway: Callable[[], None] | None,
    *,
    run_filters: bool,
) -> None:
    place = files = GitPlace(repo.git_dir)
    if spot.worktree is not None:
        place = require_worktree(repo.path, repo.git_dir, spot.worktree)
        files = place if run_filters else await filters_off(place)
        await _bring(spot, files, way)
    if halfway is not None:
        halfway()
    try:
        await update_ref(place, spot.ref, way.new, old=way.old, message=way.message)
    except RefMoved as error:
        if spot.worktree is not None:
            await bring_along(files, way.new, way.old)
        raise Refused(
            f"{spot.branch} got another commit just now.", hint="Look again, then try again."
        ) from error


async def _bring(spot: Spot, place: GitPlace, way: Advance) -> None:
    blocked = await bring_along(place, way.old, way.new)
    if not blocked:
        return
    if not await in_the_way(place, way.new, way.old):
        return  # it is at *new* already: a killed process did this half
    raise Refused(
        f"Uncommitted files of {spot.task} are in the way.",
        reasons=tuple(f"{path} is not committed." for path in blocked),
        hint=f"Commit or discard them in {spot.worktree}, then try again.",
    )
