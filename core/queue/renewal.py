"""A run's lease goes on. Apart from the claims: each runner loads it, and claims nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.clock import to_ms
from core.domain.run import LIVE
from core.locks import expiry
from core.store.plain import change, select
from core.store.transactions import transaction

if TYPE_CHECKING:
    from datetime import datetime, timedelta

_LIVE: Final = ", ".join(f"'{status.value}'" for status in LIVE)
_RUN: Final = f"SELECT task_id, repo_id, worker_name FROM run WHERE id = ? AND status IN ({_LIVE})"  # noqa: S608  our words
_CLAIM: Final = "UPDATE claim SET lease_expires_ms = ? WHERE task_id = ? AND fence = ?"
_BEAT_OF_RUN: Final = "UPDATE run SET heartbeat_ms = ? WHERE id = ?"
_BEAT_OF_WORKER: Final = "UPDATE worker SET heartbeat_ms = ? WHERE repo_id = ? AND name = ?"


def renew(run_id: str, *, fence: int, now: datetime, lease: timedelta) -> bool:
    """Extend the lease of a run's claim, and note the run's heartbeat.

    Called by the runner at half the lease or more often, so that one missed beat loses nothing.

    Returns:
        False when the claim is no longer that of *fence*: stop the agent, write nothing more.
    """
    until, beat = to_ms(now + lease), to_ms(now)
    with transaction():
        for task, repo, worker in select(_RUN, run_id):
            if not change(_CLAIM, until, task, fence):
                return False
            expiry.renew(task, fence, until)
            change(_BEAT_OF_RUN, beat, run_id)
            note_life(repo, worker, now=now)
            return True
    return False


def note_life(repo_id: int, worker: str, *, now: datetime) -> None:
    """Note that a worker gave a sign of life; only inside a transaction."""
    change(_BEAT_OF_WORKER, to_ms(now), repo_id, worker)
