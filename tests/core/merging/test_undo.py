from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.domain.plan import Strategy
from core.domain.task import TaskStatus
from core.errors import NotFound, Refused
from core.merging.past import past_merges
from core.merging.undo import undo_merge
from core.tasks.board import get_task
from tests.scenarios import numbered_lines

if TYPE_CHECKING:
    from tests.core.merging.board import Board


async def undo(board: Board) -> tuple[str, ...]:
    return (await undo_merge(board.repo, actor="person")).notes


@pytest.mark.parametrize("strategy", list(Strategy))
async def test_undo_puts_base_checkout_and_tasks_back(board: Board, strategy: Strategy) -> None:
    board.branch("one", {"a.txt": numbered_lines(line_1="one"), "new.txt": "new\n"})
    board.branch("two", {"b.txt": None})
    files = board.git.fingerprint()[2]
    result = await board.merge(strategy=strategy)

    undone = await undo_merge(board.repo, actor="human-ana")

    assert (undone.before, undone.after) == (result.after, result.before)
    assert undone.merged == result.merged
    assert board.git.head("main") == result.before
    assert board.git.fingerprint()[2] == files
    assert board.git.git("status", "--porcelain") == ""
    assert board.status("one") is board.status("two") is TaskStatus.REVIEW
    one = get_task(board.repo, "one")
    assert (one.landed_commit, one.landed_at) == (None, None)
    assert board.event_kinds()[-1] == "merge.undone"
    assert board.git.head(undone.backup_ref) == result.after


async def test_undone_tasks_can_land_again(board: Board) -> None:
    board.branch("one", {"new.txt": "new\n"})
    await board.merge()
    await undo(board)

    result = await board.merge()

    assert [one.task for one in result.merged] == ["one"]
    assert board.status("one") is TaskStatus.DONE


async def test_a_second_undo_changes_nothing_and_says_so(board: Board) -> None:
    board.branch("one", {"new.txt": "new\n"})
    await board.merge()
    board.branch("two", {"2.txt": "2\n"})
    first = await board.merge()
    await undo(board)
    kinds = board.event_kinds()

    notes = await undo(board)

    assert notes == ("The last merge run was undone before; main stays.",)
    assert board.git.head("main") == first.before
    assert board.event_kinds() == kinds


async def test_undo_is_refused_when_something_was_built_on_the_run(board: Board) -> None:
    board.branch("one", {"new.txt": "new\n"})
    await board.merge()
    board.git.commit("built on it")
    before = board.git.fingerprint()

    with pytest.raises(Refused, match="no longer what the last merge run left"):
        await undo(board)

    assert board.git.fingerprint() == before
    assert board.status("one") is TaskStatus.DONE


async def test_undo_is_refused_when_the_checkout_has_changes_in_the_way(board: Board) -> None:
    board.branch("one", {"new.txt": "new\n"})
    await board.merge()
    board.git.write("new.txt", "mine\n")
    before = board.git.fingerprint()

    with pytest.raises(Refused, match="in the way of the undo") as refused:
        await undo(board)

    assert refused.value.reasons == (f"{board.git.path / 'new.txt'} has changes of yours.",)
    assert board.git.fingerprint() == before


async def test_undo_without_any_merge_run_is_refused(board: Board) -> None:
    with pytest.raises(Refused, match="no merge run of repo to undo"):
        await undo(board)


async def test_a_task_that_went_on_after_landing_is_left_where_it_is(board: Board) -> None:
    board.branch("one", {"new.txt": "new\n"})
    await board.merge()
    await undo(board)
    await board.merge(strategy=Strategy.SQUASH)

    await undo(board)

    assert board.status("one") is TaskStatus.REVIEW
    assert board.git.head("main") == board.git.head("one~1")


async def landed_one_after_the_other(board: Board, *keys: str) -> list[str]:
    """Land each task in a run of its own; return the runs' names, oldest first."""
    names = []
    for key in keys:
        board.branch(key, {f"{key}.txt": "new\n"})
        names.append((await board.merge()).backup_ref.split("/")[3])
    return names


async def test_an_earlier_run_is_taken_back_once_nothing_stands_on_it(board: Board) -> None:
    start = board.git.head("main")
    first, second = await landed_one_after_the_other(board, "one", "two")

    with pytest.raises(Refused, match="Later merge runs were built on") as refused:
        await undo_merge(board.repo, first, actor="person")
    await undo_merge(board.repo, second, actor="person")
    done = await undo_merge(board.repo, first, actor="person")

    assert refused.value.reasons == (f"{second} landed after it.",)
    assert done.after == board.git.head("main") == start
    assert board.status("one") is board.status("two") is TaskStatus.REVIEW
    assert board.git.git("status", "--porcelain") == ""


async def test_the_log_says_which_run_can_be_taken_back(board: Board) -> None:
    first, second = await landed_one_after_the_other(board, "one", "two")
    before = [(one.name, one.can_undo, one.undone) for one in await past_merges(board.repo)]
    await undo(board)

    after = [(one.name, one.can_undo, one.undone) for one in await past_merges(board.repo)]

    assert before == [(second, True, False), (first, False, False)]
    assert after == [(second, False, True), (first, True, False)]


async def test_a_run_that_nobody_knows_cannot_be_taken_back(board: Board) -> None:
    with pytest.raises(NotFound, match="No merge run 'nothing'"):
        await undo_merge(board.repo, "nothing", actor="person")
