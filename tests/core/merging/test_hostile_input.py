"""Names, sizes and histories that break careless programs, planned, resolved and landed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from core.conflicts import snapshots
from core.conflicts.matrix import conflict_matrix
from core.domain.plan import StepOutcome, Strategy
from core.domain.resolution import Decision, FileDecision, Take
from core.merging.branch_commit import Spot
from core.merging.resolve import lay_open, resolve
from tests.core.conflicts.test_hostile_names import BRANCHES, PATHS, point
from tests.core.merging.board import START, Board
from tests.scenarios import Repo, numbered_lines

if TYPE_CHECKING:
    from pathlib import Path

MANY = 10_000
TEXT_BRANCHES = tuple(name for name in BRANCHES if name.encode("utf-8", "ignore").decode() == name)
"""Weft names branches itself, in text: bytes that are none cannot be a task's branch."""


@pytest.mark.parametrize("strategy", list(Strategy))
async def test_branches_of_every_name_land_with_paths_of_every_name(
    board: Board, strategy: Strategy
) -> None:
    repo = board.git
    for number, name in enumerate(TEXT_BRANCHES):
        repo.git("switch", "--quiet", "--detach", "main")
        path = PATHS[number % len(PATHS)]
        point(repo, name, repo.commit(f"work {number}", {f"{path}-{number}": f"{number}\n"}))
        board.review(f"t{number}", name)
    repo.switch("main")

    plan = await board.plan(strategy=strategy)
    result = await board.merge(strategy=strategy)

    assert {step.outcome for step in plan.steps} == {StepOutcome.CLEAN}
    assert len(result.merged) == len(TEXT_BRANCHES)
    found = repo.git("ls-tree", "-r", "-z", "--name-only", "main").split("\0")
    assert {f"{PATHS[n % len(PATHS)]}-{n}" for n in range(len(TEXT_BRANCHES))} <= {*found}
    assert repo.git("status", "--porcelain") == ""
    assert not (repo.path / "ran").exists()


async def test_conflicts_in_paths_of_every_name_are_decided_and_land(board: Board) -> None:
    repo = board.git
    repo.commit("odd", {path: numbered_lines() for path in PATHS})
    board.branch("mine", {path: numbered_lines(line_3="mine") for path in PATHS})
    repo.commit("theirs", {path: numbered_lines(line_3="theirs") for path in PATHS})
    spot = Spot("mine", "mine", None)

    opened = await lay_open(board.repo, spot, None)
    chosen = [FileDecision(file.path, (Decision(Take.BOTH),)) for file in opened.files]
    await resolve(board.repo, opened, spot, chosen, now=START)
    result = await board.merge()

    assert {file.path for file in opened.files} == {*PATHS}
    assert [one.task for one in result.merged] == ["mine"]
    for path in PATHS:
        assert (repo.path / path).read_text().splitlines()[2:4] == ["mine", "theirs"]


async def test_a_branch_that_changes_ten_thousand_files_lands(board: Board) -> None:
    repo, text = board.git, "text\n"
    stream = f"commit refs/heads/many\ncommitter C <c@d> 0 +0000\ndata 1\nx\nfrom {repo.head()}\n"
    for number in range(MANY):
        stream += f"M 100644 inline d{number % 100}/f{number}\ndata {len(text)}\n{text}"
    repo.git("fast-import", "--quiet", stdin=f"{stream}\n")
    board.review("many")

    result = await board.merge()

    assert [one.task for one in result.merged] == ["many"]
    assert len(repo.git("ls-files").splitlines()) == MANY + 2


@pytest.mark.parametrize("strategy", list(Strategy))
async def test_branches_of_a_shallow_clone_land_as_far_as_it_goes(
    board: Board, tmp_path: Path, strategy: Strategy
) -> None:
    source = board.git
    for number in range(3):
        source.commit(f"older {number}", b=numbered_lines(line_1=f"{number}"))
    for name in ("left", "right"):
        source.branch(name)
        source.commit(name, a=numbered_lines(line_3=name))
    source.switch("main")
    path = tmp_path / "shallow"
    source.git("clone", "-q", "--depth=2", "--no-single-branch", source.path.as_uri(), str(path))
    clone = Board.register(Repo(path))
    for name in ("left", "right"):
        clone.git.git("branch", "--quiet", name, f"origin/{name}")
        clone.review(f"task-{name}", name)

    plan = await clone.plan(strategy=strategy)
    result = await clone.merge(strategy=strategy)

    assert [step.outcome for step in plan.steps] == [StepOutcome.CLEAN, StepOutcome.CONFLICT]
    assert len(result.merged) == len(result.put_aside) == 1
    clone.git.git("fsck", "--strict", "--no-dangling")


async def test_a_worktree_whose_git_file_was_rewritten_leads_nowhere_else(
    board: Board, tmp_path: Path
) -> None:
    other = Repo.create(tmp_path / "other")
    worktree = Repo(board.git.worktree("one"))
    worktree.commit("work", c="work\n")
    board.review("one", worktree=worktree.path)
    worktree.write(".git", f"gitdir: {other.path}/.git\n")
    before = other.fingerprint()

    plan = await board.plan()
    result = await board.merge()

    assert [step.outcome for step in plan.steps] == [StepOutcome.CLEAN]
    assert [one.task for one in result.merged] == ["one"]
    assert other.fingerprint() == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize("name", [".gitignore", ".gitattributes", "a.txt"])
async def test_a_pipe_in_a_worktree_holds_up_neither_matrix_nor_plan(
    board: Board, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(snapshots, "LOOK_LIMIT_S", 2.0)
    worktree = Repo(board.git.worktree("piped"))
    worktree.commit("work", c="work\n")
    worktree.write("new.txt", "makes git look at attributes\n")
    (worktree.path / name).unlink(missing_ok=True)
    os.mkfifo(worktree.path / name)
    board.review("piped", worktree=worktree.path)
    board.branch("other", {"d.txt": "d\n"})

    matrix = await conflict_matrix(board.repo, board.all)
    plan = await board.plan()

    problems = {state.task: state.problem for state in matrix.branches}
    assert problems["piped"].startswith(("Looking at its worktree", "Its worktree cannot be read"))
    assert problems["other"] == ""
    outcomes = {step.task: step.outcome for step in plan.steps}
    assert outcomes == {"other": StepOutcome.CLEAN, "piped": StepOutcome.BLOCKED}
