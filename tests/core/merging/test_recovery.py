from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from core.domain.merge_run import MergeRunState, MergeStage
from core.domain.task import TaskStatus
from core.errors import Refused
from core.merging.journal_entry import last_landed, unfinished
from core.merging.recovery import recover_merges
from core.merging.undo import undo_merge
from core.paths import scratch_folder
from core.store.schema import MergeRunRow
from core.tasks.board import get_task
from tests.core.merging import killed_merge
from tests.core.merging.board import START, Board
from tests.core.merging.crash_points import (
    FEW,
    UNDO_POINTS,
    survive_run,
    survive_undo,
    two_branches,
)
from tests.killing import KILLED
from tests.waiting import wait_until_async

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_ROOT: Final = Path(__file__).parents[3]
BEFORE_THE_MOVE: Final = (
    MergeStage.LOOKING,
    MergeStage.TRYING,
    MergeStage.CHECKING,
    MergeStage.READY,
)
AFTER_THE_MOVE: Final = (MergeStage.MOVED, MergeStage.BROUGHT_ALONG)


async def start(board: Board, stage: str, check: str = "true") -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, killed_merge.__file__),
        *(os.environ["WEFT_HOME"] + "/weft.db", str(board.repo.id), stage, check),
        cwd=_ROOT,
        env=os.environ | {"PYTHONPATH": str(_ROOT)},
        stderr=asyncio.subprocess.DEVNULL,  # a refusal ends it with a traceback
    )


async def killed_at(board: Board, stage: str) -> None:
    process = await start(board, stage)
    assert await process.wait() == KILLED


@pytest.fixture
async def two(board: Board) -> AsyncIterator[Board]:
    board.branch("one", {"1.txt": "1\n"})
    board.branch("two", {"2.txt": "2\n"})
    yield board
    board.git.git("fsck", "--strict", "--no-dangling")


@pytest.mark.parametrize("stage", BEFORE_THE_MOVE)
async def test_killed_before_the_base_moved_nothing_has_happened(
    two: Board, stage: MergeStage
) -> None:
    before = two.git.fingerprint()
    await killed_at(two, stage)

    (entry,) = await recover_merges(two.repo, START)

    assert entry.state is MergeRunState.FAILED
    assert entry.notes == ("Its process died before the landing: main was not touched.",)
    assert two.git.fingerprint() == before
    assert two.status("one") is TaskStatus.REVIEW
    assert unfinished(two.repo) == ()
    assert list(scratch_folder("gates").iterdir()) == []


@pytest.mark.parametrize("stage", AFTER_THE_MOVE)
async def test_killed_after_the_base_moved_the_rest_is_done(two: Board, stage: MergeStage) -> None:
    before = two.git.head("main")
    await killed_at(two, stage)

    (entry,) = await recover_merges(two.repo, START)

    assert entry.state is MergeRunState.LANDED
    assert (entry.before, entry.after) == (before, two.git.head("main"))
    assert [get_task(two.repo, key).status for key in ("one", "two")] == [TaskStatus.DONE] * 2
    assert get_task(two.repo, "two").landed_commit == entry.after
    assert two.git.git("status", "--porcelain") == ""
    assert (two.git.path / "2.txt").read_text() == "2\n"
    assert two.event_kinds()[-1] == "merge.landed"


async def test_killed_when_all_was_written_there_is_nothing_to_heal(two: Board) -> None:
    await killed_at(two, MergeStage.RECORDED)

    assert await recover_merges(two.repo, START) == ()
    assert two.status("two") is TaskStatus.DONE


async def test_recovering_again_changes_nothing(two: Board) -> None:
    await killed_at(two, MergeStage.MOVED)
    await recover_merges(two.repo, START)
    kinds = two.event_kinds()

    assert await recover_merges(two.repo, START) == ()
    assert two.event_kinds() == kinds


async def test_a_new_run_takes_over_from_a_dead_one_at_once(two: Board) -> None:
    await killed_at(two, MergeStage.READY)

    result = await two.merge()

    assert [one.task for one in result.merged] == ["one", "two"]
    states = [row.state for row in MergeRunRow.select().order_by(MergeRunRow.id)]
    assert states == ["failed", "landed"]


