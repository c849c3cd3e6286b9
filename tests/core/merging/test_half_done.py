"""`kill -9` while a task's branch and its worktree are moved, and while a merge is handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.merging.half_done import Begun, recover_branches
from core.paths import scratch_folder
from tests.core.merging.crash_points import (
    collided,
    survive_act,
)

if TYPE_CHECKING:
    from tests.core.merging.board import Board

BETWEEN = "core.merging.branch_commit:bring_along:after"


@pytest.mark.parametrize(
    ("act", "point"),
    [("cure", BETWEEN), ("resolve", BETWEEN), ("hand", "core.worktrees.half_merge:run_git:after")],
)
async def test_killed_between_the_files_and_the_branch_the_next_start_puts_it_right(
    board: Board, act: str, point: str
) -> None:
    worktree = collided(board, cured=act == "cure")

    moved = await survive_act(board, worktree, act, point)

    assert moved == (act != "hand")


async def test_a_note_about_a_branch_that_has_gone_on_is_forgotten(board: Board) -> None:
    worktree = collided(board, cured=True)
    begun = Begun(
        str(board.repo.git_dir), "one", str(worktree.path), board.git.head("main"),
        board.git.head("one"), "words",
    )  # fmt: skip
    begun.note()
    before = worktree.git("status", "--porcelain")

    assert await recover_branches(board.repo) == ("one is as it was left.",)

    assert worktree.git("status", "--porcelain") == before
    assert list(scratch_folder("advances").iterdir()) == []


@pytest.mark.parametrize("said", ["", "[]", "{}", '{"head": 1}', "no note"])
async def test_notes_that_are_none_hold_nothing_up(board: Board, said: str) -> None:
    worktree = collided(board, cured=False)
    (scratch_folder("advances") / "x.json").write_text(said)
    git_dir = worktree.path / worktree.git("rev-parse", "--git-dir")
    (git_dir / "weft-merge.json").write_text(said)

    assert await recover_branches(board.repo) == ()
    assert list(scratch_folder("advances").iterdir()) == []
