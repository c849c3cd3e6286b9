"""How many may run at once, and what a start waits for."""

from __future__ import annotations

from core.processes.memory import free_memory_mb


def why_no_place(running: int, limit: int, least_free_mb: int) -> str:
    """Return the sentence that a start waits with, or nothing when there is a place.

    Args:
        running: Live runs now.
        limit: The setting `max_workers`.
        least_free_mb: The setting `min_free_memory_mb`; 0 switches it off.
    """
    if running >= limit:
        return f"Starts when a place is free ({running} of {limit} running)."
    free = free_memory_mb() if least_free_mb else 0
    if free < least_free_mb:
        return f"Starts when memory is free ({free} of {least_free_mb} MB)."
    return ""
