"""Compare what the database says with the world, and put it right; in doubt, leave it.

Safe at any time and in several processes at once. Called when a window or loop starts, every
few seconds after that, and by `weft doctor --fix`.
"""

from __future__ import annotations

import asyncio
import json
import signal
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.clock import to_ms
from core.dispatch.launch import collect_ended_runners
from core.dispatch.live import live_rows, runner_of, wake
from core.dispatch.losing import lose_run
from core.domain.task import OPEN, TaskStatus
from core.domain.worktree import WorktreeState
from core.errors import EngineError
from core.processes.group import remove_left_groups
from core.processes.identity import ProcessIdentity, is_alive, is_argument_of_any, resume, send
from core.processes.tree import gone_within
from core.queue import claims
from core.runner.fence import GROUP_PREFIX
from core.store.schema import ClaimRow, TaskRow, as_tuples
from core.worktrees import journal
from core.worktrees.remove import remove
from core.worktrees.repo_lock import is_being_provisioned

if TYPE_CHECKING:
    from core.clock import Clock
    from core.domain.repo import Repo
    from core.store.schema import RunRow

START_LIMIT: Final = timedelta(seconds=90)
"""How long a run may be `starting` without a runner; a launch waits shorter than this."""
PATIENCE_S: Final = 30.0
"""How long an overdue lease of a live runner is watched, by a clock that nobody moves."""
_AT_ONCE: Final = 16
"""Runs that are put right at the same time."""
_RUNNER_ENDS_S: Final = 15.0
"""A runner that is told to terminate ends its agent first, which takes up to 9 s."""


@dataclass(slots=True)
class LeaseWatch:
    """Remembers since when a live runner's lease has been overdue.

    The wall clock may have been moved: so a lease that is overdue by it counts only when it was
    also not renewed for `PATIENCE_S` of this process's own time.
    """

    patience_s: float = PATIENCE_S
    _since: dict[str, tuple[int, float]] = field(default_factory=dict)

    def is_over(self, run_id: str, expires_ms: int, now_ms: int) -> bool:
        """Whether the lease has really lapsed."""
        if expires_ms >= now_ms:
            self._since.pop(run_id, None)
            return False
        seen = self._since.get(run_id)
        if seen is None or seen[0] != expires_ms:
            self._since[run_id] = (expires_ms, time.monotonic())
            return self.patience_s <= 0
        return time.monotonic() - seen[1] >= self.patience_s


async def recover(
    repo: Repo, *, clock: Clock, max_attempts: int, watch: LeaseWatch | None = None
) -> tuple[str, ...]:
    """Put right what crashed processes left; return one sentence for each thing done.

    A run whose runner is dead is `lost`: its agent is stopped, its work preserved, its task goes
    back to the backlog. Claims of agents that lapsed without a run are given back. Half-made and
    half-removed worktrees are cleared, after preserving.

    Args:
        repo: The repository.
        clock: The time.
        max_attempts: Attempts after which a task is escalated.
        watch: Kept by a caller that looks again and again, and that starts what agents have
            claimed as soon as there is a place: then such a claim does not lapse. Without it a
            live runner with an overdue lease is left alone.
    """
    collect_ended_runners()
    remove_left_groups(GROUP_PREFIX)
    wake_runners(repo)
    done = await _look_at_runs(repo, clock, max_attempts, watch)
    done += _lapsed_claims(repo, clock, watch)
    done += await _unfinished_worktrees(repo, clock)
    return tuple(done)


def wake_runners(repo: Repo) -> None:
    """Let runners go on that somebody suspended: it needs no lock, one of them may hold it."""
    for row in live_rows(repo):
        runner = runner_of(row)
        if runner is not None and is_alive(runner):
            wake(runner.pid)


async def _look_at_runs(
    repo: Repo, clock: Clock, max_attempts: int, watch: LeaseWatch | None
) -> list[str]:
    """Put right what became of each live run, several at a time.

    Agents that hear no signal take seconds each to end: after a crash of ten, one after another
    would keep the last task for most of a minute.
    """
    few = asyncio.Semaphore(_AT_ONCE)

    async def look_at(row: RunRow) -> str:
        async with few:
            return await _look_at_run(repo, row, clock, max_attempts, watch)

    rows = live_rows(repo)
    results = await asyncio.gather(*map(look_at, rows), return_exceptions=True)
    for result in results:  # only now: what went wrong with one keeps no other from its end
        if isinstance(result, BaseException):
            raise result
    return [said for said in results if isinstance(said, str) and said]


