"""How much memory is free, and how busy the processors are."""

from __future__ import annotations

from core.processes.identity import LINUX


def free_memory_mb() -> int:
    """Return the memory that a new program could get without swapping, in MB."""
    import psutil  # 4 MB and 20 ms: only who starts runs needs it

    return int(psutil.virtual_memory().available // (1024 * 1024))


def load_average() -> float:
    """Return how many processes wanted a processor at once, over the last minute."""
    import psutil  # as above

    return float(psutil.getloadavg()[0])


def give_back() -> None:
    """Return memory to the system that the start of a program needed and nothing uses any more."""
    if not LINUX:
        return
    import ctypes  # only for this call
    import gc

    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:  # only glibc has it
        trim(0)
