"""Locks that a killed git left in a worktree's own git directory: removed once nobody holds them.

git's lock files name no owner, so a look around says whether there is one: whoever has the file
open, and any git that works there (it closes the file while an editor or a hook runs).
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from core.git.worktrees import worktree_git_dir
from core.processes.holders import holders

if TYPE_CHECKING:
    from pathlib import Path

logger = logging.getLogger(__name__)
_LOCKS: Final = ("index.lock", "HEAD.lock")


def clear_stale_locks(common_dir: Path, worktree: Path) -> tuple[Path, ...]:
    """Remove the locks of a worktree that no live process holds; return them.

    Called when a run's processes have ended, and before a worktree is taken up again. Only what
    lies in the worktree's own git directory is touched.
    """
    git_dir = worktree_git_dir(common_dir, worktree)
    if git_dir is None:
        return ()
    removed = []
    for lock in (git_dir / name for name in _LOCKS):
        if not lock.is_file() or lock.is_symlink():
            continue
        held = holders(lock, program="git", folders=(worktree, git_dir))
        if held:
            logger.warning("%s is left alone: process %s may hold it", lock, held[0])
            continue
        try:
            lock.unlink()
        except FileNotFoundError:
            continue
        except PermissionError:  # on Windows: what a process has open cannot be removed
            logger.warning("%s is left alone: some process has it open", lock)
            continue
        removed.append(lock)
    return tuple(removed)