async def _look_at_run(
    repo: Repo, row: RunRow, clock: Clock, max_attempts: int, watch: LeaseWatch | None
) -> str:
    runner = runner_of(row)
    now_ms = to_ms(clock.now())
    if runner is None:
        if not _never_comes(row, now_ms, watch):
            return ""
        return await lose_run(repo, row, "Its runner never came.", clock, max_attempts)
    if not is_alive(runner):
        return await lose_run(repo, row, "Its runner died.", clock, max_attempts)
    claim = ClaimRow.get_or_none(ClaimRow.task == row.task.id, ClaimRow.fence == row.fence)
    expires_ms = 0 if claim is None else claim.lease_expires_ms
    if watch is None or expires_ms is None or not watch.is_over(row.id, expires_ms, now_ms):
        return ""
    await _end_hung(runner)
    said = await lose_run(repo, row, "Its runner hung: the lease ran out.", clock, max_attempts)
    return said or f"{row.task.key}: run {row.id} hung and was ended."


def _never_comes(row: RunRow, now_ms: int, watch: LeaseWatch | None) -> bool:
    """Whether the runner of a run that is starting will not come any more.

    One whose process is there may still be loading: it is given time by a clock that nobody
    moves. Else it was never started, or died at once: by a launcher that is dead too, or long ago.
    """
    due_ms = row.started_ms + int(START_LIMIT / timedelta(milliseconds=1))
    if is_argument_of_any(row.id):
        return watch is not None and watch.is_over(row.id, due_ms, now_ms)
    launcher = json.loads(row.profile).get("launcher")
    if launcher and not is_alive(ProcessIdentity(*launcher)):
        return True
    return due_ms <= now_ms


async def _end_hung(runner: ProcessIdentity) -> None:
    """Have a runner end its run by itself if it still can; else kill it."""
    send(runner, signal.SIGTERM)
    resume(runner)
    if not await gone_within(runner, _RUNNER_ENDS_S):
        send(runner, getattr(signal, "SIGKILL", signal.SIGTERM))


def _lapsed_claims(repo: Repo, clock: Clock, watch: LeaseWatch | None) -> list[str]:
    """Give back claims of agents that lapsed while no run was at work on them.

    A caller with a *watch* starts what is claimed, so only what is in progress lapses for it; and
    it waits, by a clock that nobody moves, whether the lease is really not renewed.
    """
    now = clock.now()
    owned = tuple(OPEN) if watch is None else (TaskStatus.IN_PROGRESS,)
    overdue = (
        TaskRow.select(
            TaskRow.key,
            TaskRow.worker_name,
            TaskRow.worktree,
            ClaimRow.fence,
            ClaimRow.lease_expires_ms,
        )
        .join(ClaimRow, on=(ClaimRow.task == TaskRow.id))
        .where(
            TaskRow.repo == repo.id,
            TaskRow.status.in_([status.value for status in owned]),
            ClaimRow.lease_expires_ms < to_ms(now),
        )
    )
    done = []
    for key, worker, worktree, fence, lease_ms in as_tuples(overdue):
        if watch is not None and not watch.is_over(f"{key} {fence}", lease_ms, to_ms(now)):
            continue
        if worktree and is_being_provisioned(Path(worktree)):
            continue  # a long set-up; its process is alive and will start the run
        if claims.reap(repo, key, fence=fence, now=now):
            done.append(f"{key}: the claim of {worker} ran out. It is in the backlog.")
    return done


async def _unfinished_worktrees(repo: Repo, clock: Clock) -> list[str]:
    """Clear worktrees whose making or removal was cut short."""
    done = []
    for worktree in journal.standing(repo):
        if worktree.state is WorktreeState.READY or is_being_provisioned(worktree.path):
            continue
        if worktree.task is not None and journal.owner(repo, worktree.task) is not None:
            continue  # its owner's next start makes it anew
        try:
            removed = await remove(repo, worktree.path, clock=clock, why="it was half made")
        except EngineError as error:
            done.append(f"{worktree.path} was left as it is: {error}")
            continue
        kept = f" Its work is kept as {removed.preserved.ref}." if removed.preserved.ref else ""
        done.append(
            f"{worktree.path} was cut short while {worktree.state.value} and is removed.{kept}"
        )
    return done
