from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.merging.journal_entry import last_landed
from core.paths import scratch_folder

if TYPE_CHECKING:
    from core.domain.plan import MergeResult
    from tests.core.merging.board import Board


def aside(result: MergeResult) -> dict[str, str]:
    return {one.task: one.reason for one in result.put_aside}


async def test_a_check_that_passes_when_run_again_is_flaky_and_lands(board: Board) -> None:
    board.branch("one", {"new.txt": "new\n"})
    once = board.git.path.parent / "once"

    result = await board.merge(check=f"echo said; test -e {once} || {{ touch {once}; exit 3; }}")

    (landed,) = result.merged
    assert landed.flaky
    assert Path(landed.log).name == "one.first.log"
    assert Path(landed.log).read_text() == "said\n"
    assert last_landed(board.repo).result().merged[0].flaky  # type: ignore[union-attr]


async def test_a_failing_check_has_two_tries_and_no_more(board: Board) -> None:
    board.branch("one", {"new.txt": "new\n"})
    count = board.git.path.parent / "count"

    result = await board.merge(check=f"echo x >> {count}; exit 1")

    assert count.read_text() == "x\nx\n"
    assert aside(result) == {"one": "the check failed with status 1"}


async def test_the_files_of_a_check_are_set_up_each_time(board: Board) -> None:
    board.git.write(".git/info/exclude", ".env\nbuilt\n")
    board.git.write(".env", "LEVEL=1\n")
    for key in ("one", "two"):
        board.branch(key, {f"{key}.txt": "new\n"})

    result = await board.merge(
        check="grep -q LEVEL=1 built && ls one.txt", setup="cat .env > built", copy=(".env",)
    )

    assert [landed.task for landed in result.merged] == ["one", "two"]
    assert Path(result.merged[0].log).read_text() == "one.txt\n"


async def test_a_set_up_that_fails_puts_its_branch_aside(board: Board) -> None:
    board.branch("one", {"new.txt": "new\n"})

    result = await board.merge(check="true", setup="echo broken; exit 7")

    assert aside(result) == {"one": "the set-up failed with status 7"}
    assert Path(result.put_aside[0].log).read_text() == "broken\n"


async def test_each_check_sees_exactly_the_files_that_would_land(board: Board) -> None:
    board.branch("one", {"1.txt": "1\n"})
    board.branch("two", {"2.txt": "2\n", ".gitignore": "*.tmp\n"})
    seen = board.git.path.parent / "seen"
    check = (
        f"ls -A >> {seen}; echo $WEFT_TASK $WEFT_HOME >> {seen};"
        " git status --porcelain; touch left.tmp left.txt; echo broken > a.txt"
    )

    await board.merge(check=check)

    assert seen.read_text().split() == [
        *(".git", "1.txt", "a.txt", "b.txt", "one"),
        *(".git", ".gitignore", "1.txt", "2.txt", "a.txt", "b.txt", "two"),
    ]
    assert board.git.git("status", "--porcelain") == ""
    assert list(scratch_folder("gates").iterdir()) == []


async def test_a_check_that_never_ends_counts_as_failed_and_is_gone(board: Board) -> None:
    board.branch("task-4", {"new.txt": "new\n"})

    result = await board.merge(check="sleep 600 & sleep 600", check_limit_s=0.2)

    assert aside(result) == {"task-4": "the check did not end within 0.2 seconds"}
    assert result.after == result.before
