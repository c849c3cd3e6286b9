"""End a run whose runner is dead: stop what it left running, keep its work, record it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.agents.environment import RUN_MARK
from core.dispatch.live import LIVE_VALUES, agent_of
from core.domain.run import RunStatus
from core.errors import EnvironmentFault
from core.processes.group import remove_group
from core.processes.tree import Ladder, ProcessTree
from core.queue import outcomes
from core.queue.moved_base import base_at_start, look_at_base, record_moved_base
from core.runner.fence import fence_of
from core.runner.reach import forget_socket
from core.store.schema import RunRow
from core.worktrees.elsewhere import keep_elsewhere
from core.worktrees.guard import require_worktree
from core.worktrees.preserve import Preserved, preserve
from core.worktrees.stale_lock import clear_stale_locks

if TYPE_CHECKING:
    from core.clock import Clock
    from core.domain.repo import Repo

_LADDER: Final = Ladder(interrupt_s=1.0, terminate_s=1.5, kill_s=5.0)
"""Shorter than a runner's own: nobody hears the agent any more, and its task waits for this."""


async def lose_run(
    repo: Repo,
    row: RunRow,
    reason: str,
    clock: Clock,
    max_attempts: int,
    *,
    status: RunStatus = RunStatus.LOST,
) -> str:
    """End what is left of a run and record it; its task goes back to the backlog.

    The agent is stopped before the task is free, so that never two work in one worktree.

    Args:
        repo: The repository.
        row: The run, whose runner is dead.
        reason: Becomes the task's `last_error`.
        clock: The time.
        max_attempts: Attempts after which the task is escalated.
        status: How it ended: lost, or failed when it never began.

    Returns:
        A sentence for people; empty when somebody else ended it in the meantime.
    """
    row = RunRow.get_by_id(row.id)
    if row.status not in LIVE_VALUES:
        return ""  # it ended in the meantime, by its own runner or another process's recovery
    group = fence_of(row.id)
    stopped = await ProcessTree(agent_of(row), (RUN_MARK, row.id), group=group).end(_LADDER)
    remove_group(group)
    forget_socket(row.id)
    clear_stale_locks(repo.git_dir, Path(row.worktree))
    reason += await _moved_base(repo, row, clock)
    elsewhere = await keep_elsewhere(
        repo, task=row.task.key, worktree=Path(row.worktree), branch=row.branch
    )
    reason += elsewhere and f" {elsewhere}"
    kept, note = await _keep(repo, row, status)
    if not stopped:
        note += " Some of its processes could not be ended."
    ended = outcomes.run_ended(
        repo,
        row.id,
        status,
        reason=reason,
        max_attempts=max_attempts,
        now=clock.now(),
        actor="weft",
        preserved_ref=kept.ref,
    )
    if not ended:
        return ""
    task = row.task.key
    return f"{task}: run {row.id} was {status.value}. {reason}{note} The task is in the backlog."


async def _moved_base(repo: Repo, row: RunRow, clock: Clock) -> str:
    """Return what the run did to the base by itself, with a blank before it; else nothing."""
    before = base_at_start(repo, row.task.key, row.id)
    try:
        moved = await look_at_base(repo, Path(row.worktree), before) if before else None
    except EnvironmentFault as error:
        return f" Whether it moved {repo.base} could not be seen: {error}"
    if moved is None:
        return ""
    record_moved_base(
        repo, moved, run=row.id, task=row.task.key, worker=row.worker_name, now=clock.now()
    )
    return f" {moved.told(repo)}"


async def _keep(repo: Repo, row: RunRow, status: RunStatus) -> tuple[Preserved, str]:
    """Preserve a run's work; a doubt is told and changes nothing."""
    worktree = Path(row.worktree)
    try:
        place = None
        if worktree.is_dir():
            place = require_worktree(repo.path, repo.git_dir, worktree)
        kept = await preserve(
            repo,
            task=row.task.key,
            place=place,
            branch=row.branch,
            why=f"the run was {status.value}",
        )
    except EnvironmentFault as error:
        return Preserved(), f" Its work was left where it is: {error}"
    return kept, f" Its work is kept as {kept.ref}." if kept.ref else ""
