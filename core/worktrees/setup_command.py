"""Run a repository's set-up command once in a new worktree, and keep what it prints."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Final

from core.errors import UserError
from core.processes.identity import identify
from core.processes.programs import CREATION_FLAGS, NEW_SESSION, own_environment
from core.processes.tree import Ladder, ProcessTree

if TYPE_CHECKING:
    from pathlib import Path

LIMIT_S: Final = 1800.0
"""Seconds that a set-up may take; `npm ci` of a big project takes minutes."""

_TAIL: Final = 300
_QUICK: Final = Ladder(interrupt_s=1.0, terminate_s=2.0, kill_s=5.0)
_MARK: Final = "WEFT_SETUP"


async def run_setup(command: str, worktree: Path, log: Path, *, limit_s: float = LIMIT_S) -> None:
    """Run one line of the person's shell in *worktree*, its output appended to *log*.

    No name, path or ref is ever put into the line. All its processes are ended at the limit and
    on cancel.

    Raises:
        UserError: It failed or took too long; the sentence names the log.
    """
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with log.open("ab") as out:
        out.write(f"$ {command}\n".encode())
        out.flush()
        status = await _shell(command, worktree, out.fileno(), limit_s)
    if status is None:
        raise UserError(
            f"The set-up command did not end within {limit_s:.0f} s: {command}",
            hint=f"What it printed is in {log}",
        )
    if status != 0:
        raise UserError(
            f"The set-up command failed with status {status}: {command}",
            hint=f"What it printed is in {log} and ends with: {_end_of(log)}",
        )


async def _shell(command: str, worktree: Path, out: int, limit_s: float) -> int | None:
    """Return the exit status, or None when the limit passed."""
    mark = (_MARK, uuid.uuid4().hex)
    # Not as an argument of `cmd`: quotes in it would be marked, and mean another thing.
    process = await asyncio.create_subprocess_shell(
        command,
        cwd=worktree,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=out,
        stderr=out,
        env={**own_environment(), mark[0]: mark[1]},
        start_new_session=NEW_SESSION,
        creationflags=CREATION_FLAGS,
    )
    tree = ProcessTree(identify(process.pid), mark)
    try:
        async with asyncio.timeout(limit_s):
            return await process.wait()
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            await asyncio.shield(_ended(process, tree))


async def _ended(process: asyncio.subprocess.Process, tree: ProcessTree) -> None:
    await tree.end(_QUICK)
    await process.wait()


def _end_of(log: Path) -> str:
    with log.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _TAIL))
        lines = file.read().decode("utf-8", "replace").splitlines()
    return lines[-1].strip() if lines else ""
