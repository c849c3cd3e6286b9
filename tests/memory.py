"""How much memory another process needs, as the kernel counts it."""

from __future__ import annotations

from pathlib import Path


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
