"""Remove the worktrees of landed tasks, once all that they hold is proven to be on the base.

Proven means: the task is done, its worktree holds nothing uncommitted, and its branch is either
part of the base, or stands where a merge run took it and the base still has what that made of it
(a squashed or replayed branch is not itself part of the base). The branch stays in any case.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.domain.landed import LandedWorktree
from core.domain.merge_run import StepState
from core.domain.task import TaskStatus
from core.errors import EngineError, EnvironmentFault
from core.git.command import GitPlace
from core.git.config import filters_off
from core.git.refs import HEADS, is_ancestor, resolve
from core.git.status import worktree_status
from core.merging.journal_entry import landed
from core.merging.plan import base_commit
from core.tasks.board import list_tasks
from core.worktrees import journal
from core.worktrees.guard import require_worktree
from core.worktrees.remove import remove

if TYPE_CHECKING:
    from core.clock import Clock
    from core.domain.repo import Repo
    from core.domain.task import Task
    from core.domain.worktree import Worktree


async def landed_worktrees(repo: Repo) -> tuple[LandedWorktree, ...]:
    """Return the worktrees of tasks that are done, and for each whether it could go."""
    done = {task.key: task for task in list_tasks(repo, status=[TaskStatus.DONE])}
    base = await base_commit(repo) if done else ""
    landings = _landings(repo) if done else {}
    return tuple(
        [
            LandedWorktree(
                one.task,
                one.path,
                one.branch,
                await _why_kept(repo, one, base, landings.get(one.task, {}), done[one.task]),
            )
            for one in journal.standing(repo)
            if one.task in done and one.path.exists()
        ]
    )


async def tidy(repo: Repo, *, clock: Clock) -> tuple[LandedWorktree, ...]:
    """Remove what `landed_worktrees` proves; return all, with what became of each."""
    found = []
    for one in await landed_worktrees(repo):
        if one.kept_because:
            found.append(one)
            continue
        try:
            await remove(repo, one.path, clock=clock, why="its task has landed")
        except EngineError as error:
            found.append(replace(one, kept_because=str(error)))
        else:
            found.append(replace(one, removed=True))
    return tuple(found)


def _landings(repo: Repo) -> dict[str, dict[str, str]]:
    """Return task → head of its branch → what the base got for it, of runs not undone."""
    found: dict[str, dict[str, str]] = {}
    for entry in landed(repo):
        for step in entry.steps:
            if step.state is StepState.MERGED and not entry.undone:
                found.setdefault(step.task, {})[step.head] = step.commit
    return found


async def _why_kept(
    repo: Repo, one: Worktree, base: str, landings: dict[str, str], task: Task
) -> str:
    place = GitPlace(repo.git_dir)
    busy = journal.owner(repo, task.key)
    if busy is not None:
        return busy
    try:
        there = await filters_off(require_worktree(repo.path, repo.git_dir, one.path))
    except EnvironmentFault as error:
        return str(error)
    status = await worktree_status(there)
    if status.operation is not None:
        return f"A {status.operation} is half done in it."
    count = len(status.uncommitted)
    if count:
        return f"It holds {count} uncommitted file{'' if count == 1 else 's'}."
    heads = {status.head or "", await resolve(place, HEADS + one.branch) or status.head or ""}
    for head in heads:
        if not await _is_on_base(place, head, base, landings):
            return f"{head[:12]} of {one.branch} is not on {repo.base}."
    return ""


async def _is_on_base(place: GitPlace, head: str, base: str, landings: dict[str, str]) -> bool:
    if not head or await is_ancestor(place, head, base):
        return bool(head)
    made_of_it = landings.get(head)
    return made_of_it is not None and await is_ancestor(place, made_of_it, base)
