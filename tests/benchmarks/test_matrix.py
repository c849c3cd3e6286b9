"""The matrix of ten branches against one `merge-tree` process per pair, in one run."""

from __future__ import annotations

import random
import subprocess
import time
from itertools import combinations
from typing import TYPE_CHECKING, Final

import pytest

from core.conflicts.matrix import conflict_matrix
from core.domain.conflict import ConflictMatrix, Contender
from core.domain.repo import Repo as Registered
from core.domain.repo import WorktreeLayout
from tests.scenarios import Repo, numbered_lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.benchmarks.conftest import Report

pytestmark = pytest.mark.benchmark

FILES: Final = 2_000
BRANCHES: Final = 10
EDITS: Final = 12
ROUNDS: Final = 5


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory, masked_session: None) -> Repo:
    """Two thousand files; ten branches that left the base at ten points of its history."""
    repo = Repo.empty(tmp_path_factory.mktemp("busy") / "repo")
    names = [f"src/part{n % 40}/module{n}.txt" for n in range(FILES)]
    others, theirs = names[: FILES // 4], names[FILES // 4 :]
    repo.commit("base", {name: _text(name) for name in names})
    draw = random.Random(7)
    for number in range(BRANCHES):
        repo.branch(f"b{number}")
        for part in range(3):
            chosen = draw.sample(theirs, EDITS // 3 - 1)
            edits = {name: _text(name, draw.randint(2, 60)) for name in chosen}
            shared, line = draw.choice(theirs[:6]), draw.choice([10, 30, 50])
            edits[shared] = _text(shared, line).replace("new", f"b{number}")
            repo.commit(f"part {part}", edits)
        repo.switch("main")
        moved = draw.sample(others, 40)
        repo.commit(f"base {number}", {name: _text(name, number + 2) for name in moved})
    repo.git("repack", "-a", "-d", "--quiet")
    return repo


def _text(name: str, changed: int = 0) -> str:
    """Sixty lines that begin with the file's name; one may be changed to its own new text."""
    return numbered_lines(60, line_1=name, **{f"line_{changed}": f"new in {changed}"})


def contenders(worktrees: dict[str, Path] | None = None) -> list[Contender]:
    names = [f"b{number}" for number in range(BRANCHES)]
    return [Contender(n, n, None, n, (worktrees or {}).get(n)) for n in names]


async def look(repo: Repo, *, fresh: bool, asked: list[Contender] | None = None) -> ConflictMatrix:
    record = Registered(1, "r", repo.path, repo.path / ".git", "main", WorktreeLayout.SIBLING)
    return await conflict_matrix(record, asked or contenders(), fresh=fresh)


def one_process_per_pair(repo: Repo) -> set[tuple[str, str]]:
    """Merge every pair of tips, the base included, each in a process of its own."""
    conflicts = set()
    for a, b in combinations(["main", *(f"b{n}" for n in range(BRANCHES))], 2):
        command = ["git", "merge-tree", "--write-tree", "-z", a, b]
        done = subprocess.run(command, cwd=repo.path, capture_output=True, check=False)
        assert done.stdout
        if done.returncode:
            conflicts.add((a, b))
    return conflicts


def best(measure: Callable[[], float]) -> float:
    return min(measure() for _ in range(ROUNDS))


def test_the_matrix_costs_less_than_a_process_per_pair(busy: Repo, report: Report) -> None:
    import asyncio

    def pairwise_ms() -> float:
        started = time.perf_counter()
        one_process_per_pair(busy)
        return (time.perf_counter() - started) * 1000

    def matrix_ms() -> float:
        return asyncio.run(look(busy, fresh=True)).took_ms

    def moved_ms() -> float:
        busy.switch("b3")
        busy.commit("more", {"src/part20/module500.txt": f"{time.perf_counter()}\n"})
        busy.switch("main")
        return asyncio.run(look(busy, fresh=False)).took_ms

    matrix = asyncio.run(look(busy, fresh=True))
    truth = one_process_per_pair(busy)
    pairs, whole, moved = best(pairwise_ms), best(matrix_ms), best(moved_ms)

    what = f"{BRANCHES} branches, {FILES} files, {matrix.conflict_count} conflicts"
    report("matrix", whole / pairs, f"{whole:.0f} ms, process per pair {pairs:.0f} ms; {what}")
    report("matrix, one branch moved", moved / pairs, f"{moved:.0f} ms")
    said = {("main", verdict.task) for verdict in matrix.against_base if verdict.conflict}
    said |= {(pair.a, pair.b) for pair in matrix.pairs if pair.conflict}
    assert said == truth


def test_snapshots_of_dirty_worktrees_are_quick_after_the_first(busy: Repo, report: Report) -> None:
    import asyncio

    worktrees = {f"b{n}": busy.path.parent / f"wt{n}" for n in range(BRANCHES)}
    for name, path in worktrees.items():
        busy.git("worktree", "add", "--quiet", str(path), name)
        (path / "src" / "part1" / "module1.txt").write_text(name)
        (path / "new.txt").write_text(name)

    asked = contenders(worktrees)
    first = asyncio.run(look(busy, fresh=False, asked=asked))
    again = best(lambda: asyncio.run(look(busy, fresh=False, asked=asked)).snapshot_ms)
    status = best(lambda: _status_ms(worktrees["b0"]))

    figures = f"{again:.0f} ms, first time {first.snapshot_ms:.0f} ms, git status {status:.0f} ms"
    report(f"snapshots of {BRANCHES} dirty worktrees", again / status, figures)
    assert all(state.dirty for state in first.branches)


def _status_ms(worktree: Path) -> float:
    started = time.perf_counter()
    command = ["git", "--no-optional-locks", "status", "--porcelain"]
    subprocess.run(command, cwd=worktree, capture_output=True, check=True)
    return (time.perf_counter() - started) * 1000
