"""`kill -9` at every step of a merge run, an undo and acts on a branch; twenty runs at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from core.store.connection import close_database, open_database
from tests.core.merging.board import Board
from tests.core.merging.crash_points import (
    CURE_POINTS,
    HAND_POINTS,
    RESOLVE_POINTS,
    RUN_POINTS,
    UNDO_POINTS,
    collided,
    race,
    survive_act,
    survive_run,
    survive_undo,
    two_branches,
)
from tests.scenarios import Repo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.benchmarks.conftest import Tally

pytestmark = pytest.mark.benchmark

TIMES: Final = 3
RACERS: Final = 20


@pytest.fixture(autouse=True)
def database(weft_home: Path) -> Iterator[None]:
    """An open database."""
    open_database(weft_home / "weft.db")
    yield
    close_database()


def fresh(tmp_path: Path, number: int) -> Board:
    return Board.register(Repo.create(tmp_path / f"repo-{number}"))


async def test_killed_at_every_step_of_a_run(tmp_path: Path, tally: Tally) -> None:
    landed = 0
    for number, point in enumerate(RUN_POINTS * TIMES):
        landed += await survive_run(two_branches(fresh(tmp_path, number)), point)

    count = len(RUN_POINTS) * TIMES
    tally(
        f"kill -9 in a merge run: {count} kills at {len(RUN_POINTS)} points, "
        f"{count - landed} before and {landed} after the base moved; 0 half-done, 0 lost, fsck ok"
    )


async def test_killed_at_every_step_of_an_undo(tmp_path: Path, tally: Tally) -> None:
    undone = 0
    for number, point in enumerate(UNDO_POINTS * TIMES):
        undone += await survive_undo(two_branches(fresh(tmp_path, number)), point)

    count = len(UNDO_POINTS) * TIMES
    tally(
        f"kill -9 in an undo: {count} kills at {len(UNDO_POINTS)} points, "
        f"{count - undone} before and {undone} after the base moved; 0 half-done, 0 lost, fsck ok"
    )


@pytest.mark.parametrize("act", ["cure", "resolve", "hand"])
async def test_killed_at_every_step_of_an_act_on_a_branch(
    tmp_path: Path, tally: Tally, act: str
) -> None:
    points = {"cure": CURE_POINTS, "resolve": RESOLVE_POINTS, "hand": HAND_POINTS}[act]
    moved = 0
    for number, point in enumerate(points * TIMES):
        board = fresh(tmp_path, number)
        worktree = collided(board, cured=act == "cure")
        moved += await survive_act(board, worktree, act, point)

    count = len(points) * TIMES
    tally(
        f"kill -9 in {act} of a branch: {count} kills at {len(points)} points, {count - moved} "
        f"before and {moved} after the branch moved; 0 half-done, 0 lost, fsck ok"
    )


async def test_of_twenty_runs_at_once_no_update_is_lost(tmp_path: Path, tally: Tally) -> None:
    board = fresh(tmp_path, 0)
    for number in range(RACERS):
        board.branch(f"t{number}", {f"{number}.txt": f"{number}\n"})

    by_hand = await race(board)

    tally(
        f"{RACERS} merge runs at once against one base: {RACERS} of {RACERS} landed once, and "
        f"{by_hand} of {by_hand} commits by hand meanwhile are kept; 0 lost updates, fsck ok"
    )
