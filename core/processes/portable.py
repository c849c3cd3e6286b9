"""The same questions as `identity`, answered by psutil: macOS and Windows."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

from core.processes.identity import WINDOWS, ProcessIdentity, Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_LETTERS: Final = {psutil.STATUS_ZOMBIE: "Z", psutil.STATUS_DEAD: "X", psutil.STATUS_STOPPED: "T"}


def look(pid: int) -> Seen | None:
    """Return what is at *pid* now, or None."""
    try:
        return _seen(psutil.Process(pid))
    except psutil.Error:
        return None


def look_around() -> tuple[Seen, ...]:
    """Return every process that can be seen; on Windows none as suspended: ask `look` for that.

    There a state or a parent costs a look at all threads of all processes: parents are asked for
    once, states not at all, and what belongs to the system is left out.
    """
    parents: dict[int, int] = psutil._ppid_map() if WINDOWS else {}  # type: ignore[attr-defined]
    found = []
    for process in _everybody():
        with suppress(psutil.Error, OSError):  # it ended meanwhile, or is not ours to see
            if not WINDOWS:
                found.append(_seen(process))
            elif (began := _began(process)) is not None and process.pid in parents:
                found.append(Seen(ProcessIdentity(process.pid, began), parents[process.pid], "S"))
    return tuple(found)


def _everybody() -> Iterator[psutil.Process]:
    """Yield every process anew: `process_iter` keeps those it knows, also when a pid is reused."""
    for pid in psutil.pids():
        with suppress(psutil.Error):
            yield psutil.Process(pid)


def environment_has(pid: int, name: str, value: str) -> bool:
    """Whether a process was started with *name*=*value*; False when it cannot be known."""
    try:
        return psutil.Process(pid).environ().get(name) == value
    except (psutil.Error, OSError):
        return False


def is_argument_of_any(word: str) -> bool:
    """Whether some process was started with exactly *word* as one of its arguments."""
    for process in _everybody():
        with suppress(psutil.Error, OSError):
            if word in process.cmdline():
                return True
    return False


def end(pid: int) -> None:
    """End a process at once: Windows has no other way that all programs understand.

    Raises:
        ProcessLookupError: It is gone.
        PermissionError: It is not ours.
    """
    _do(pid, psutil.Process.kill)


def suspend(pid: int) -> None:
    """Stop a process until `resume`; errors as of `end`."""
    _do(pid, psutil.Process.suspend)


def resume(pid: int) -> None:
    """Let a suspended process go on; errors as of `end`."""
    _do(pid, psutil.Process.resume)


def _do(pid: int, act: Callable[[psutil.Process], None]) -> None:
    try:
        act(psutil.Process(pid))
    except psutil.NoSuchProcess as error:
        raise ProcessLookupError(pid) from error
    except psutil.AccessDenied as error:
        raise PermissionError(pid) from error


def _seen(process: psutil.Process) -> Seen:
    with process.oneshot():
        began = _began(process)
        started = int(process.create_time() * 1000) if began is None else began
        letter = _LETTERS.get(process.status(), "S")
        return Seen(ProcessIdentity(process.pid, started), process.ppid(), letter)


def _began(process: psutil.Process) -> int | None:
    """Return when it began, in ms, as the system wrote it down then; None if that is withheld.

    `create_time` is no name for a process: on macOS it follows the clock when that is set.
    """
    _, began = getattr(process, "_ident", (process.pid, None))
    return None if began is None else int(began * 1000)


def holders(file: Path, *, program: str, folders: Sequence[Path]) -> tuple[int, ...]:
    """Return who may be at work on *file*, as `holders.holders` says.

    On Windows only of processes with the program's name: to ask one for its open files takes a
    second there, and a file that is open cannot be taken away.
    """
    found = []
    for process in _everybody():
        with suppress(psutil.Error, OSError):
            is_program = process.name().startswith(program)
            if process.pid == os.getpid() or (WINDOWS and not is_program):
                continue
            if any(Path(opened.path) == file for opened in process.open_files()) or (
                is_program and any(Path(process.cwd()).is_relative_to(f) for f in folders)
            ):
                found.append(process.pid)
    return tuple(found)
