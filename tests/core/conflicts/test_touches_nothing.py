"""Looking leaves the repository and all its worktrees as they were, byte for byte."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from core.conflicts.matrix import conflict_matrix
from core.conflicts.prediction import predict_meetings
from core.conflicts.sides import file_sides
from core.domain.conflict import Contender, LandingMode
from core.domain.plan import Strategy
from core.domain.prediction import Intent
from core.merging.plan import make_plan
from core.store.connection import close_database
from tests.core.conflicts.zoo import registered
from tests.scenarios import Repo, numbered_lines
from tests.stores import open_blank

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def database(weft_home: Path) -> Iterator[None]:
    open_blank(weft_home / "weft.db")
    yield
    close_database()


def hashes(*folders: Path) -> dict[str, str]:
    """Return path → mode, time of change and content of everything below the folders.

    Of objects the time does not count: git marks one as in use when the same content is written
    anywhere that has it as an alternate.
    """
    found = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            about = path.lstat()
            content = b"" if path.is_dir() or path.is_symlink() else path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            when = 0 if "objects" in path.parts else about.st_mtime_ns
            found[str(path)] = f"{about.st_mode:o} {when} {digest}"
    return found


def dirty(worktree: Repo, name: str) -> None:
    """Leave staged, changed, deleted, new and ignored files, and one that is half staged."""
    worktree.commit(name, a=numbered_lines(line_3=name), doomed="x\n", part="x\n")
    worktree.write("staged.txt", f"{name}\n")
    worktree.git("add", "staged.txt")
    worktree.write("part.txt", "staged\n")
    worktree.git("add", "part.txt")
    worktree.write("part.txt", "and changed again\n")
    worktree.write("b.txt", numbered_lines(line_7=name))
    (worktree.path / "doomed.txt").unlink()
    worktree.write("folder/new.txt", f"{name}\n")
    worktree.write("build.ignored", name)


@pytest.mark.parametrize("mode", list(LandingMode))
async def test_matrix_sides_plan_and_prediction_leave_every_byte(
    repo: Repo, database: None, mode: LandingMode
) -> None:
    repo.commit("ignore", {".gitignore": "*.ignored\n"})
    worktrees = {name: Repo(repo.worktree(name)) for name in ("left", "right")}
    for name, worktree in worktrees.items():
        dirty(worktree, name)
    dirty(repo, "main")
    asked = [
        Contender(name, name, None, name, worktree.path, in_review=True,
                  arrived_at=datetime(2026, 1, 1, tzinfo=UTC))
        for name, worktree in worktrees.items()
    ]  # fmt: skip
    folders = [repo.path, *(worktree.path for worktree in worktrees.values())]
    before = hashes(*folders)

    matrix = await conflict_matrix(registered(repo), asked, mode=mode)
    left, right = matrix.branches
    await file_sides(registered(repo), left, right, "a.txt", mode=mode)
    strategy = Strategy.MERGE if mode is LandingMode.MERGE else Strategy.SQUASH
    await make_plan(registered(repo), asked, strategy=strategy)
    clean = [
        Contender(one.task, one.title, None, one.branch, None, in_review=True) for one in asked
    ]
    plan = await make_plan(registered(repo), clean, strategy=strategy)
    await predict_meetings(registered(repo), [Intent("waiting", "change a")], matrix)

    assert hashes(*folders) == before
    assert matrix.conflict_count == 3
    assert plan.conflict_steps == 2
