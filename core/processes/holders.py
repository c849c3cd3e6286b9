"""Who has a file open or works in a folder now: asked before a lock that seems left is taken away.

What cannot be read, other users' processes above all, is not seen.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.processes.identity import LINUX, look_around

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_PROC: Final = Path("/proc")


def holders(file: Path, *, program: str, folders: Sequence[Path]) -> tuple[int, ...]:
    """Return the pids of live processes that may be at work on *file*.

    Args:
        file: Whoever has it open is one.
        program: Processes whose program's name starts so count also by where they work.
        folders: They work there when their current folder is in one of these, or when their
            environment names one.
    """
    if LINUX:
        return tuple(_linux_holders(file, program, folders))
    from core.processes import portable

    return portable.holders(file, program=program, folders=folders)


def _linux_holders(file: Path, program: str, folders: Sequence[Path]) -> Iterable[int]:
    wanted = str(file.resolve())
    for seen in look_around():
        pid = seen.identity.pid
        if pid == os.getpid() or not seen.is_alive:
            continue
        at = _PROC / str(pid)
        with suppress(OSError):  # it ended meanwhile, or is another user's
            is_program = (at / "comm").read_text(errors="replace").startswith(program)
            if (is_program and _works_in(at, folders)) or _has_open(at / "fd", wanted):
                yield pid


def _has_open(handles: Path, wanted: str) -> bool:
    for handle in os.listdir(handles):  # noqa: PTH208  no Path per handle
        with suppress(FileNotFoundError):  # closed meanwhile
            if os.readlink(handles / handle) == wanted:  # noqa: PTH115
                return True
    return False


def _works_in(process: Path, folders: Sequence[Path]) -> bool:
    current = (process / "cwd").readlink()
    if any(current.is_relative_to(folder.resolve()) for folder in folders):
        return True
    environment = (process / "environ").read_bytes()
    return any(os.fsencode(folder) in environment for folder in folders)
