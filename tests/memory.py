"""How much memory another process needs, as the kernel counts it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Weight:
    """What processes need, in kB, as the mean of all of them.

    Attributes:
        resident: RSS, which counts what others share in full.
        proportional: PSS, in which what n processes share counts for 1/n.
        private: What no other process shares.
    """

    resident: float
    proportional: float
    private: float

    def __str__(self) -> str:
        words = ("RSS", self.resident), ("PSS", self.proportional), ("private", self.private)
        return ", ".join(f"{word} {size / 1024:.1f} MB" for word, size in words)


def weigh(pids: Sequence[int]) -> Weight:
    """Return what each of *pids* needs on average (Linux); of a private process root alone may."""
    os.sync()  # a page of a file just written counts as private until it is on disk
    found = [_rollup(pid) for pid in pids]
    sums = (("Rss",), ("Pss",), ("Private_Clean", "Private_Dirty"))
    return Weight(
        *(sum(each[name] for each in found for name in names) / len(pids) for names in sums)
    )


def _rollup(pid: int) -> dict[str, int]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {name: int(size.split()[0]) for name, _, size in (ln.partition(":") for ln in lines)}


def peak_kb(pid: int) -> int:
    """Return the largest resident size that *pid* ever had, in kB (Linux)."""
    return _field(pid, "VmHWM")


def resident_kb(pid: int) -> int:
    """Return the present resident size of *pid* in kB (Linux)."""
    return _field(pid, "VmRSS")


def _field(pid: int, name: str) -> int:
    text = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in text.splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1])
