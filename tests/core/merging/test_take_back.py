"""What Weft merged into a task's branch can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.domain.resolution import Decision, FileDecision, Take
from core.errors import Refused
from core.merging.branch_commit import Spot
from core.merging.early_cure import bring_base_in
from core.merging.resolve import lay_open, resolve
from core.merging.take_back import take_back
from tests.core.merging.board import START
from tests.core.merging.crash_points import collided

if TYPE_CHECKING:
    from tests.core.merging.board import Board
    from tests.scenarios import Repo


async def resolved(board: Board, worktree: Repo) -> Spot:
    spot = Spot("one", "one", worktree.path)
    opened = await lay_open(board.repo, spot, None)
    chosen = [FileDecision(file.path, whole=Decision(Take.RIGHT)) for file in opened.files]
    await resolve(board.repo, opened, spot, chosen, now=START)
    return spot


async def test_a_resolution_is_taken_back_with_its_files_and_kept(board: Board) -> None:
    worktree = collided(board, cured=False)
    before, status = board.git.head("one"), worktree.git("status", "--porcelain")
    spot = await resolved(board, worktree)
    resolution = board.git.head("one")

    back = await take_back(board.repo, spot, last=resolution)

    assert (back.before, back.after, back.brought) == (resolution, before, "main")
    assert back.taken_back
    assert board.git.head("one") == before
    assert worktree.git("status", "--porcelain") == status
    assert board.git.head(f"refs/weft/taken-back/one/{resolution[:12]}") == resolution
    assert [file.path for file in (await lay_open(board.repo, spot, None)).files] == ["a.txt"]


async def test_the_base_that_was_brought_in_is_taken_back_around_uncommitted_files(
    board: Board,
) -> None:
    worktree = collided(board, cured=True)
    spot = Spot("one", "one", worktree.path)
    before = board.git.head("one")
    await bring_base_in(board.repo, spot, now=START)

    await take_back(board.repo, spot)

    assert board.git.head("one") == before
    assert (worktree.path / "b.txt").read_text() == "not committed\n"
    assert not (worktree.path / "new.txt").exists()


async def test_work_that_came_after_it_is_never_taken_back(board: Board) -> None:
    worktree = collided(board, cured=False)
    spot = await resolved(board, worktree)
    resolution = board.git.head("one")
    tip = worktree.commit("more work", c="more\n")

    with pytest.raises(Refused, match="not what Weft brought") as refused:
        await take_back(board.repo, spot)
    with pytest.raises(Refused, match="not what Weft brought"):
        await take_back(board.repo, spot, last=resolution)

    assert refused.value.reasons == (f"It is {tip[:12]}: more work",)
    assert board.git.head("one") == tip


async def test_uncommitted_edits_of_the_same_files_are_in_the_way(board: Board) -> None:
    worktree = collided(board, cured=False)
    spot = await resolved(board, worktree)
    resolution = board.git.head("one")
    worktree.write("a.txt", "edited since\n")

    with pytest.raises(Refused, match="in the way"):
        await take_back(board.repo, spot)

    assert board.git.head("one") == resolution
    assert (worktree.path / "a.txt").read_text() == "edited since\n"


async def test_a_branch_without_a_merge_of_weft_s_stays(board: Board) -> None:
    worktree = collided(board, cured=False)

    with pytest.raises(Refused, match="not what Weft brought"):
        await take_back(board.repo, Spot("one", "one", worktree.path))
