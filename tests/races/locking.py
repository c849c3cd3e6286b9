"""One of many who want the same files: `python -m tests.races.locking REPO PATH WORKER TASK GATE`.

It waits for the file GATE, asks once, and prints `held` or why not.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from core.domain.lock import LockRules
from core.domain.repo import Repo, WorktreeLayout
from core.errors import Refused
from core.locks.leases import acquire
from core.paths import database_file
from core.store.connection import close_database, open_database
from tests.waiting import wait_until


def main(number: str, path: str, worker: str, task: str, gate: str) -> None:
    """Ask for `src/**/*.py`."""
    open_database(database_file())
    folder = Path(path)
    repo = Repo(int(number), "shop", folder, folder / ".git", "main", WorktreeLayout.SIBLING)
    wait_until(Path(gate).exists)
    try:
        acquire(
            repo, task, worker, ["src/**/*.py", f"{task}.txt"],
            rules=LockRules(), now=datetime.now(UTC), actor=worker,
        )  # fmt: skip
        sys.stdout.write("held\n")
    except Refused as refused:
        (reason,) = refused.reasons
        sys.stdout.write(f"{reason.partition(' until ')[0]}\n")
    close_database()


if __name__ == "__main__":
    main(*sys.argv[1:])