async def test_a_landing_is_known_by_the_base_even_without_its_refs(two: Board) -> None:
    await killed_at(two, MergeStage.MOVED)
    for ref in two.git.git("for-each-ref", "--format=%(refname)", "refs/weft").splitlines():
        two.git.git("update-ref", "-d", ref)

    (entry,) = await recover_merges(two.repo, START)

    assert entry.state is MergeRunState.LANDED
    assert two.git.head(f"{entry.refs}/before") == entry.before


async def test_refs_that_git_made_before_it_was_killed_do_not_mean_a_landing(two: Board) -> None:
    await killed_at(two, MergeStage.READY)
    (entry,) = unfinished(two.repo)
    two.git.git("update-ref", f"{entry.refs}/after", two.git.head("one"))

    (healed,) = await recover_merges(two.repo, START)

    assert healed.state is MergeRunState.FAILED


async def test_an_undo_whose_git_was_killed_before_the_base_moved_did_not_happen(
    two: Board,
) -> None:
    result = await two.merge()
    mark = result.backup_ref.replace("/before", "/undone")
    two.git.git("update-ref", mark, result.after)

    assert await recover_merges(two.repo, START) == ()
    assert two.git.head("main") == result.after
    assert (await undo_merge(two.repo, actor="person")).after == result.before


async def test_a_pid_that_belongs_to_another_process_now_protects_nobody(two: Board) -> None:
    await killed_at(two, MergeStage.READY)
    MergeRunRow.update(owner_pid=os.getppid()).execute()

    (entry,) = await recover_merges(two.repo, START)

    assert entry.state is MergeRunState.FAILED


async def test_a_run_of_a_living_process_is_left_alone(two: Board) -> None:
    folder = two.git.path.parent
    check = f"touch {folder}/running; while [ ! -e {folder}/go ]; do sleep 0.01; done"
    process = await start(two, "never", check)
    await wait_until_async((folder / "running").exists)

    assert await recover_merges(two.repo, START) == ()
    with pytest.raises(Refused) as refused:
        await two.merge()
    (folder / "go").touch()

    assert await process.wait() == 0
    assert f"process {process.pid}" in refused.value.reasons[0]
    assert two.status("one") is TaskStatus.DONE


async def test_an_undo_that_was_killed_is_finished(two: Board) -> None:
    before = two.git.fingerprint()[1:]
    result = await two.merge()
    await killed_at(two, "undo-moved")

    (entry,) = await recover_merges(two.repo, START)

    assert entry.undone
    assert two.git.head("main") == result.before
    assert two.git.fingerprint()[1:][1] == before[1]
    assert two.status("one") is TaskStatus.REVIEW
    assert two.event_kinds()[-1] == "merge.undone"
    assert last_landed(two.repo) == entry


async def test_of_many_runs_at_once_each_branch_lands_once(board: Board) -> None:
    for number in range(3):
        board.branch(f"t{number}", {f"{number}.txt": f"{number}\n"})

    racers = [await start(board, "never") for _ in range(5)]
    for racer in racers:
        await racer.wait()

    subjects = board.git.git("log", "--first-parent", "--format=%s", "main").splitlines()
    assert sorted(subjects) == [
        "Merge t0: Title of t0",
        "Merge t1: Title of t1",
        "Merge t2: Title of t2",
        "base",
    ]
    assert {racer.returncode for racer in racers} <= {0, 1}
    assert all(board.status(key) is TaskStatus.DONE for key in board.contenders)
    assert unfinished(board.repo) == ()
    assert board.git.git("status", "--porcelain") == ""


@pytest.mark.parametrize("point", FEW)
async def test_killed_at_a_step_the_next_start_finishes_or_drops_it(
    board: Board, point: str
) -> None:
    await survive_run(two_branches(board), point)


@pytest.mark.parametrize("point", UNDO_POINTS[2:3])
async def test_an_undo_killed_at_a_step_is_finished_or_dropped(board: Board, point: str) -> None:
    await survive_undo(two_branches(board), point)
