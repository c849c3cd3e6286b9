"""Whether one more run may start now; if not, one sentence says what it waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.dispatch.live import count_live
from core.processes.memory import free_memory_mb, load_average

if TYPE_CHECKING:
    from core.domain.repo import Repo


def hold_back(
    repo: Repo,
    *,
    max_workers: int,
    min_free_memory_mb: int,
    max_load: float = 0.0,
    profile: str = "",
    most: int = 0,
) -> str:
    """Return the sentence that a start waits with, or nothing when there is a place.

    Args:
        repo: The repository.
        max_workers: Runs at once in it.
        min_free_memory_mb: Memory of the machine that must be free; 0 for no look at it.
        max_load: Load average over one minute from which on it waits; 0 for never: a busy
            processor only makes agents slower.
        profile: Name of the profile that would start.
        most: The profile's own cap on runs at once; 0 for none.
    """
    live = count_live(repo)
    if live >= max_workers:
        return f"Starts when a place is free ({live} of {max_workers} running)."
    same = count_live(repo, agent=profile) if profile and most else 0
    if most and same >= most:
        return f"Starts when a place for {profile} is free ({same} of {most} running)."
    free = free_memory_mb() if min_free_memory_mb else 0
    if free < min_free_memory_mb:
        return f"Starts when memory is free ({free} of {min_free_memory_mb} MB)."
    load = load_average() if max_load else 0.0
    if max_load and load >= max_load:
        return f"Starts when the machine is less busy (load {load:.1f} of {max_load:g})."
    return ""
