"""A repository that tries everything to run code while its branches are planned and landed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from core.clock import SystemClock
from core.conflicts.matrix import conflict_matrix
from core.domain.plan import Strategy
from core.domain.resolution import Decision, FileDecision, Take
from core.errors import Refused
from core.merging import resolve
from core.merging.branch_commit import Spot
from core.merging.early_cure import bring_base_in
from core.merging.tidy import tidy
from core.merging.undo import undo_merge
from tests.core.merging.board import START
from tests.core.traps import make_program, set_traps
from tests.scenarios import Repo, numbered_lines

if TYPE_CHECKING:
    from pathlib import Path

    from tests.core.merging.board import Board

LOCK = numbered_lines(line_1="lock")


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "ran"


@pytest.fixture
def trapped(board: Board, tmp_path: Path, marker: Path) -> Board:
    """Three branches with worktrees: two collide, one has an unread submodule; all are traps."""
    program = make_program(tmp_path, marker)
    inner = Repo.create(tmp_path / "inner")
    allowed = ("-c", "protocol.file.allow=always", "submodule", "--quiet")
    board.git.git(*allowed, "add", str(inner.path), "inner")
    board.git.commit("submodule")
    for name, line in (("one", "one"), ("two", "two"), ("three", "")):
        worktree = Repo(board.git.worktree(name))
        files = {"a.txt": numbered_lines(line_3=line)} if line else {}
        worktree.commit(name, {**files, f"{name}.txt": f"{name}\n"})
        worktree.git(*allowed, "update", "--init")
        board.review(name, worktree=worktree.path)
        inside = Repo(worktree.path / "inner")
        attributes = inside.path / inside.git("rev-parse", "--git-path", "info/attributes")
        attributes.parent.mkdir(exist_ok=True)
        attributes.write_text("* filter=evil\n")
        inside.git("config", "filter.evil.clean", str(program))
        inside.git("config", "core.fsmonitor", str(program))
        inside.write("a.txt", numbered_lines())  # looks changed until it is read
    set_traps(board.git, program)
    board.git.git("config", "submodule.recurse", "true")
    marker.unlink(missing_ok=True)
    return board


async def decide_left(board: Board, spot: Spot) -> None:
    opened = await resolve.lay_open(board.repo, spot, None)
    chosen = [FileDecision(file.path, whole=Decision(Take.LEFT)) for file in opened.files]
    await resolve.resolve(board.repo, opened, spot, chosen, now=START)


@pytest.mark.parametrize("strategy", list(Strategy))
async def test_plan_landing_cure_resolution_tidying_and_undo_run_nothing(
    trapped: Board, marker: Path, strategy: Strategy
) -> None:
    plan = await trapped.plan(strategy=strategy)
    result = await trapped.merge(strategy=strategy)

    spots = {key: Spot(key, one.branch, one.worktree) for key, one in trapped.contenders.items()}
    aside = next(iter(result.put_aside)).task
    with pytest.raises(Refused, match="does not merge cleanly"):
        await bring_base_in(trapped.repo, spots[aside], now=START)
    await decide_left(trapped, spots[aside])
    await tidy(trapped.repo, clock=SystemClock())
    await undo_merge(trapped.repo, actor="person")
    await bring_base_in(trapped.repo, spots["three"], now=START)

    assert not marker.exists(), marker.read_text()
    assert plan.conflict_steps == 1
    assert len(result.merged) == 2


async def test_a_driver_that_was_allowed_merges_in_the_matrix_the_plan_and_the_landing(
    board: Board, tmp_path: Path
) -> None:
    program = tmp_path / "both"
    program.write_text('#!/bin/sh\ncat "$3" >> "$2"\n')
    program.chmod(0o755)
    board.git.commit("lock", {"x.lock": LOCK, ".gitattributes": "*.lock merge=both\n"})
    for name in ("one", "two"):
        board.branch(name, {"x.lock": numbered_lines(line_1=name)})
    entry = ("merge.both.driver", f"{program} %O %A %B")
    board.git.git("config", *entry)
    strange = replace(board.repo, drivers=((entry[0], "other"),))
    plain = board.repo

    for repo, conflicts in ((plain, 1), (strange, 1), (replace(plain, drivers=(entry,)), 0)):
        matrix = await conflict_matrix(repo, board.all)
        board.repo = repo
        plan = await board.plan()
        assert (matrix.conflict_count, plan.conflict_steps) == (conflicts, conflicts)
    await board.merge()

    landed = board.tree_files("main")["x.lock"]
    board.git.git("checkout", "--quiet", "--detach", "one")
    board.git.git("merge", "--quiet", "two")
    assert landed == (board.git.path / "x.lock").read_text().rstrip("\n")
    assert board.git.git("status", "--porcelain") == ""
