from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.clock import SystemClock
from core.domain.plan import Strategy
from core.domain.task import TaskStatus
from core.domain.worktree import WorktreeState
from core.merging.tidy import landed_worktrees, tidy
from core.merging.undo import undo_merge
from core.store.schema import TaskRow
from core.worktrees import journal
from tests.core.merging.board import START
from tests.scenarios import Repo

if TYPE_CHECKING:
    from pathlib import Path

    from tests.core.merging.board import Board


def with_worktree(board: Board, tmp_path: Path, key: str, *, at: str = "main") -> Repo:
    """A task in review whose branch has a worktree of Weft's."""
    folder = tmp_path / "trees" / key
    board.branch(key, {f"{key}.txt": "new\n"}, worktree=folder, at=at)
    board.git.git("worktree", "add", "-q", str(folder), key)
    TaskRow.update(worktree=str(folder)).where(TaskRow.key == key).execute()
    made = journal.begin(
        board.repo,
        task=key,
        worker="agent-1",
        path=folder,
        branch=key,
        base_sha=board.git.head("main"),
        now=START,
    )
    journal.mark(board.repo, made, WorktreeState.READY, now=START)
    return Repo(folder)


async def kept(board: Board) -> dict[str, str]:
    return {one.task: one.kept_because for one in await landed_worktrees(board.repo)}


@pytest.mark.parametrize("strategy", list(Strategy))
async def test_what_has_landed_goes_and_its_branch_stays(
    board: Board, tmp_path: Path, strategy: Strategy
) -> None:
    there = with_worktree(board, tmp_path, "one")
    head = board.git.head("one")
    board.git.commit("the base moves on", {"new.txt": "new\n"})
    await board.merge(strategy=strategy)

    (gone,) = await tidy(board.repo, clock=SystemClock())

    assert gone.removed
    assert not there.path.exists()
    assert board.git.head("one") == head
    assert len(board.git.git("worktree", "list").splitlines()) == 1


async def test_what_the_base_has_not_stays(board: Board, tmp_path: Path) -> None:
    for key in ("later", "unsaved", "half"):
        with_worktree(board, tmp_path, key)
    await board.merge()
    trees = tmp_path / "trees"
    Repo(trees / "later").commit("after it landed", {"more.txt": "more\n"})
    (trees / "unsaved" / "untracked.txt").write_text("mine\n")
    half = Repo(trees / "half")
    half.git("merge", "-q", "--no-commit", "--no-ff", "main")

    found = await tidy(board.repo, clock=SystemClock())

    assert not any(one.removed for one in found)
    assert {one.task: one.kept_because for one in found} == {
        "later": f"{board.git.head('later')[:12]} of later is not on main.",
        "unsaved": "It holds 1 uncommitted file.",
        "half": "A merge is half done in it.",
    }
    assert all((trees / key).is_dir() for key in ("later", "unsaved", "half"))


async def test_what_was_squashed_and_undone_stays(board: Board, tmp_path: Path) -> None:
    with_worktree(board, tmp_path, "one")
    await board.merge(strategy=Strategy.SQUASH)
    await undo_merge(board.repo, actor="person")
    TaskRow.update(status=TaskStatus.DONE.value).execute()

    assert list((await kept(board)).values()) == [
        f"{board.git.head('one')[:12]} of one is not on main."
    ]


async def test_worktrees_of_other_tasks_are_not_spoken_of(board: Board, tmp_path: Path) -> None:
    with_worktree(board, tmp_path, "one")

    assert await kept(board) == {}
