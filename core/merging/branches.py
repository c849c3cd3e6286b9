"""What each contender would land: its commit, and what keeps it from landing now."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from core.conflicts import snapshots
from core.domain.names import fold
from core.domain.task import TaskStatus
from core.errors import EnvironmentFault
from core.git.command import GitPlace
from core.git.config import filters_off
from core.git.refs import HEADS, list_refs
from core.git.status import worktree_status
from core.git.worktrees import worktree_place
from core.tasks.board import list_tasks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from core.domain.conflict import Contender
    from core.domain.repo import Repo
    from core.domain.task import Task

_LOOKS_AT_ONCE: Final = 4


@dataclass(frozen=True, slots=True)
class Branch:
    """A contender with the commit that would land.

    Attributes:
        contender: Whose branch it is.
        head: The branch's commit; empty when the branch is gone.
        blocked: Why it may not land now, as a sentence part; empty when it may.
        waits_for: Dependencies that must land before it and have not.
    """

    contender: Contender
    head: str
    blocked: str = ""
    waits_for: tuple[str, ...] = ()

    @property
    def task(self) -> str:
        """Return the task's key."""
        return self.contender.task

    @property
    def name(self) -> str:
        """Return the branch's short name."""
        return self.contender.branch


@dataclass(frozen=True, slots=True)
class Survey:
    """All contenders as they are now, and the work beside them that has not landed.

    `others` maps the task of every unlanded branch that is not a contender to its commit.
    """

    branches: tuple[Branch, ...]
    others: Mapping[str, str]


async def survey(repo: Repo, contenders: Sequence[Contender]) -> Survey:
    """Look at heads and worktrees; nothing is changed and nothing of the repository runs.

    A branch is blocked when it is gone, not in review, has uncommitted files or is in the middle
    of a merge, or when a dependency has neither landed nor is a contender that may land.
    """
    place = GitPlace(repo.git_dir)
    refs = await list_refs(place, "refs/heads")
    tasks = {task.key: task for task in list_tasks(repo)}
    gate = asyncio.Semaphore(_LOOKS_AT_ONCE)

    async def look(contender: Contender) -> Branch:
        head = refs.get(HEADS + contender.branch, "")
        async with gate:
            blocked = await _why_blocked(repo, contender, head, tasks.get(contender.task))
        return Branch(contender, head, blocked, _unlanded(contender.depends_on, tasks))

    found = await asyncio.gather(*(look(contender) for contender in _ordered(contenders)))
    mine = {branch.task for branch in found}
    return Survey(
        _with_blocked_dependencies(found),
        {
            task.key: refs[HEADS + task.branch]
            for task in tasks.values()
            if task.key not in mine
            and task.branch
            and task.status is not TaskStatus.DONE
            and HEADS + task.branch in refs
        },
    )


def _ordered(contenders: Sequence[Contender]) -> list[Contender]:
    """Return them by arrival; those that never arrived last, as they were given."""
    arrived = [one for one in contenders if one.arrived_at is not None]
    arrived.sort(key=lambda one: (one.arrived_at, one.task))
    return arrived + [one for one in contenders if one.arrived_at is None]


def _unlanded(keys: Iterable[str], tasks: Mapping[str, Task]) -> tuple[str, ...]:
    known = {fold(key): task for key, task in tasks.items()}
    found = (known.get(fold(key)) for key in keys)
    return tuple(task.key for task in found if task and task.status is not TaskStatus.DONE)


async def _why_blocked(repo: Repo, contender: Contender, head: str, task: Task | None) -> str:
    if not head:
        return f"its branch {contender.branch} is gone"
    if contender.hold:
        return contender.hold
    # The board's word counts too: the task may have moved since the contender was made.
    if not contender.in_review or (task and task.status is not TaskStatus.REVIEW):
        return "not in review"
    if contender.worktree is None:
        return ""
    return await _why_not_committed(repo, contender.worktree)


async def _why_not_committed(repo: Repo, folder: Path) -> str:
    try:
        there = worktree_place(repo.git_dir, folder)
    except EnvironmentFault:
        return ""  # the worktree is gone: only the branch's commit counts
    try:
        async with asyncio.timeout(snapshots.LOOK_LIMIT_S):
            status = await worktree_status(await filters_off(there))
    except TimeoutError:
        return f"looking at its worktree took longer than {snapshots.LOOK_LIMIT_S:.0f} s"
    except EnvironmentFault as fault:
        return f"its worktree cannot be read: {fault}"
    if status.operation is not None:
        return f"a {status.operation} is half done in its worktree: finish or abort it"
    count = len(status.uncommitted)
    if count:
        return f"{count} uncommitted file{'' if count == 1 else 's'}: commit or discard"
    return ""


def _with_blocked_dependencies(branches: Sequence[Branch]) -> tuple[Branch, ...]:
    """Block what waits for a task that cannot land in this plan, and what waits for that."""
    found = tuple(branches)
    while True:
        may_land = {branch.task for branch in found if not branch.blocked}
        nearer = tuple(_without_missing(branch, may_land) for branch in found)
        if nearer == found:
            return found
        found = nearer


def _without_missing(branch: Branch, may_land: set[str]) -> Branch:
    missing = [task for task in branch.waits_for if task not in may_land]
    if branch.blocked or not missing:
        return branch
    has = "has" if len(missing) == 1 else "have"
    return replace(branch, blocked=f"waits for {', '.join(missing)}, which {has} not landed")
