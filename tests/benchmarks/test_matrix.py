"""The matrix of 10 and 50 branches against plain methods, in one run.

`WEFT_BENCH_REPOSITORY` names a clone of a real repository to measure on as well; branches are
made up on its files, in a repository that borrows its objects.
"""

from __future__ import annotations

import asyncio
import os
import random
import resource
import subprocess
import time
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from core.conflicts.matrix import Look, look
from core.domain.conflict import Contender
from core.domain.repo import Repo as Registered
from core.domain.repo import WorktreeLayout
from tests.benchmarks.plain_method import plain_matrix
from tests.corpus.borrowed import Borrowed
from tests.scenarios import Repo, numbered_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.benchmarks.conftest import Report

pytestmark = pytest.mark.benchmark

FILES: Final = 2_000
SIZES: Final = (10, 50)
MOST: Final = max(SIZES)
ROUNDS: Final = 5
SAMPLED_MERGES: Final = 2
REAL: Final = os.environ.get("WEFT_BENCH_REPOSITORY")


@dataclass(frozen=True, slots=True)
class Busy:
    """A repository with branches `b0`, `b1`, … and what it is called in the report."""

    name: str
    repo: Registered
    files: int


@pytest.fixture(scope="module", params=["generated", "real"])
def busy(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, masked_session: None
) -> Busy:
    folder = tmp_path_factory.mktemp("busy")
    if request.param == "generated":
        return generated(folder / "repo")
    if REAL is None:
        pytest.skip("WEFT_BENCH_REPOSITORY names no clone")
    return real(Path(REAL), folder / "repo.git")


