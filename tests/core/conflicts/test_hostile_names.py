"""Names, sizes and histories that break careless programs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from core.conflicts.matrix import conflict_matrix
from core.conflicts.sides import file_sides
from core.git.command import GitPlace
from core.git.refs import is_branch_name
from tests.core.conflicts.zoo import contender, registered
from tests.scenarios import Repo, numbered_lines

if TYPE_CHECKING:
    from pathlib import Path

    from core.domain.conflict import ConflictMatrix

REFUSED = ' ~^:?*[\\\x7f"'
LETTERS = "".join(chr(n) for n in range(0x21, 0x80) if chr(n) not in REFUSED)
BRANCHES = (
    LETTERS.replace("/", "").lstrip("-.").replace("@{", "@"),
    'dou"ble',
    "$(touch${IFS}ran)",
    "`touch${IFS}ran`;touch${IFS}ran|touch${IFS}ran&",
    "--upload-pack=touch",
    "@",
    "ünï-日本",
    "line\u2028end\u0085",
    "bytes-\udcff\udcfe",
    "deep/" * 20 + "leaf",
    "x" * 200,
)
PATHS = (
    "new\nline",
    "tab\there",
    'quo"te',
    "back\\slash",
    "-dash",
    ":(glob)**",
    " space ",
    "bytes-\udcff",
    "sub\n/inner\n",
    f"name~{'a' * 40}",
    "<<<<<<< ours",
)
LARGE_MB = int(os.environ.get("WEFT_TEST_LARGE_MB", "20"))


def point(repo: Repo, branch: str, commit: str) -> None:
    """Make a branch of any name that a ref may have, also those that `git branch` refuses."""
    line = f"create refs/heads/{branch}\0{commit}\0"
    repo.git("update-ref", "-z", "--stdin", stdin=line)


def paths_in_conflict(matrix: ConflictMatrix) -> set[str]:
    return {file.path for pair in matrix.pairs for file in pair.files}


async def test_branches_of_every_name_that_git_allows_are_compared(repo: Repo) -> None:
    commits = []
    for text in ("one", "other"):
        repo.git("switch", "--quiet", "--detach", "main")
        commits.append(repo.commit(text, a=numbered_lines(line_3=text)))
    repo.switch("main")
    for number, name in enumerate(BRANCHES):
        point(repo, name, commits[number % 2])

    matrix = await conflict_matrix(registered(repo), [contender(name) for name in BRANCHES])

    assert [state.branch for state in matrix.branches] == [*BRANCHES]
    assert not any(state.problem for state in matrix.branches)
    place = {name: number % 2 for number, name in enumerate(BRANCHES)}
    wrong = [p for p in matrix.pairs if p.conflict != (place[p.a] != place[p.b])]
    assert wrong == []
    assert not (repo.path / "ran").exists()


@pytest.mark.parametrize("name", ["a b", "a~", "a..b", "a.lock", "-x", "@", "a\\b", "a[b", ".a"])
async def test_what_git_refuses_as_a_branch_is_refused(name: str) -> None:
    assert not await is_branch_name(name)


async def test_paths_of_every_kind_collide_and_are_shown(repo: Repo) -> None:
    repo.commit("odd", {path: numbered_lines() for path in PATHS})
    for name in ("left", "right"):
        repo.branch(name)
        repo.commit(name, {path: numbered_lines(line_3=name) for path in PATHS})
    repo.switch("main")

    matrix = await conflict_matrix(registered(repo), [contender("left"), contender("right")])

    assert paths_in_conflict(matrix) == {*PATHS}
    left, right = matrix.branches
    for path in PATHS:
        sides = await file_sides(registered(repo), left, right, path)
        assert [hunk.a_lines for hunk in sides.hunks] == [("left",)], path


async def test_uncommitted_paths_of_every_kind_collide(repo: Repo) -> None:
    asked = []
    for name in ("left", "right"):
        worktree = Repo(repo.worktree(name))
        for path in PATHS:
            worktree.write(path, name)
        asked.append(contender(name, worktree.path))

    matrix = await conflict_matrix(registered(repo), asked)

    assert paths_in_conflict(matrix) == {*PATHS}


async def test_a_branch_that_changes_ten_thousand_files(repo: Repo) -> None:
    parent = repo.head()
    for branch, count in (("many", 10_000), ("few", 3)):
        stream = (
            f"commit refs/heads/{branch}\ncommitter C <c@d> 0 +0000\ndata 1\nx\nfrom {parent}\n"
        )
        for number in range(count):
            text = f"{branch} {number}\n"
            stream += f"M 100644 inline d{number % 100}/f{number}\ndata {len(text)}\n{text}"
        repo.git("fast-import", "--quiet", stdin=f"{stream}\n")

    matrix = await conflict_matrix(registered(repo), [contender("many"), contender("few")])

    assert len(matrix.branches[0].files) == 10_000
    assert paths_in_conflict(matrix) == {"d0/f0", "d1/f1", "d2/f2"}


async def test_large_files_are_left_out_or_compared_without_being_read(repo: Repo) -> None:
    """Set WEFT_TEST_LARGE_MB=300 for the full size."""
    size = LARGE_MB * 1024 * 1024
    repo.write("big.bin", "")
    os.truncate(repo.path / "big.bin", size)
    repo.commit("big")
    worktree = Repo(repo.worktree("agent"))
    os.truncate(worktree.path / "big.bin", size + 1)
    worktree.write("new.bin", "")
    os.truncate(worktree.path / "new.bin", size)
    repo.branch("other")
    repo.commit("delete", {"big.bin": None})
    repo.switch("main")
    asked = [contender("agent", worktree.path), contender("other")]

    matrix = await conflict_matrix(registered(repo), asked)

    assert matrix.branches[0].skipped == ("new.bin",)
    (pair,) = matrix.pairs
    assert [(file.path, file.kind) for file in pair.files] == [("big.bin", "modify/delete")]
    agent, other = matrix.branches
    sides = await file_sides(registered(repo), agent, other, "big.bin")
    assert (sides.a, sides.b) == (None, None)
    assert sides.note == "It is not text, or too large to show."


async def test_unrelated_histories_are_told_and_the_others_still_compared(repo: Repo) -> None:
    repo.git("switch", "--quiet", "--orphan", "unrelated")
    repo.commit("root", z="z\n")
    repo.switch("main")
    for name in ("left", "right"):
        repo.branch(name)
        repo.commit(name, a=numbered_lines(line_3=name))
    repo.switch("main")
    names = ("left", "unrelated", "right")

    matrix = await conflict_matrix(registered(repo), [contender(name) for name in names])

    problems = [state.problem for state in matrix.branches]
    assert [bool(problem) for problem in problems] == [False, True, False]
    assert "unrelated histories" in problems[1]
    assert [(pair.a, pair.b, pair.conflict) for pair in matrix.pairs] == [("left", "right", True)]


async def test_a_shallow_clone_is_compared_as_far_as_it_goes(repo: Repo, tmp_path: Path) -> None:
    for number in range(3):
        repo.commit(f"older {number}", b=numbered_lines(line_1=f"{number}"))
    for name in ("left", "right"):
        repo.branch(name)
        repo.commit(name, a=numbered_lines(line_3=name))
    repo.switch("main")
    path = tmp_path / "shallow"
    repo.git("clone", "--quiet", "--depth=2", "--no-single-branch", repo.path.as_uri(), str(path))
    clone = Repo(path)
    for name in ("left", "right"):
        clone.git("branch", "--quiet", name, f"origin/{name}")

    matrix = await conflict_matrix(registered(clone), [contender("left"), contender("right")])

    assert GitPlace(clone.path / ".git").git_dir.joinpath("shallow").exists()
    assert paths_in_conflict(matrix) == {"a.txt"}
    assert not any(verdict.conflict for verdict in matrix.against_base)
