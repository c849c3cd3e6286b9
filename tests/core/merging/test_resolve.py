from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.domain.plan import StepOutcome, Strategy
from core.domain.resolution import Decision, FileDecision, Take
from core.errors import Refused, UsageError
from core.merging.branch_commit import Spot
from core.merging.resolve import lay_open, resolve
from tests.core.merging.board import START
from tests.scenarios import Repo, numbered_lines

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from core.domain.resolution import Brought, Dispute
    from tests.core.merging.board import Board

LEFT, RIGHT, BOTH = Decision(Take.LEFT), Decision(Take.RIGHT), Decision(Take.BOTH)


def own(text: str) -> Decision:
    return Decision(Take.OWN, text)


def spot(name: str, folder: Path | None = None) -> Spot:
    return Spot(name, name, folder)


async def opened(board: Board, left: str, right: str | None = None) -> Dispute:
    return await lay_open(board.repo, spot(left), spot(right) if right else None)


async def decided(
    board: Board,
    dispute: Dispute,
    *decisions: FileDecision,
    folder: Path | None = None,
) -> Brought:
    where = spot(dispute.task, folder)
    return await resolve(board.repo, dispute, where, decisions, now=START)


def against_base(board: Board, mine: Mapping[str, str], base: Mapping[str, str]) -> None:
    """Branch `one` and the base change the same."""
    board.git.branch("one")
    board.git.commit("work of one", mine)
    board.git.switch("main")
    board.git.commit("the base moves on", base)
    board.review("one")


@pytest.fixture
def two_stretches(board: Board) -> Board:
    """The branch and the base change lines 1 and 9 each; line 5 only the base."""
    against_base(
        board,
        {"a.txt": numbered_lines(line_1="mine 1", line_9="mine 9")},
        {"a.txt": numbered_lines(line_1="base 1", line_5="base 5", line_9="base 9")},
    )
    return board


async def test_each_stretch_is_laid_open_with_both_sides(two_stretches: Board) -> None:
    dispute = await opened(two_stretches, "one")

    (file,) = dispute.files
    assert (file.path, file.kind, file.note) == ("a.txt", "contents", "")
    assert [(h.a_lines, h.b_lines) for h in file.stretches] == [
        (("mine 1",), ("base 1",)),
        (("mine 9",), ("base 9",)),
    ]
    assert dispute.right_name == "main"


async def test_stretches_are_decided_one_by_one_and_the_branch_then_merges_cleanly(
    two_stretches: Board,
) -> None:
    board = two_stretches
    base = board.git.head("main")
    dispute = await opened(board, "one")

    done = await decided(board, dispute, FileDecision("a.txt", (LEFT, own("ours and theirs"))))

    wanted = numbered_lines(line_1="mine 1", line_5="base 5", line_9="ours and theirs")
    assert board.tree_files("one")["a.txt"] == wanted.rstrip("\n")
    parents = board.git.git("log", "-1", "--format=%P", "one").split()
    assert parents == [dispute.head, base]
    assert done.files == ("a.txt",)
    assert board.git.head("main") == base
    (step,) = (await board.plan()).steps
    assert step.outcome is StepOutcome.CLEAN
    assert (await opened(board, "one")).files == ()


async def test_both_is_left_then_right(two_stretches: Board) -> None:
    dispute = await opened(two_stretches, "one")

    await decided(two_stretches, dispute, FileDecision("a.txt", (BOTH, RIGHT)))

    lines = two_stretches.tree_files("one")["a.txt"].splitlines()
    assert lines[:2] == ["mine 1", "base 1"]
    assert "base 9" in lines