def generated(path: Path) -> Busy:
    """Two thousand files; branches that left the base at many points of its history."""
    repo = Repo.empty(path)
    names = [f"src/part{n % 40}/module{n}.txt" for n in range(FILES)]
    others, theirs = names[: FILES // 4], names[FILES // 4 :]
    repo.commit("base", {name: _text(name) for name in names})
    draw = random.Random(7)
    for number in range(MOST):
        repo.branch(f"b{number}")
        edits = {name: _text(name, draw.randint(2, 60)) for name in draw.sample(theirs, 9)}
        for shared in draw.sample(theirs[:12], 2):
            line = draw.choice([10, 30, 50])
            edits[shared] = _text(shared, line).replace("new", f"b{number}")
        repo.commit("work", edits)
        repo.switch("main")
        moved = draw.sample(others, 10)
        repo.commit(f"base {number}", {name: _text(name, number + 2) for name in moved})
    repo.git("repack", "-a", "-d", "--quiet")
    record = Registered(1, "r", path, path / ".git", "main", WorktreeLayout.SIBLING)
    return Busy("generated", record, FILES)


def _text(name: str, changed: int = 0) -> str:
    """Sixty lines that begin with the file's name; one may be changed to its own new text."""
    return numbered_lines(60, line_1=name, **{f"line_{changed}": f"new in {changed}"})


def real(clone: Path, folder: Path) -> Busy:
    """Branches of a dozen one-line edits on real files, two of them in files that many touch."""
    borrowed = Borrowed.make(clone, folder)
    base = Repo(clone).git("rev-parse", "HEAD")
    where = Repo(folder)
    where.git("update-ref", "refs/heads/main", base)
    listed = where.git("ls-tree", "-r", "--format=%(objectmode) %(path)", base).splitlines()
    names = [line[7:] for line in listed if line.startswith("100644") and '"' not in line]
    draw = random.Random(7)
    hot = draw.sample(names, 12)
    when = int(where.git("log", "-1", "--format=%ct", base)) + 60  # older ones cost a long walk
    stream = "".join(_branch(where, base, f"b{n}", draw, names, hot, when) for n in range(MOST))
    where.git("fast-import", "--quiet", stdin=stream)
    return Busy(clone.parent.name, borrowed.repo, len(listed))


def _branch(
    repo: Repo,
    base: str,
    name: str,
    draw: random.Random,
    names: list[str],
    hot: list[str],
    when: int,
) -> str:
    text = f"commit refs/heads/{name}\ncommitter C <c@d> {when} +0000\ndata 4\nwork\nfrom {base}\n"
    for path in {*draw.sample(names, 10), *draw.sample(hot, 2)}:
        lines = repo.git("cat-file", "blob", f"{base}:{path}").split("\n")
        lines[draw.choice([0, len(lines) // 2])] = f"changed by {name}"
        content = "\n".join(lines)
        size = len(content.encode("utf-8", "surrogateescape"))
        text += f"M 100644 inline {path}\ndata {size}\n{content}\n"
    return text


def contenders(count: int, worktrees: dict[str, Path] | None = None) -> list[Contender]:
    names = [f"b{number}" for number in range(count)]
    return [Contender(n, n, None, n, (worktrees or {}).get(n)) for n in names]


@dataclass(frozen=True, slots=True)
class Cost:
    """What something took; the processor's time with all child processes."""

    wall_ms: float
    cpu_ms: float

    def __str__(self) -> str:
        return f"{self.wall_ms:.0f} ms, CPU {self.cpu_ms:.0f} ms"


def best(act: Callable[[], object], rounds: int = ROUNDS) -> Cost:
    """Return the least of several times."""
    costs = [_cost(act) for _ in range(rounds)]
    return Cost(min(c.wall_ms for c in costs), min(c.cpu_ms for c in costs))


def _cost(act: Callable[[], object]) -> Cost:
    started, cpu = time.perf_counter(), _cpu_s()
    act()
    return Cost((time.perf_counter() - started) * 1000, (_cpu_s() - cpu) * 1000)


def _cpu_s() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def git(busy: Busy, *argv: str, ok: Sequence[int] = (0,), cwd: Path | None = None) -> str:
    return Repo(busy.repo.git_dir).git(*argv, ok=tuple(ok), cwd=cwd)


def tips_of(busy: Busy, count: int) -> dict[str, str]:
    return {name: git(busy, "rev-parse", name) for name in ("main", *_names(count))}


def _names(count: int) -> list[str]:
    return [f"b{number}" for number in range(count)]


def one_process_per_pair(busy: Busy, tips: Sequence[str]) -> None:
    for a, b in combinations(tips, 2):
        command = ["git", "merge-tree", "--write-tree", "-z", a, b]
        done = subprocess.run(command, cwd=busy.repo.git_dir, capture_output=True, check=False)
        assert done.stdout


def real_merges(busy: Busy, tips: Sequence[str], checkout: Path) -> Cost:
    """Merge a few pairs in a checkout of their own, and scale to all of them."""
    pairs = list(combinations(tips, 2))
    if not checkout.exists():
        git(busy, "worktree", "add", "--quiet", "--detach", str(checkout), tips[0])

    def merge() -> None:
        for a, b in random.Random(1).sample(pairs, SAMPLED_MERGES):
            git(busy, "switch", "--quiet", "--detach", "--force", a, cwd=checkout)
            git(busy, "merge", "--quiet", "--no-commit", "--no-ff", b, ok=(0, 1), cwd=checkout)
            git(busy, "reset", "--quiet", "--hard", cwd=checkout)

    cost, share = best(merge, 1), len(pairs) / SAMPLED_MERGES
    return Cost(cost.wall_ms * share, cost.cpu_ms * share)


def conflicts_of(found: Look, tips: dict[str, str]) -> set[tuple[str, str]]:
    matrix = found.matrix
    said = {(tips["main"], tips[v.task]) for v in matrix.against_base if v.conflict}
    return said | {(tips[p.a], tips[p.b]) for p in matrix.pairs if p.conflict}


@pytest.mark.parametrize("count", SIZES)
def test_the_matrix_against_plain_methods(
    busy: Busy, count: int, report: Report, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tips = tips_of(busy, count)
    asked = contenders(count)

    def full() -> Look:
        return asyncio.run(look(busy.repo, asked, fresh=True))

    objects = tmp_path_factory.mktemp("objects")  # kept from round to round, as the matrix's are

    def plain() -> set[tuple[str, str]]:
        heads = [tips[name] for name in _names(count)]
        return plain_matrix(busy.repo.git_dir, tips["main"], heads, objects)

    truth = plain()
    assert conflicts_of(full(), tips) == truth
    whole, method = best(full), best(plain)
    pairs = best(lambda: one_process_per_pair(busy, list(tips.values())), 1)
    merges = real_merges(busy, list(tips.values()), tmp_path_factory.getbasetemp() / busy.name)

    what = f"{busy.name}, {busy.files} files, {count} branches, {len(truth)} conflicts"
    report(f"matrix / plain method: {what}", whole.cpu_ms / method.cpu_ms, f"{whole}; {method}")
    report(f"matrix / process per pair: {what}", whole.cpu_ms / pairs.cpu_ms, f"{pairs}")
    report(f"matrix / real merges: {what}", whole.cpu_ms / merges.cpu_ms, f"{merges}, sampled")


def amended(busy: Busy, branch: str) -> str:
    """Return a commit like the branch's with another subject, at the same time."""
    text = git(busy, "cat-file", "commit", branch)
    repo = Repo(busy.repo.git_dir)
    return repo.git("hash-object", "-t", "commit", "-w", "--stdin",
                    stdin=f"{text}\n{time.perf_counter()}\n")  # fmt: skip


@pytest.mark.parametrize("count", SIZES)
def test_one_branch_that_moved(busy: Busy, count: int, report: Report) -> None:
    asked = contenders(count)
    before = tips_of(busy, count)["b3"]
    former = asyncio.run(look(busy.repo, asked))
    took: list[float] = []

    def moved() -> None:
        git(busy, "update-ref", "refs/heads/b3", amended(busy, "b3"))
        started = time.perf_counter()
        found = asyncio.run(look(busy.repo, asked, former=former))
        took.append((time.perf_counter() - started) * 1000)
        took_ms.append(found.matrix.took_ms)

    took_ms: list[float] = []
    for _ in range(ROUNDS):
        moved()
    git(busy, "update-ref", "refs/heads/b3", before)
    full = best(lambda: asyncio.run(look(busy.repo, asked, fresh=True)), 2)

    what = f"{busy.name}, {count} branches"
    figures = f"{min(took):.0f} ms all in all, {min(took_ms):.0f} ms for its row"
    report(f"one branch moved / full matrix: {what}", min(took) / full.wall_ms, figures)


def test_snapshots_of_dirty_worktrees_are_quick_after_the_first(
    busy: Busy, report: Report, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("worktrees")
    worktrees = {name: folder / name for name in _names(10)}
    for name, path in worktrees.items():
        git(busy, "worktree", "add", "--quiet", str(path), name)
        tracked = git(busy, "ls-files", "*.txt", "*.md", "*.js", cwd=path).splitlines()
        (path / tracked[0]).write_text(name)
        (path / "new.txt").write_text(name)

    asked = contenders(10, worktrees)
    first = asyncio.run(look(busy.repo, asked)).matrix
    again = best(lambda: asyncio.run(look(busy.repo, asked)), 3)
    status = best(lambda: git(busy, "--no-optional-locks", "status", cwd=worktrees["b0"]), 3)

    figures = f"{again}; first time {first.snapshot_ms:.0f} ms; one git status {status}"
    what = f"{busy.name}, {busy.files} files"
    report(f"10 dirty worktrees / git status: {what}", again.cpu_ms / status.cpu_ms, figures)
    assert all(state.dirty for state in first.branches)
