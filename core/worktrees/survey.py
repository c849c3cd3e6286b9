"""What is there: every linked worktree, on disk, in git and in the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.domain.worktree import Standing, SurveyedWorktree, Worktree, WorktreeState
from core.errors import EnvironmentFault
from core.git.command import GitPlace
from core.git.commits import count_commits
from core.git.config import filters_off
from core.git.refs import HEADS, resolve
from core.git.status import worktree_status
from core.git.worktrees import list_worktrees
from core.worktrees import journal
from core.worktrees.guard import require_worktree

if TYPE_CHECKING:
    from core.domain.repo import Repo
    from core.git.worktrees import WorktreeEntry


async def survey(repo: Repo) -> tuple[SurveyedWorktree, ...]:
    """Look at every linked worktree; runs nothing of the repository's and changes nothing."""
    main = GitPlace(repo.git_dir)
    ours = {worktree.path: worktree for worktree in journal.standing(repo)}
    base = await resolve(main, repo.base_ref)
    found = []
    for entry in (await list_worktrees(main))[1:]:
        mine = ours.pop(entry.path, None)
        found.append(await _look(repo, main, base, entry, mine))
    found += [
        SurveyedWorktree(
            path=worktree.path,
            standing=Standing.BROKEN if worktree.path.exists() else Standing.MISSING,
            branch=worktree.branch,
            task=worktree.task,
            worker=worktree.worker,
            dirty=None,
            ahead=await _ahead(main, HEADS + worktree.branch, base),
            problem=f"git knows no worktree at {worktree.path}.",
        )
        for worktree in ours.values()
    ]
    return tuple(found)


async def _look(
    repo: Repo, main: GitPlace, base: str | None, entry: WorktreeEntry, mine: Worktree | None
) -> SurveyedWorktree:
    standing, problem, dirty = _standing(entry, mine), "", None
    try:
        place = require_worktree(repo.path, repo.git_dir, entry.path)
        dirty = len((await worktree_status(await filters_off(place))).uncommitted)
    except EnvironmentFault as error:
        problem = error.message
        if entry.path.exists() and mine is not None:
            standing = Standing.BROKEN
    return SurveyedWorktree(
        path=entry.path,
        standing=standing,
        branch=None if entry.branch is None else entry.branch.removeprefix(HEADS),
        task=None if mine is None else mine.task,
        worker=None if mine is None else mine.worker,
        dirty=dirty,
        ahead=await _ahead(main, entry.branch or entry.head, base),
        problem=problem,
    )


def _standing(entry: WorktreeEntry, mine: Worktree | None) -> Standing:
    if mine is None:
        return Standing.FOREIGN
    if not entry.path.exists():
        return Standing.MISSING
    return Standing.CREATING if mine.state is WorktreeState.CREATING else Standing.READY


async def _ahead(main: GitPlace, name: str | None, base: str | None) -> int | None:
    tip = None if name is None else await resolve(main, name)
    if tip is None or base is None:
        return None
    return await count_commits(main, tip, without=[base])
