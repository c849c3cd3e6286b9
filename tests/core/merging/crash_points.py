"""Every step of a merge run and of its undo at which a process may be killed, and what must hold.

A point is `MODULE:NAME:before` or `…:after` of a function as that module calls it. The child
process (`killed_merge.py`) puts the kill there; the product has no hooks for it.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Final

from core.domain.task import TaskStatus
from core.domain.worktree import WorktreeState
from core.merging.half_done import recover_branches
from core.merging.journal_entry import last_landed, unfinished
from core.merging.recovery import recover_merges
from core.merging.undo import undo_merge
from core.paths import scratch_folder
from core.worktrees import journal
from tests.core.merging import killed_merge
from tests.core.merging.board import START, Board
from tests.killing import KILLED
from tests.scenarios import Repo, numbered_lines

ROOT: Final = Path(__file__).parents[3]
_BY_HAND: Final = 10


def _both(module: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{module}:{name}:{when}" for name in names for when in ("before", "after"))


RUN_POINTS: Final = (
    *_both("core.merging.execute:journal", "begin"),
    "core.merging.execute:make_quarantine:after",
    *_both("core.merging.sequence", "prepare", "conflict_graph"),
    "core.merging.sequence:dry_run:after",
    "core.merging.sequence:try_next:after",
    "core.merging.checker:lay_out:after",
    *_both("core.merging.checker", "run_check"),
    *_both("core.merging.execute:journal", "keep_steps"),
    "core.merging.execute:journal:advance:after",
    *_both("core.merging.execute", "import_objects"),
    "core.merging.execute:refuse_if_in_the_way:after",
    *_both("core.merging.execute", "update_refs", "follow"),
    "core.merging.checkouts:bring_along:after",
    "core.merging.execute:journal:close_landed:before",
    "core.merging.journal:land:after",
    "core.merging.journal:_record merge.landed:before",
    "core.merging.execute:journal:close_landed:after",
    "core.merging.execute:journal:release:before",
)
UNDO_POINTS: Final = (
    "core.merging.undo:refuse_if_in_the_way:after",
    *_both("core.merging.undo", "update_refs", "follow"),
    "core.merging.checkouts:bring_along:after",
    "core.merging.journal:unland:after",
    *_both("core.merging.undo:journal", "close_undone"),
)
CURE_POINTS: Final = (
    "core.merging.early_cure:commit_tree:after",
    "core.merging.early_cure:import_objects:after",
    *_both("core.merging.branch_commit", "bring_along", "update_ref"),
    *_both("core.merging.half_done:Begun", "note", "forget"),
)
RESOLVE_POINTS: Final = (
    "core.merging.resolve:commit_tree:after",
    "core.merging.resolve:import_objects:after",
    *CURE_POINTS[2:],
)
HAND_POINTS: Final = (
    *_both("core.merging.hand_over", "import_objects"),
    *_both("core.worktrees.half_merge", "_write", "bring_along"),
    "core.worktrees.half_merge:run_git:after",
)
FEW: Final = (
    "core.merging.execute:import_objects:after",
    "core.merging.execute:update_refs:after",
    "core.merging.journal:land:after",
)
"""The points at which most can go wrong, for the quick suite."""


def two_branches(board: Board) -> Board:
    """Put two branches in review."""
    board.branch("one", {"1.txt": "1\n"})
    board.branch("two", {"2.txt": "2\n", "a.txt": "two\n"})
    return board


async def child(board: Board, *words: str) -> int:
    """Run `killed_merge.py` in the board's repository and return its exit status."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, killed_merge.__file__),
        *(os.environ["WEFT_HOME"] + "/weft.db", str(board.repo.id), *words),
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stderr=asyncio.subprocess.DEVNULL,  # a refusal ends it with a traceback
    )
    return await process.wait()


async def survive_run(board: Board, point: str) -> bool:
    """Kill a merge run at *point*, start again, and check every promise; True when it had landed.

    Raises:
        AssertionError: A promise is broken.
    """
    before = board.git.head("main")
    heads = {key: board.git.head(key) for key in board.contenders}
    assert await child(board, point, "test -e a.txt") == KILLED, f"{point} is not passed"
    _whole(board, before)

    await recover_merges(board.repo, START)

    landed = board.git.head("main") != before
    wanted = TaskStatus.DONE if landed else TaskStatus.REVIEW
    assert {board.status(key) for key in heads} == {wanted}
    entry = last_landed(board.repo)
    assert (entry is not None and entry.after == board.git.head("main")) == landed
    _nothing_left(board)
    await board.merge() if not landed else None
    _all_landed_once(board, heads)
    return landed


async def survive_undo(board: Board, point: str) -> bool:
    """Kill an undo at *point*, start again, and check; True when the base had gone back."""
    before = board.git.head("main")
    heads = {key: board.git.head(key) for key in board.contenders}
    after = (await board.merge()).after
    assert await child(board, f"undo {point}") == KILLED, f"{point} is not passed"
    assert board.git.head("main") in (before, after)

    await recover_merges(board.repo, START)

    undone = board.git.head("main") == before
    entry = last_landed(board.repo)
    assert entry is not None
    assert entry.undone == undone
    wanted = TaskStatus.REVIEW if undone else TaskStatus.DONE
    assert {board.status(key) for key in heads} == {wanted}
    _nothing_left(board)
    await undo_merge(board.repo, actor="person")
    assert board.git.head("main") == before
    await board.merge()
    _all_landed_once(board, heads)
    return undone


