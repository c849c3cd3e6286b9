"""A look at the database from a process that must be quick: read-only, without peewee.

For git's hooks, which run before each commit. Whoever can wait uses the row classes.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

_WAIT_S: Final = 1.0
_TASK: Final = """\
SELECT task.repo_id, task.key, worker.name, task.worktree FROM claim
JOIN task ON task.id = claim.task_id JOIN worker ON worker.id = claim.worker_id
WHERE task.worktree IS NOT NULL
"""
_LOCKS: Final = """\
SELECT path_lock.pattern, worker.name, task.key, path_lock.locked_ms, path_lock.expires_ms,
       path_lock.exclusive, path_lock.origin
FROM path_lock
JOIN worker ON worker.id = path_lock.worker_id JOIN task ON task.id = path_lock.task_id
WHERE path_lock.repo_id = ? AND (path_lock.fence <> 0 OR path_lock.expires_ms > ?)
ORDER BY path_lock.pattern, path_lock.id
"""


def locks_around(
    file: Path, worktree: Path, now_ms: int
) -> tuple[str, str, list[tuple[Any, ...]]] | None:
    """Return task, worker, and the rows of all locks that hold, for the worktree of a claim.

    Returns:
        None when no claimed task has its worktree there.

    Raises:
        sqlite3.Error: The file cannot be read, or is of another version.
    """
    uri = f"{file.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=_WAIT_S)) as database:
        real = os.path.realpath(worktree)
        for repo, task, worker, folder in database.execute(_TASK).fetchall():
            if os.path.realpath(folder) == real:
                return task, worker, database.execute(_LOCKS, (repo, now_ms)).fetchall()
    return None
