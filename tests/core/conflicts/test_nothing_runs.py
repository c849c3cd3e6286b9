"""A repository and a worktree that try everything to run code while they are only looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.conflicts.matrix import conflict_matrix
from core.conflicts.prediction import predict_meetings
from core.conflicts.sides import file_sides
from core.domain.prediction import Intent
from tests.core.conflicts.zoo import contender, registered
from tests.core.traps import EVERY_FILE, make_program, set_traps
from tests.scenarios import Repo, numbered_lines

if TYPE_CHECKING:
    from pathlib import Path

    from core.domain.conflict import ConflictMatrix


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "ran"


@pytest.fixture
def program(tmp_path: Path, marker: Path) -> Path:
    return make_program(tmp_path, marker)


@pytest.fixture
def trap(repo: Repo, program: Path) -> Repo:
    """Two branches that collide, with dirty worktrees, where everything is a trap."""
    for name in ("left", "right"):
        worktree = Repo(repo.worktree(name))
        worktree.commit(name, a=numbered_lines(line_3=name))
        worktree.write("b.txt", f"{name}\n")
        worktree.write("new.txt", f"{name}\n")
        worktree.write(".gitattributes", EVERY_FILE)
    set_traps(repo, program)
    return repo


async def look(repo: Repo) -> ConflictMatrix:
    """Do everything that only looks."""
    worktrees = {name: repo.path.parent / f"{repo.path.name}-{name}" for name in ("left", "right")}
    record = registered(repo)
    matrix = await conflict_matrix(record, [contender(*one) for one in worktrees.items()])
    left, right = matrix.branches
    for path in ("a.txt", "b.txt", "new.txt"):
        await file_sides(record, left, right, path)
    await predict_meetings(record, [Intent("waiting", "change a")], matrix)
    return matrix


async def test_looking_runs_nothing_of_the_repository(trap: Repo, marker: Path) -> None:
    marker.unlink(missing_ok=True)  # setting the trap may have sprung it

    matrix = await look(trap)

    assert not marker.exists(), marker.read_text()
    assert [state.dirty for state in matrix.branches] == [True, True]
    assert {file.path for file in matrix.pairs[0].files} == {"a.txt", "b.txt", "new.txt"}


async def test_the_trap_would_spring_in_plain_git(trap: Repo, marker: Path) -> None:
    marker.unlink(missing_ok=True)

    trap.git("status", cwd=trap.path.parent / "repo-left", ok=(0, 128))

    assert marker.exists()


async def test_a_rewritten_git_file_is_not_followed(
    repo: Repo, tmp_path: Path, program: Path, marker: Path
) -> None:
    worktrees = {name: Repo(repo.worktree(name)) for name in ("left", "right")}
    other = Repo.create(tmp_path / "other")
    other.git("config", "core.fsmonitor", str(program))
    other.write(".git/info/attributes", EVERY_FILE)
    other.git("config", "filter.evil.clean", str(program))
    for name, worktree in worktrees.items():
        worktree.write("a.txt", numbered_lines(line_3=name))
        worktree.write(".git", f"gitdir: {other.path}/.git\n")
    marker.unlink(missing_ok=True)

    matrix = await look(repo)

    assert not marker.exists()
    assert [state.head for state in matrix.branches] == [repo.head(name) for name in worktrees]
    assert all(state.dirty or state.problem for state in matrix.branches)


@pytest.mark.parametrize("word", ["commondir", "config.worktree"])
async def test_what_git_keeps_for_a_worktree_may_not_lead_elsewhere(
    repo: Repo, tmp_path: Path, program: Path, marker: Path, word: str
) -> None:
    worktrees = {name: Repo(repo.worktree(name)) for name in ("left", "right")}
    other = Repo.create(tmp_path / "other")
    for name, worktree in worktrees.items():
        worktree.write("a.txt", numbered_lines(line_3=name))
    kept = repo.path / ".git" / "worktrees" / "repo-left"
    if word == "commondir":
        (kept / word).write_text(f"{other.path}/.git\n")
        other.git("config", "core.fsmonitor", str(program))
        other.git("config", "filter.evil.clean", str(program))
    else:
        repo.git("config", "extensions.worktreeConfig", "true")
        (kept / word).write_text(
            f'[core]\n\tfsmonitor = {program}\n[filter "evil"]\n\tclean = {program}\n'
        )
    repo.write(".git/info/attributes", EVERY_FILE)
    other.write(".git/info/attributes", EVERY_FILE)
    marker.unlink(missing_ok=True)

    matrix = await look(repo)

    assert not marker.exists(), marker.read_text()
    assert matrix.branches[1].dirty


async def test_a_submodule_s_own_configuration_runs_nothing(
    repo: Repo, tmp_path: Path, program: Path, marker: Path
) -> None:
    inner = Repo.create(tmp_path / "inner")
    repo.git(
        "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), "s"
    )
    repo.commit("submodule")
    repo.worktree("right")
    worktree = Repo(repo.worktree("left"))
    worktree.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init")
    inside = Repo(worktree.path / "s")
    inside.write("a.txt", "changed inside\n")
    git_dir = inside.path / inside.git("rev-parse", "--git-dir")
    (git_dir / "info").mkdir(exist_ok=True)
    (git_dir / "info" / "attributes").write_text(EVERY_FILE)
    inside.git("config", "filter.evil.clean", str(program))
    inside.git("config", "core.fsmonitor", str(program))
    worktree.write("b.txt", "changed\n")
    marker.unlink(missing_ok=True)

    matrix = await look(repo)

    assert not marker.exists(), marker.read_text()
    assert matrix.branches[0].files == ("b.txt",)