def collided(board: Board, *, cured: bool) -> Repo:
    """Put branch `one` with a worktree in review; the base moved on, *cured* says how harmlessly.

    The worktree holds an edit of a file that nobody else touches, and a file that git ignores.
    """
    board.branch("one", {"a.txt": numbered_lines(line_3="mine"), "mine.txt": "mine\n"})
    theirs = {"new.txt": "new\n"} if cured else {"a.txt": numbered_lines(line_3="base")}
    board.git.commit("the base moves on", theirs)
    folder = board.git.path.parent / f"{board.git.path.name}-one"
    board.git.git("worktree", "add", "--quiet", str(folder), "one")
    made = journal.begin(
        board.repo, task="one", worker="agent-1", path=folder, branch="one",
        base_sha=board.git.head("main"), now=START,
    )  # fmt: skip
    journal.mark(board.repo, made, WorktreeState.READY, now=START)
    worktree = Repo(folder)
    if cured:
        worktree.write("b.txt", "not committed\n")
    worktree.write("untracked.txt", "new\n")
    return worktree


async def survive_act(board: Board, worktree: Repo, act: str, point: str) -> bool:
    """Kill an act on a branch at *point*, start again, and do it again; True when it had moved.

    Raises:
        AssertionError: A promise is broken.
    """
    before, base = board.git.head("one"), board.git.head("main")
    looked = worktree.git("status", "--porcelain")
    assert await child(board, f"{act} {point}") == KILLED, f"{point} is not passed"

    await recover_branches(board.repo)

    moved = board.git.head("one") != before
    begun = (worktree.path / worktree.git("rev-parse", "--git-path", "MERGE_HEAD")).exists()
    if not begun:
        assert worktree.git("status", "--porcelain") == looked
    assert await recover_branches(board.repo) == ()
    assert await child(board, f"{act} -") in (0, 1)
    assert board.git.head("main") == base
    assert (worktree.path / "untracked.txt").read_text() == "new\n"
    if act == "hand":
        assert worktree.git("diff", "--name-only", "--diff-filter=U") == "a.txt"
        assert "<<<<<<<" in (worktree.path / "a.txt").read_text()
    else:
        assert worktree.git("status", "--porcelain") == looked
        board.git.git("merge-base", "--is-ancestor", base, "one")
        board.git.git("merge-base", "--is-ancestor", before, "one")
        assert board.git.git("rev-list", "--count", "--merges", "one") == "1"
    board.git.git("fsck", "--strict", "--no-dangling")
    return moved


def _whole(board: Board, before: str) -> None:
    """Right after the kill: the base is untouched, or at the whole checked tree."""
    now = board.git.head("main")
    if now != before:
        files = board.tree_files("main")
        assert {"1.txt", "2.txt"} <= files.keys()
        assert files["a.txt"] == "two"
    board.git.git("fsck", "--strict", "--no-dangling")


def _nothing_left(board: Board) -> None:
    assert unfinished(board.repo) == ()
    assert list(scratch_folder("gates").iterdir()) == []
    assert board.git.git("status", "--porcelain") == ""
    assert len(board.git.git("worktree", "list").splitlines()) == 1


def _all_landed_once(board: Board, heads: dict[str, str]) -> None:
    subjects = board.git.git("log", "--first-parent", "--format=%s", "main").splitlines()
    wanted = [f"Merge {key}: Title of {key}" for key in heads]
    assert sorted(subjects) == sorted([*wanted, "base"])
    for head in heads.values():
        board.git.git("merge-base", "--is-ancestor", head, "main")
    assert {board.status(key) for key in heads} == {TaskStatus.DONE}
    assert board.git.git("status", "--porcelain") == ""
    board.git.git("fsck", "--strict", "--no-dangling")


async def race(board: Board) -> int:
    """Land every task in a process of its own, all at once, while a person commits to the base.

    Returns how many commits the person made. None of all these updates may be lost.
    """
    board.git.git("switch", "--quiet", "--detach")
    heads = {key: board.git.head(key) for key in board.contenders}
    racers = [asyncio.ensure_future(child(board, f"only {key}")) for key in heads]
    made: list[str] = []
    for number in range(_BY_HAND):  # not for ever: a base that never rests cannot be landed on
        made += await asyncio.to_thread(_commit_beside, board, number)
    await asyncio.wait(racers)
    assert [await racer for racer in racers] == [0] * len(heads)

    board.git.switch("main")
    subjects = board.git.git("log", "--first-parent", "--format=%s", "main").splitlines()
    merges = [f"Merge {key}: Title of {key}" for key in heads]
    assert sorted(subjects) == sorted([*merges, *made, "base"])
    for head in heads.values():
        board.git.git("merge-base", "--is-ancestor", head, "main")
    assert {board.status(key) for key in heads} == {TaskStatus.DONE}
    assert unfinished(board.repo) == ()
    board.git.git("fsck", "--strict", "--no-dangling")
    return len(made)


def _commit_beside(board: Board, number: int) -> list[str]:
    """Commit to the base as a person elsewhere would; empty when a run was quicker."""
    tip = board.git.head("main")
    subject = f"by hand {number}"
    new = board.git.git("commit-tree", f"{tip}^{{tree}}", "-p", tip, "-m", subject)
    board.git.git("update-ref", "refs/heads/main", new, tip, ok=(0, 128))
    inside = board.git.git("rev-list", "--first-parent", "main").splitlines()
    return [subject] if new in inside else []
