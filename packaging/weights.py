"""What processes need of memory, as the kernel of Linux counts it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_KB_IN_MB = 1024


@dataclass(frozen=True)
class Weight:
    """Memory in MB, as the mean of some processes.

    Attributes:
        resident: RSS: all that is in memory, what others share counted in full by each.
        proportional: PSS: what n processes share counts for 1/n. None where it cannot be read: a
            runner is private, then root alone may look.
        private: What no other process shares; ends with the process. None as above.
    """

    resident: float
    proportional: float | None
    private: float | None

    def __str__(self) -> str:
        if self.proportional is None or self.private is None:
            return f"RSS {self.resident:.1f} MB (the rest is for root to read)"
        return (
            f"RSS {self.resident:.1f} MB, PSS {self.proportional:.1f} MB,"
            f" private {self.private:.1f} MB"
        )


def weigh(pids: Sequence[int]) -> Weight:
    """Return what each of *pids* needs, on average."""
    os.sync()  # a page of a file just written counts as private until it is on disk
    try:
        found = [_fields(Path(f"/proc/{pid}/smaps_rollup")) for pid in pids]
    except PermissionError:
        found = [_fields(Path(f"/proc/{pid}/status")) for pid in pids]
        return Weight(_mean(found, "VmRSS"), None, None)
    private = _mean(found, "Private_Clean") + _mean(found, "Private_Dirty")
    return Weight(_mean(found, "Rss"), _mean(found, "Pss"), private)


def _mean(found: Sequence[dict[str, int]], name: str) -> float:
    return sum(fields[name] for fields in found) / len(found) / _KB_IN_MB


def _fields(file: Path) -> dict[str, int]:
    words = (line.split() for line in file.read_text(encoding="utf-8").splitlines())
    return {line[0].rstrip(":"): int(line[1]) for line in words if line[2:] == ["kB"]}
