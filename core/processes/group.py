"""A control group of Linux around one tree of processes, where the system lets us make one.

A process that clears its environment, leaves its session and loses its parent is found neither
by descent nor by a mark; but it stays in its group, and so does all that it starts. Needs control
groups of version 2, and that our own group is ours to divide: so it is on a desktop or server
with systemd, in a root's shell, seldom in a container.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.processes.identity import LINUX

if TYPE_CHECKING:
    from collections.abc import Iterator

_MEMBERS: Final = "cgroup.procs"
_LEFT_S: Final = 60.0


def make_group(name: str) -> Path | None:
    """Make the group *name* below this process's own; None where that is not possible."""
    own = _own_group() if LINUX else None
    if own is None:
        return None
    group = own / name
    try:
        group.mkdir(exist_ok=True)
        # What cannot be moved into would hold nothing: a write without a pid shows the rights.
        with (group / _MEMBERS).open("w"), (own / _MEMBERS).open("w"):
            return group
    except OSError:
        remove_group(group)
        return None


def enter_group(group: Path | None) -> bool:
    """Move this process into *group*: what it starts from now on is born there."""
    return group is not None and _move_self(group)


def leave_group(group: Path | None) -> bool:
    """Move this process back to the group around *group*; what it started stays."""
    return group is not None and _move_self(group.parent)


def group_pids(group: Path | None) -> frozenset[int]:
    """Return the pids in *group* and in groups that its members made below it."""
    if group is None:
        return frozenset()
    return frozenset(pid for folder in _folders(group) for pid in _pids(folder))


def remove_group(group: Path | None) -> bool:
    """Remove an empty group; False while somebody is in it."""
    if group is None:
        return True
    try:
        for folder in sorted(_folders(group), reverse=True):  # the inner ones first
            folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def remove_left_groups(prefix: str, *, older_s: float = _LEFT_S) -> int:
    """Remove empty groups beside this process's children whose makers died; return how many.

    A fresh one may be about to be entered: it is left alone.
    """
    own = _own_group() if LINUX else None
    removed = 0
    with suppress(OSError):
        for group in own.glob(f"{prefix}*") if own is not None else ():
            if time.time() - group.stat().st_mtime > older_s and not group_pids(group):
                removed += remove_group(group)
    return removed


def _move_self(group: Path) -> bool:
    try:
        (group / _MEMBERS).write_text(str(os.getpid()), "ascii", newline="\n")
    except OSError:
        return False
    return True


def _own_group() -> Path | None:
    """Return the folder of this process's group of version 2, if there is one."""
    with suppress(OSError):
        top = _mounted()
        for line in Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines():
            if top is not None and line.startswith("0::/") and not line.startswith("0::/.."):
                own = top / line.removeprefix("0::/")
                return own if (own / _MEMBERS).exists() else None
    return None


def _mounted() -> Path | None:
    for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines():
        fields = line.split(" ")
        if len(fields) > 2 and fields[2] == "cgroup2":
            return Path(fields[1])
    return None


def _folders(group: Path) -> Iterator[Path]:
    for folder, _, _ in os.walk(group):
        yield Path(folder)


def _pids(folder: Path) -> list[int]:
    try:
        return [int(line) for line in (folder / _MEMBERS).read_text("ascii").split()]
    except OSError:  # it was removed meanwhile
        return []
