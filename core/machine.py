"""Facts about this machine that limit how much may run."""

from __future__ import annotations


def free_memory_mb() -> int:
    """Return how much memory can be taken without swapping, in MB."""
    import psutil  # 20 ms that most commands do not need

    return int(psutil.virtual_memory().available // 1_000_000)
