"""One at a time per repository, across processes: git's bookkeeping of worktrees allows no races.

The lock is the operating system's, on a file in the git directory: it ends with its holder,
however that dies, so there is nothing to clean up and nothing to doubt.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from core.errors import EnvironmentFault
from core.paths import scratch_folder
from core.processes.identity import WINDOWS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

PATIENCE_S: Final = 300.0
"""How long to wait for others; adding a worktree of a big repository takes tens of seconds."""

_SETUP_PATIENCE_S: Final = 3600.0
_LOOK_AGAIN_S: Final = 0.02
_FILE: Final = "weft-worktrees.lock"


def worktrees_locked(
    common_dir: Path, *, patience_s: float = PATIENCE_S
) -> AbstractAsyncContextManager[None]:
    """Hold the repository's lock for adding and removing worktrees.

    Raises:
        EnvironmentFault: Others held it for *patience_s*, or the file cannot be made.
    """
    return _held(common_dir / _FILE, f"the worktrees of {common_dir}", patience_s)


def provisioning_locked(worktree: Path) -> AbstractAsyncContextManager[None]:
    """Hold the lock of one worktree while it is made and furnished.

    Raises:
        EnvironmentFault: Another process works on it for longer than any set-up may take.
    """
    return _held(_provisioning_file(worktree), f"the worktree {worktree}", _SETUP_PATIENCE_S)


def is_being_provisioned(worktree: Path) -> bool:
    """Whether some live process makes or furnishes the worktree now."""
    try:
        handle = os.open(_provisioning_file(worktree), os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not _try_lock(handle)
    finally:
        os.close(handle)


def _provisioning_file(worktree: Path) -> Path:
    name = hashlib.sha256(os.fsencode(worktree)).hexdigest()[:16]
    return scratch_folder("locks") / f"worktree-{name}.lock"


@asynccontextmanager
async def _held(file: Path, what: str, patience_s: float) -> AsyncIterator[None]:
    try:
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise EnvironmentFault(
            f"{file} cannot be written: {error.strerror}.",
            hint="Give yourself the right to write to its folder.",
        ) from error
    deadline = time.monotonic() + patience_s
    try:
        while not _try_lock(handle):
            if time.monotonic() > deadline:
                raise EnvironmentFault(f"Another Weft held {what} for {patience_s:.0f} s.")
            await asyncio.sleep(_LOOK_AGAIN_S)
        yield
    finally:
        os.close(handle)  # gives the lock back


def _try_lock(handle: int) -> bool:
    try:
        if WINDOWS:
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # somebody else has it
        return False
    return True