async def test_the_worktree_follows(two_stretches: Board, tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    two_stretches.git.git("worktree", "add", "-q", str(folder), "one")
    dispute = await opened(two_stretches, "one")

    await decided(two_stretches, dispute, FileDecision("a.txt", (RIGHT, RIGHT)), folder=folder)

    assert Repo(folder).git("status", "--porcelain") == ""
    assert (folder / "a.txt").read_text().startswith("base 1\n")


async def test_uncommitted_changes_come_first(two_stretches: Board, tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    two_stretches.git.git("worktree", "add", "-q", str(folder), "one")
    (folder / "b.txt").write_text("unfinished\n")
    dispute = await opened(two_stretches, "one")

    with pytest.raises(Refused, match="uncommitted changes") as refused:
        await decided(two_stretches, dispute, FileDecision("a.txt", (RIGHT, RIGHT)), folder=folder)

    assert refused.value.reasons == ("b.txt",)
    assert two_stretches.git.head("one") == dispute.head


async def test_a_marker_in_an_own_text_is_refused(two_stretches: Board) -> None:
    dispute = await opened(two_stretches, "one")
    text = "<<<<<<< mine\nx\n=======\ny\n>>>>>>> theirs\n"

    with pytest.raises(Refused, match=r"Conflict markers are left in a\.txt") as refused:
        await decided(two_stretches, dispute, FileDecision("a.txt", (own(text), LEFT)))

    assert refused.value.reasons == ("Line 1.", "Line 5.")
    assert two_stretches.git.head("one") == dispute.head


async def test_a_branch_that_moved_since_is_not_overrun(two_stretches: Board) -> None:
    dispute = await opened(two_stretches, "one")
    two_stretches.git.switch("one")
    two_stretches.git.commit("one more", {"more.txt": "more\n"})
    head = two_stretches.git.head("one")
    two_stretches.git.switch("main")

    with pytest.raises(Refused, match="got another commit"):
        await decided(two_stretches, dispute, FileDecision("a.txt", (LEFT, LEFT)))

    assert two_stretches.git.head("one") == head


async def test_every_file_must_be_decided(two_stretches: Board) -> None:
    dispute = await opened(two_stretches, "one")

    with pytest.raises(UsageError) as refused:
        await decided(two_stretches, dispute)

    assert refused.value.hint == "Still open: a.txt"


@pytest.mark.parametrize("take", [Take.LEFT, Take.RIGHT])
async def test_a_deleted_file_is_kept_or_goes(board: Board, take: Take) -> None:
    board.scenario("modify_delete")
    first, second = board.all[0].task, board.all[1].task
    dispute = await opened(board, first, second)
    (file,) = dispute.files

    await decided(board, dispute, FileDecision(file.path, whole=Decision(take)))

    kept = file.left if take is Take.LEFT else file.right
    assert (file.path in board.tree_files(first)) == kept
    assert file.left != file.right


async def test_binary_files_are_taken_whole_byte_by_byte(board: Board) -> None:
    board.git.commit("a picture", {"p.bin": b"\0base"})
    board.git.branch("one")
    board.git.commit("mine", {"p.bin": b"\0mine\r\n"})
    board.git.switch("main")
    board.git.commit("theirs", {"p.bin": b"\0theirs"})
    dispute = await opened(board, "one")

    await decided(board, dispute, FileDecision("p.bin", whole=LEFT))

    assert board.git.git("rev-parse", "one:p.bin") == board.git.git(
        "rev-parse", f"{dispute.head}:p.bin"
    )
    assert dispute.files[0].note


@pytest.mark.parametrize("strategy", [Strategy.MERGE, Strategy.SQUASH])
async def test_a_pair_is_resolved_on_one_branch_and_both_land(
    board: Board, strategy: Strategy
) -> None:
    board.branch("one", {"a.txt": numbered_lines(line_1="one")})
    board.branch("two", {"a.txt": numbered_lines(line_1="two"), "two.txt": "2\n"})
    board.git.commit("the base moves on", {"new.txt": "new\n"})
    dispute = await opened(board, "two", "one")
    one = board.git.head("one")

    await decided(board, dispute, FileDecision("a.txt", (own("one and two"),)))

    assert board.git.head("one") == one
    result = await board.merge(strategy=strategy)
    assert [landed.task for landed in result.merged] == ["one", "two"]
    assert board.tree_files("main")["a.txt"].startswith("one and two\n")
    assert {"new.txt", "two.txt"} <= board.tree_files("main").keys()


async def test_one_of_a_pair_that_conflicts_with_the_base_is_resolved_first(
    board: Board,
) -> None:
    board.branch("one", {"a.txt": numbered_lines(line_1="one")})
    board.branch("two", {"a.txt": numbered_lines(line_1="two")})
    board.git.commit("the base moves on", a=numbered_lines(line_1="base"))

    with pytest.raises(Refused, match="two conflicts with main by itself") as refused:
        await opened(board, "two", "one")

    assert refused.value.hint == "Resolve that first: weft resolve two"


async def test_line_ends_of_the_file_are_kept(board: Board) -> None:
    board.git.commit("dos", {"d.txt": b"1\r\n2\r\n3\r\n"})
    board.git.branch("one")
    board.git.commit("mine", {"d.txt": b"1\r\nmine\r\n3\r\n"})
    board.git.switch("main")
    board.git.commit("theirs", {"d.txt": b"1\r\ntheirs\r\n3\r\n"})
    dispute = await opened(board, "one")

    await decided(board, dispute, FileDecision("d.txt", (own("first\nsecond"),)))

    blob = board.git.git("rev-parse", "one:d.txt")
    wanted = board.git.git(
        "hash-object", "--stdin", "--no-filters", stdin="1\r\nfirst\r\nsecond\r\n3\r\n"
    )
    assert blob == wanted
