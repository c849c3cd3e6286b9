"""How much memory is free, and how busy the processors are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from core.processes.identity import LINUX

_MAPPED: Final = Path("/proc/self/smaps")
_DONTNEED: Final = 4
"""Of Linux's `madvise`: these pages are not expected to be used soon."""


def free_memory_mb() -> int:
    """Return the memory that a new program could get without swapping, in MB."""
    import psutil  # 4 MB and 20 ms: only who starts runs needs it

    return int(psutil.virtual_memory().available // (1024 * 1024))


def load_average() -> float:
    """Return how many processes wanted a processor at once, over the last minute."""
    import psutil  # as above

    return float(psutil.getloadavg()[0])


def give_back() -> None:
    """Return memory to the system that nothing uses now; takes 4 to 10 ms.

    That is what lies free between the objects, and the pages of libraries that only a start or
    some work needed: the kernel brings one back from its file as soon as it is used again.
    """
    if not LINUX:
        return
    import ctypes  # only for these calls
    import gc

    sys.path_importer_cache.clear()  # the names of all modules in each folder that had one
    gc.collect()
    libc = ctypes.CDLL(None)
    trim = getattr(libc, "malloc_trim", None)
    if trim is not None:  # only glibc has it
        trim(0)
    for begin, end in _unchanged_file_pages():
        libc.madvise(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), _DONTNEED)


def _unchanged_file_pages() -> list[tuple[int, int]]:
    """Return from where to where files are mapped that this process has not changed in memory.

    Changed pages have no file to come back from. Where they are (what a loader relocated and then
    closed for writing), `Anonymous` says so.
    """
    if not _MAPPED.exists():  # a kernel may be built without it
        return []
    found = []
    here: tuple[int, int] | None = None
    with _MAPPED.open(encoding="utf-8", errors="replace") as said:
        for line in said:
            words = line.split(maxsplit=5)
            if words[0].endswith(":"):
                if here is not None and words[:2] == ["Anonymous:", "0"]:
                    found.append(here)
                continue
            span, access, _, _, inode = words[:5]
            begin, end = (int(address, 16) for address in span.split("-"))
            here = (begin, end) if inode != "0" and "w" not in access else None
    return found
