"""Runs that are under way: find them, and wait for what becomes of one."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from core.domain.run import ENDED, LIVE, Run, RunStatus
from core.processes.identity import ProcessIdentity, is_alive, look, resume
from core.queue import outcomes
from core.store.connection import data_version
from core.store.schema import RunRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.domain.repo import Repo

_LOOK_AGAIN_S: Final = 0.03
LIVE_VALUES: Final = tuple(status.value for status in LIVE)


def live_rows(repo: Repo) -> list[RunRow]:
    """Return the rows of the repository's runs under way, oldest first."""
    query = RunRow.select().where(RunRow.repo == repo.id, RunRow.status.in_(LIVE_VALUES))
    return list(query.order_by(RunRow.started_ms))


def count_live(repo: Repo, *, agent: str = "") -> int:
    """Return how many runs are under way; with *agent* only those of this profile."""
    query = RunRow.select().where(RunRow.repo == repo.id, RunRow.status.in_(LIVE_VALUES))
    if agent:
        query = query.where(RunRow.agent == agent)
    return int(query.count())


def has_dead_runner(repo: Repo) -> bool:
    """Return whether a run under way has lost its runner's process, so that recovery is due."""
    return any(
        runner is not None and not is_alive(runner)
        for runner in (runner_of(row) for row in live_rows(repo))
    )


def run_record(run_id: str) -> Run:
    """Return one run.

    Raises:
        NotFound: There is none.
    """
    return outcomes.run_records([outcomes.run_row(run_id)])[0]


def runner_of(row: RunRow) -> ProcessIdentity | None:
    """Return the process that took the run, alive or not; None before one came."""
    return _identity(row.runner_pid, row.runner_started_ms)


def wake(runner_pid: int) -> None:
    """Let a runner go on that somebody suspended; one that is only slow is left alone.

    Weft suspends agents, never runners. A runner that was stopped within a write would keep
    everybody from writing for as long as it stands.
    """
    seen = look(runner_pid)
    if seen is not None and seen.is_stopped:
        resume(seen.identity)


def agent_of(row: RunRow) -> ProcessIdentity | None:
    """Return the run's agent process, alive or not; None before it was started."""
    return _identity(row.pid, row.pid_started_ms)


async def settled(
    run_id: str,
    wanted: frozenset[RunStatus] = ENDED,
    *,
    limit_s: float,
    given_up: Callable[[], bool] = lambda: False,
) -> Run:
    """Return the run once its status is one of *wanted*, has ended, or *limit_s* has passed.

    Costs one pragma each 30 ms while nothing is committed. *given_up* ends the wait early.
    """
    deadline = time.monotonic() + limit_s
    version = -1
    run = run_record(run_id)
    while run.status not in wanted | ENDED and time.monotonic() < deadline and not given_up():
        await asyncio.sleep(_LOOK_AGAIN_S)
        newest = data_version()
        if newest != version:
            version, run = newest, run_record(run_id)
    return run_record(run_id)


def _identity(pid: int | None, started_ms: int | None) -> ProcessIdentity | None:
    return None if pid is None or started_ms is None else ProcessIdentity(pid, started_ms)
