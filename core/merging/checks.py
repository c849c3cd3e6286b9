"""Run the check command on the files that will land: kept output, time limit, killed on cancel."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.errors import EnvironmentFault
from core.processes.identity import identify
from core.processes.programs import CREATION_FLAGS, NEW_SESSION, own_environment
from core.processes.tree import Ladder, ProcessTree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import IO

TIME_LIMIT_S: Final = 1800.0
LOG_LIMIT_BYTES: Final = 64 * 1024 * 1024
TOO_LONG: Final = "did not end within"
"""Part of the reason of what ran into its limit: trying it again would take as long."""
_LOOK_EVERY_S: Final = 0.1
_MARK: Final = "WEFT_CHECK"
_LADDER: Final = Ladder(interrupt_s=1.0, terminate_s=2.0)


class Cancelled(Exception):
    """The person asked to stop; nothing has landed yet."""


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """How a check ended; `reason` is a sentence part, empty when it passed."""

    reason: str

    @property
    def passed(self) -> bool:
        """Whether the tree may land."""
        return not self.reason


async def run_check(
    command: str,
    *,
    folder: Path,
    log: Path,
    task: str,
    limit_s: float = TIME_LIMIT_S,
    cancelled: Callable[[], bool],
    what: str = "check",
) -> CheckOutcome:
    """Run the person's own line in *folder* and say whether it passed.

    The line goes to the shell as it is (`sh -c`, on Windows `cmd /c`); nothing is put into it.
    The task is told in `WEFT_TASK`. Whatever the line started is ended with it.

    Args:
        command: One line for the shell.
        folder: The files to check.
        log: Takes all output, behind what it holds; its folder is made.
        task: Whose branch the newest of the files are.
        limit_s: Seconds until it counts as failed.
        cancelled: Asked ten times a second.
        what: What it is called in a reason.

    Raises:
        Cancelled: *cancelled* said so; nothing of the check is left running.
        EnvironmentFault: The shell could not be started.
    """
    mark = secrets.token_hex(8)
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with log.open("ab") as output:
        process = await _start(command, folder, output, {"WEFT_TASK": task, _MARK: mark})
        tree = ProcessTree(identify(process.pid), (_MARK, mark))
        try:
            reason = await _watch(process, log, limit_s, cancelled)
            reason = reason and f"the {what} {reason}"
        finally:
            # Also when it ended by itself: a server that it left behind must not meet the next.
            await asyncio.shield(tree.end(_LADDER))
            await asyncio.shield(process.wait())
    return CheckOutcome(reason)


async def _start(
    command: str, folder: Path, output: IO[bytes], told: dict[str, str]
) -> asyncio.subprocess.Process:
    try:
        # Not as an argument of `cmd`: quotes in it would be marked, and mean another thing.
        return await asyncio.create_subprocess_shell(
            command,
            cwd=folder,
            env=_environment() | told,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=NEW_SESSION,
            creationflags=CREATION_FLAGS,
        )
    except OSError as error:
        raise EnvironmentFault(f"The check could not be started: {error}.") from error


def _environment() -> dict[str, str]:
    """Return the person's environment without what would point git or Weft elsewhere."""
    return {
        name: value
        for name, value in own_environment(os.environ).items()
        if not name.startswith(("GIT_", "WEFT_")) or name.startswith("GIT_CONFIG_")
    }


async def _watch(
    process: asyncio.subprocess.Process, log: Path, limit_s: float, cancelled: Callable[[], bool]
) -> str:
    """Return why the check failed, empty if it passed, once it has ended or must end."""
    deadline = time.monotonic() + limit_s
    ended = asyncio.ensure_future(process.wait())
    try:
        while not ended.done():
            if cancelled():
                raise Cancelled
            if time.monotonic() > deadline:
                return f"{TOO_LONG} {_duration(limit_s)}"
            if log.stat().st_size > LOG_LIMIT_BYTES:
                return f"wrote more than {LOG_LIMIT_BYTES // 1024 // 1024} MB"
            await asyncio.wait((ended,), timeout=_LOOK_EVERY_S)
    finally:
        ended.cancel()
    status = ended.result()
    if status == 0:
        return ""
    how = f"signal {-status}" if status < 0 else f"status {status}"
    return f"failed with {how}"


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:g} seconds"
