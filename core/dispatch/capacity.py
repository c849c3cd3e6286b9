"""Whether one more run may start now; if not, one sentence says what it waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.dispatch.live import count_live
from core.processes.memory import free_memory_mb

if TYPE_CHECKING:
    from core.domain.repo import Repo


def hold_back(repo: Repo, *, max_workers: int, min_free_memory_mb: int) -> str:
    """Return the sentence that a start waits with, or nothing when there is a place.

    Load does not hold a start back: a busy processor only makes agents slower. Zero for
    *min_free_memory_mb* switches the look at the memory off.
    """
    live = count_live(repo)
    if live >= max_workers:
        return f"Starts when a place is free ({live} of {max_workers} running)."
    free = free_memory_mb() if min_free_memory_mb else 0
    if free < min_free_memory_mb:
        return f"Starts when memory is free ({free} of {min_free_memory_mb} MB)."
    return ""
