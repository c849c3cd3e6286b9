"""Checkouts of the base are brought along when it moves, unless something is in the way."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from core.domain.merge_run import MergeProgress, MergeStage
from core.domain.task import TaskStatus
from core.errors import Refused
from core.merging.journal_entry import unfinished
from tests.scenarios import numbered_lines

if TYPE_CHECKING:
    from core.domain.plan import MergeResult
    from tests.core.merging.board import Board


def landed(result: MergeResult) -> list[str]:
    return [one.task for one in result.merged]


async def test_a_clean_checkout_of_the_base_is_brought_along(board: Board) -> None:
    board.branch("task-4", {"new.txt": "new\n", "b.txt": None})
    board.git.write("untracked.txt", "mine\n")

    result = await board.merge()

    assert result.notes == ()
    assert (board.git.path / "new.txt").read_text() == "new\n"
    assert not (board.git.path / "b.txt").exists()
    assert board.git.git("status", "--porcelain") == "?? untracked.txt"


async def test_changes_elsewhere_in_the_checkout_stay_and_do_not_hinder(board: Board) -> None:
    board.branch("task-4", {"new.txt": "new\n"})
    board.git.write("a.txt", "mine\n")
    board.git.git("add", "a.txt")
    board.git.write("b.txt", "mine too\n")

    await board.merge()

    assert board.git.git("status", "--porcelain") == "M  a.txt\n M b.txt"
    assert (board.git.path / "new.txt").read_text() == "new\n"


@pytest.mark.parametrize(
    ("path", "staged"), [("a.txt", False), ("a.txt", True), ("new.txt", False)]
)
async def test_what_is_in_the_way_is_named_and_nothing_moves(
    board: Board, path: str, staged: bool
) -> None:
    board.branch("task-4", {"a.txt": numbered_lines(line_3="task"), "new.txt": "new\n"})
    board.git.write(path, "mine\n")
    if staged:
        board.git.git("add", path)
    before = board.git.fingerprint()

    with pytest.raises(Refused, match="checkout of main is in the way") as refused:
        await board.merge()

    assert refused.value.reasons == (f"{board.git.path / path} has changes of yours.",)
    assert board.git.fingerprint() == before
    assert board.status("task-4") is TaskStatus.REVIEW
    assert board.event_kinds() == ["merge.started", "merge.failed"]
    assert unfinished(board.repo) == ()


async def test_a_half_done_merge_in_the_checkout_is_in_the_way(board: Board) -> None:
    board.scenario("content_conflict")
    board.branch("task-4", {"new.txt": "new\n"})
    board.git.git("merge", "--quiet", "left")
    board.git.git("merge", "--quiet", "right", ok=(1,))

    with pytest.raises(Refused) as refused:
        await board.merge()

    assert refused.value.reasons == (
        f"A merge is half done in {board.git.path}: finish or abort it.",
    )


async def test_a_base_checked_out_in_a_linked_worktree_is_brought_along_too(board: Board) -> None:
    board.branch("task-4", {"new.txt": "new\n"})
    board.git.git("switch", "--quiet", "--detach")
    linked = board.git.path.parent / "linked"
    board.git.git("worktree", "add", "--quiet", str(linked), "main")

    result = await board.merge()

    assert (linked / "new.txt").read_text() == "new\n"
    assert not (board.git.path / "new.txt").exists()
    assert result.notes == ()


async def test_a_base_that_is_checked_out_nowhere_just_moves(board: Board) -> None:
    board.branch("task-4", {"new.txt": "new\n"})
    board.git.git("switch", "--quiet", "--detach")

    result = await board.merge()

    assert board.git.head("main") == result.after
    assert board.git.git("status", "--porcelain") == ""


async def test_a_base_that_is_a_second_name_of_a_branch_is_brought_along(board: Board) -> None:
    board.branch("one", {"new.txt": "new\n"})
    board.git.git("branch", "trunk")
    board.git.git("symbolic-ref", "refs/heads/main", "refs/heads/trunk")

    await board.merge()

    assert board.git.git("symbolic-ref", "refs/heads/main") == "refs/heads/trunk"
    assert board.git.git("status", "--porcelain") == ""
    assert (board.git.path / "new.txt").exists()


async def test_what_comes_into_the_way_at_the_last_moment_is_told(board: Board) -> None:
    board.branch("task-4", {"a.txt": numbered_lines(line_3="task")})

    def write(progress: MergeProgress) -> None:
        if progress.stage is MergeStage.MOVED:
            board.git.write("a.txt", "mine\n")

    result = await board.merge(progress=write)

    (note,) = result.notes
    assert "a.txt in the way" in note
    assert (board.git.path / "a.txt").read_text() == "mine\n"
    assert landed(result) == ["task-4"]
    board.git.write("a.txt", numbered_lines())
    catch_up = await asyncio.create_subprocess_shell(note.rpartition("then run: ")[2])
    assert await catch_up.wait() == 0
    assert board.git.git("status", "--porcelain") == ""
