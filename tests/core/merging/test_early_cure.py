from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.errors import Refused
from core.merging.branch_commit import Spot
from core.merging.early_cure import bring_base_in
from tests.core.merging.board import START
from tests.scenarios import Repo, numbered_lines

if TYPE_CHECKING:
    from pathlib import Path

    from core.domain.resolution import Brought
    from tests.core.merging.board import Board


class Killed(BaseException):
    """Stands for the end of the process."""


def die() -> None:
    raise Killed


@pytest.fixture
def there(board: Board, tmp_path: Path) -> Repo:
    """The worktree of a task whose branch has work of its own, the base having moved on."""
    board.branch("one", {"mine.txt": "mine\n"})
    board.git.commit("the base moves on", {"new.txt": "new\n"})
    return worktree(board, tmp_path, "one")


def worktree(board: Board, tmp_path: Path, branch: str) -> Repo:
    folder = tmp_path / "trees" / branch
    board.git.git("worktree", "add", "-q", str(folder), branch)
    return Repo(folder)


def looks(there: Repo) -> list[str]:
    """What a person sees of a worktree: commit, index, files."""
    asked = ("rev-parse HEAD", "ls-files --stage", "status --porcelain", "diff")
    return [there.git(*words.split()) for words in asked]


async def cure(board: Board, there: Repo | None, branch: str = "one", **more: object) -> Brought:
    spot = Spot(branch, branch, there.path if there else None)
    return await bring_base_in(board.repo, spot, now=START, **more)  # type: ignore[arg-type]


async def test_the_base_comes_in_as_a_merge_commit_and_the_files_follow(
    board: Board, there: Repo
) -> None:
    before = board.git.head("one")

    brought = await cure(board, there)

    assert (brought.before, brought.after) == (before, board.git.head("one"))
    assert brought.files == ("new.txt",)
    parents = board.git.git("log", "-1", "--format=%P %s", "one").split(" ", 2)
    assert parents == [before, board.git.head("main"), "Merge main into one"]
    assert there.git("status", "--porcelain") == ""
    assert (there.path / "new.txt").read_text() == "new\n"


async def test_what_is_not_committed_elsewhere_stays(board: Board, there: Repo) -> None:
    there.write("mine.txt", "unfinished\n")
    there.write("untracked.txt", "also mine\n")

    await cure(board, there)

    assert there.git("status", "--porcelain").splitlines() == [" M mine.txt", "?? untracked.txt"]
    assert (there.path / "mine.txt").read_text() == "unfinished\n"


async def test_an_uncommitted_file_that_the_base_brings_too_is_in_the_way(
    board: Board, there: Repo
) -> None:
    there.write("new.txt", "mine\n")
    before = looks(there)

    with pytest.raises(Refused, match="in the way") as refused:
        await cure(board, there)

    assert refused.value.reasons == ("new.txt is not committed.",)
    assert looks(there) == before


async def test_a_conflict_is_refused_with_its_files_and_nothing_changes(
    board: Board, tmp_path: Path
) -> None:
    board.branch("one", {"a.txt": numbered_lines(line_1="one")})
    board.git.commit("the base moves on", {"a.txt": numbered_lines(line_1="base")})
    there = worktree(board, tmp_path, "one")
    before = looks(there), board.object_count()

    with pytest.raises(Refused, match="does not merge cleanly") as refused:
        await cure(board, there)

    assert refused.value.reasons == ("a.txt",)
    assert refused.value.hint == "Resolve it: weft resolve one"
    assert (looks(there), board.object_count()) == before


async def test_a_branch_that_holds_the_base_is_left_as_it_is(board: Board, there: Repo) -> None:
    first = await cure(board, there)

    again = await cure(board, there)

    assert again.before == again.after == first.after
    assert again.notes == ("one holds all of main already.",)


async def test_a_half_done_merge_in_the_worktree_is_refused(board: Board, there: Repo) -> None:
    there.git("merge", "--no-commit", "--no-ff", "main")

    with pytest.raises(Refused, match="A merge is half done in the worktree of one"):
        await cure(board, there)


async def test_a_branch_whose_worktree_is_gone_still_gets_the_base(board: Board) -> None:
    board.branch("one", {"mine.txt": "mine\n"})
    board.git.commit("the base moves on", {"new.txt": "new\n"})

    await cure(board, None)

    assert "new.txt" in board.tree_files("one")


async def test_a_branch_that_is_checked_out_elsewhere_is_left_alone(board: Board) -> None:
    board.branch("one", {"mine.txt": "mine\n"})
    board.git.commit("the base moves on", {"new.txt": "new\n"})
    board.git.switch("one")
    before = looks(board.git)

    with pytest.raises(Refused) as refused:
        await cure(board, None)

    assert str(board.git.path) in refused.value.message
    assert looks(board.git) == before


async def test_killed_between_files_and_branch_nothing_is_lost_and_again_finishes_it(
    board: Board, there: Repo
) -> None:
    with pytest.raises(Killed):
        await cure(board, there, halfway=die)
    assert there.git("status", "--porcelain") == "A  new.txt"

    await cure(board, there)

    assert there.git("status", "--porcelain") == ""
    assert sorted(board.tree_files("one")) == sorted([*board.tree_files("main"), "mine.txt"])
