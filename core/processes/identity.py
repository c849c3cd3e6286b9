"""Who is who: a pid counts only together with its start time.

On Linux everything is read from `/proc`: it costs a runner nothing, and a start time in clock
ticks since boot stays true when somebody moves the clock. Elsewhere psutil answers.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

LINUX: Final = sys.platform == "linux"
WINDOWS: Final = sys.platform == "win32"

_PROC: Final = Path("/proc")
_GONE: Final = frozenset("ZXx")
_STOPPED: Final = frozenset("Tt")


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """A process for good: a reused pid has another start time.

    `started_ms` is comparable only with another one's of the same machine: milliseconds since
    boot on Linux, since the epoch elsewhere, by the clock as it stood then.
    """

    pid: int
    started_ms: int


@dataclass(frozen=True, slots=True)
class Seen:
    """One process as it is now; `state` is the letter of `/proc/<pid>/stat` (Z dead, T stopped)."""

    identity: ProcessIdentity
    parent: int
    state: str

    @property
    def is_alive(self) -> bool:
        """Whether it still runs; one that only waits to be reaped does not."""
        return self.state not in _GONE

    @property
    def is_stopped(self) -> bool:
        """Whether it is suspended."""
        return self.state in _STOPPED


def own_identity() -> ProcessIdentity:
    """Return this process."""
    found = identify(os.getpid())
    assert found is not None
    return found


def identify(pid: int) -> ProcessIdentity | None:
    """Return the identity of the live process that has *pid* now, or None."""
    seen = look(pid)
    return seen.identity if seen is not None and seen.is_alive else None


def is_alive(process: ProcessIdentity) -> bool:
    """Whether exactly this process, and not a later one with its pid, still runs."""
    return identify(process.pid) == process


def look(pid: int) -> Seen | None:
    """Return what is at *pid* now, dead or alive, or None."""
    if LINUX:
        return _parse_stat(pid)
    from core.processes import portable  # psutil costs 4 MB: only where there is no /proc

    return portable.look(pid)


def look_around() -> tuple[Seen, ...]:
    """Return every process that can be seen."""
    if LINUX:
        pids = (int(entry) for entry in os.listdir(_PROC) if entry.isdigit())  # noqa: PTH208  no Path per process
        return tuple(seen for pid in pids if (seen := _parse_stat(pid)) is not None)
    from core.processes import portable

    return portable.look_around()


def environment_has(pid: int, name: str, value: str) -> bool:
    """Whether a process was started with *name*=*value*; False when it cannot be known."""
    if LINUX:
        try:
            environment = (_PROC / str(pid) / "environ").read_bytes()
        except OSError:  # gone, or another user's
            return False
        return f"{name}={value}".encode() in environment.split(b"\0")
    from core.processes import portable

    return portable.environment_has(pid, name, value)


def is_argument_of_any(word: str) -> bool:
    """Whether some live process was started with exactly *word* as one of its arguments."""
    if not LINUX:
        from core.processes import portable

        return portable.is_argument_of_any(word)
    wanted = word.encode()
    for seen in look_around():
        try:
            words = (_PROC / str(seen.identity.pid) / "cmdline").read_bytes().split(b"\0")
        except OSError:  # gone meanwhile
            continue
        if seen.is_alive and wanted in words:
            return True
    return False


def send(process: ProcessIdentity, number: signal.Signals) -> bool:
    """Send a signal to exactly this process; False when it is gone or not ours.

    On Windows, which has none, whatever is sent ends it; see `suspend` and `resume`.
    On Linux a pidfd is held between the check and the signal, so that a pid that is reused in
    that instant is not hit.
    """
    with suppress(ProcessLookupError, PermissionError):
        if LINUX:
            handle = os.pidfd_open(process.pid)
            try:
                if identify(process.pid) == process:
                    signal.pidfd_send_signal(handle, number)
                    return True
            finally:
                os.close(handle)
        elif is_alive(process):
            _send_elsewhere(process, number)
            return True
    return False


def _send_elsewhere(process: ProcessIdentity, number: signal.Signals) -> None:
    if WINDOWS:
        from core.processes import portable

        portable.end(process.pid)
    else:
        os.kill(process.pid, number)


def suspend(process: ProcessIdentity) -> bool:
    """Stop exactly this process until `resume`; False when it is gone or not ours."""
    if not WINDOWS:
        return send(process, signal.SIGSTOP)
    from core.processes import portable

    return is_alive(process) and _done(portable.suspend, process.pid)


def resume(process: ProcessIdentity) -> bool:
    """Let exactly this process go on if it is suspended; False when it is gone or not ours."""
    if not WINDOWS:
        return send(process, signal.SIGCONT)
    from core.processes import portable

    return is_alive(process) and _done(portable.resume, process.pid)


def _done(act: Callable[[int], None], pid: int) -> bool:
    with suppress(ProcessLookupError, PermissionError):
        act(pid)
        return True
    return False


def _parse_stat(pid: int) -> Seen | None:
    """Parse `/proc/<pid>/stat`; the name in brackets may itself hold brackets and blanks."""
    try:
        text = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:  # it ended between the listing and the reading
        return None
    fields = text.rpartition(b")")[2].split()
    if len(fields) < 20:
        return None
    started = int(fields[19]) * 1000 // _ticks_per_second()
    return Seen(ProcessIdentity(pid, started), int(fields[1]), fields[0].decode())


def _ticks_per_second() -> int:
    if WINDOWS:
        raise NotImplementedError("there is no /proc")
    return os.sysconf("SC_CLK_TCK")
