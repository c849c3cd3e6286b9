from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.domain.plan import Strategy
from core.domain.task import TaskStatus
from core.merging.inputs import plan_stamp
from core.store.schema import TaskRow
from tests.scenarios import Repo

if TYPE_CHECKING:
    from tests.core.merging.board import Board


async def stamp(board: Board, strategy: Strategy = Strategy.MERGE) -> str:
    return await plan_stamp(board.repo, board.all, strategy=strategy)


@pytest.fixture
def planned(board: Board, tmp_path: Path) -> Board:
    """One task in review with a worktree, one in progress without."""
    folder = tmp_path / "tree"
    board.branch("one", {"1.txt": "1\n"}, worktree=folder)
    board.git.git("worktree", "add", "-q", str(folder), "one")
    board.git.branch("two")
    board.git.switch("main")
    board.review("two", status=TaskStatus.IN_PROGRESS)
    return board


async def test_asking_again_changes_nothing(planned: Board) -> None:
    assert await stamp(planned) == await stamp(planned)


@pytest.mark.parametrize("what", ["base", "head", "other", "staged", "merge", "task", "strategy"])
async def test_each_input_that_moves_changes_it(planned: Board, tmp_path: Path, what: str) -> None:
    board, there = planned, Repo(tmp_path / "tree")
    before = await stamp(board)
    strategy = Strategy.MERGE

    match what:
        case "base":
            board.git.commit("the base moves on", {"new.txt": "new\n"})
        case "head":
            there.commit("more", {"1.txt": "more\n"})
        case "other":
            board.git.git("update-ref", "refs/heads/two", board.git.head("one"))
        case "staged":
            there.write("1.txt", "staged\n")
            there.git("add", "1.txt")
        case "merge":
            Path(there.git("rev-parse", "--git-path", "MERGE_HEAD")).write_text("x")
        case "task":
            TaskRow.update(status="done").where(TaskRow.key == "two").execute()
        case "strategy":
            strategy = Strategy.SQUASH

    assert await stamp(board, strategy) != before


async def test_a_task_that_comes_changes_it(planned: Board) -> None:
    before = await stamp(planned)
    planned.contenders["two"] = replace(planned.contenders["two"], in_review=True)

    assert await stamp(planned) != before
