"""The dry run against git itself, landing the same branches in a clone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.domain.plan import StepOutcome, Strategy
from tests.scenarios import SCENARIOS, Repo, numbered_lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.core.merging.board import Board


def land_for_real(clone: Repo, branch: str, strategy: Strategy) -> bool:
    """Land *branch* on the clone's main with git's own commands; False on a conflict."""
    before = clone.head("main")
    commands: dict[Strategy, list[tuple[str, ...]]] = {
        Strategy.MERGE: [("merge", "--no-ff", "--no-edit", branch)],
        Strategy.SQUASH: [("merge", "--squash", branch), ("commit", "-qm", branch)],
        Strategy.REBASE: [
            ("switch", "--quiet", "--detach", branch),
            ("rebase", "main"),
            ("switch", "--quiet", "-C", "main"),
        ],
    }
    for command in commands[strategy]:
        clone.git(*command, ok=(0, 1, 128))
        if clone.git("ls-files", "--unmerged"):
            clone.git("rebase", "--abort", ok=(0, 128))
            clone.git("reset", "--quiet", "--hard")
            clone.git("switch", "--quiet", "main")
            clone.git("reset", "--quiet", "--hard", before)
            return False
    return True


def renamed_and_edited(board: Board) -> None:
    board.branch("renamer", {"a.txt": None, "moved/a.txt": numbered_lines()})
    board.branch("editor", {"a.txt": numbered_lines(line_4="edited")})
    board.branch("other", {"a.txt": numbered_lines(line_4="other")})


def several_commits_each(board: Board) -> None:
    for name, old in (("one", "line 1\n"), ("two", "line 9\n"), ("three", "line 9\n")):
        board.git.branch(name)
        board.git.commit(f"{name} first", a=numbered_lines().replace(old, f"{name} draft\n", 1))
        board.git.commit(f"{name} second", {f"{name}.txt": "new\n"})
        board.git.commit(f"{name} third", a=numbered_lines().replace(old, f"{name} final\n", 1))
        board.git.switch("main")
        board.review(name)


def base_moved_on(board: Board) -> None:
    board.branch("old", {"a.txt": numbered_lines(line_8="old"), "new.txt": "new\n"})
    board.git.commit("main moves on", {"a.txt": numbered_lines(line_1="main"), "x/y.txt": "y\n"})
    board.branch("newer", {"x/y.txt": None, "a.txt": numbered_lines(line_1="newer")})


SITUATIONS: list[str | Callable[[Board], None]] = [
    *sorted(SCENARIOS),
    renamed_and_edited,
    several_commits_each,
    base_moved_on,
]


@pytest.mark.parametrize("strategy", list(Strategy))
@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: getattr(one, "__name__", one))
async def test_each_step_is_what_git_itself_makes_of_it(
    board: Board, tmp_path: Path, situation: str | Callable[[Board], None], strategy: Strategy
) -> None:
    if isinstance(situation, str):
        board.scenario(situation)
    else:
        situation(board)
    clone = Repo(tmp_path / "clone")
    board.git.git("clone", "--quiet", str(board.git.path), str(clone.path))
    for key in board.contenders:
        clone.git("branch", "--quiet", key, f"origin/{key}")

    plan = await board.plan(strategy=strategy)

    for step in plan.steps:
        landed = land_for_real(clone, step.branch, strategy)
        assert landed is (step.outcome is StepOutcome.CLEAN)
        assert step.tree == clone.git("rev-parse", "main^{tree}")


async def test_a_resolution_in_a_merge_commit_is_never_lost_by_replaying(board: Board) -> None:
    board.git.branch("work")
    board.git.commit("work", a=numbered_lines(line_3="work"))
    board.git.switch("main")
    board.git.commit("main", a=numbered_lines(line_3="main"))
    board.git.switch("work")
    board.git.git("merge", "--quiet", "main", ok=(1,))
    board.git.commit("resolved", a=numbered_lines(line_3="both"))
    board.git.switch("main")
    board.review("work")

    replayed = (await board.plan(strategy=Strategy.REBASE)).steps[0]
    merged = (await board.plan(strategy=Strategy.MERGE)).steps[0]

    assert replayed.outcome in (StepOutcome.CONFLICT, StepOutcome.BLOCKED)
    assert merged.outcome is StepOutcome.CLEAN


async def test_content_slipped_into_a_merge_commit_blocks_replaying(board: Board) -> None:
    board.git.branch("work")
    board.git.commit("work", {"w.txt": "w\n"})
    board.git.switch("main")
    board.git.commit("main", {"m.txt": "m\n"})
    board.git.switch("work")
    board.git.git("merge", "--quiet", "--no-commit", "main")
    board.git.commit("merge with more", {"slipped.txt": "in\n"})
    board.git.switch("main")
    board.review("work")

    (step,) = (await board.plan(strategy=Strategy.REBASE)).steps

    assert step.outcome is StepOutcome.BLOCKED
    assert step.why.endswith("what its merge commits resolved would be lost: use merge or squash")


async def test_a_plain_merge_from_the_base_does_not_hinder_replaying(board: Board) -> None:
    board.git.branch("work")
    board.git.commit("work", {"w.txt": "w\n"})
    board.git.switch("main")
    board.git.commit("main", {"m.txt": "m\n"})
    board.git.switch("work")
    board.git.git("merge", "--quiet", "--no-edit", "main")
    board.git.switch("main")
    board.review("work")

    (step,) = (await board.plan(strategy=Strategy.REBASE)).steps

    assert step.outcome is StepOutcome.CLEAN
    assert step.files == ("w.txt",)


async def test_what_the_base_has_already_is_left_out_when_replaying(board: Board) -> None:
    board.git.branch("work")
    first = board.git.commit("first", {"w.txt": "w\n"})
    board.git.commit("second", {"v.txt": "v\n"})
    board.git.switch("main")
    board.git.commit("main", {"m.txt": "m\n"})
    board.git.git("cherry-pick", first)
    board.review("work")

    (step,) = (await board.plan(strategy=Strategy.REBASE)).steps

    assert step.files == ("v.txt",)
