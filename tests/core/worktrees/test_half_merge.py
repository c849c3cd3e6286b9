from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from core.errors import EnvironmentFault, UserError
from core.git.worktrees import worktree_place
from core.worktrees.half_merge import (
    Conflicted,
    HalfMerge,
    begin_merge,
    conclude_merge,
    outstanding,
)
from tests.scenarios import Repo, numbered_lines

if TYPE_CHECKING:
    from core.git.command import GitPlace

MARKED = "<<<<<<< mine\nmine\n=======\nbase\n>>>>>>> base\n"


@pytest.fixture
def colliding(repo: Repo) -> tuple[GitPlace, Repo, HalfMerge, Conflicted]:
    """A worktree on a branch that collides with main in `a.txt`, and the merge of the two."""
    there = Repo(repo.worktree("one"))
    head = there.commit("mine", {"a.txt": numbered_lines(line_1="mine")})
    base = repo.commit("base", {"a.txt": numbered_lines(line_1="base"), "new.txt": "new\n"})
    sides = [repo.git("rev-parse", f"{name}:a.txt") for name in ("main~1", head, base)]
    repo.git("switch", "--quiet", "--detach")
    marked = repo.commit("conflicts", {"a.txt": MARKED})
    repo.switch("main")
    stages = tuple(f"100644 {oid} {n}\ta.txt" for n, oid in enumerate(sides, start=1))
    half = HalfMerge(head, (base,), "main", "Merge main\n", "resolve it", {"a.txt": (*sides[1:],)})
    place = worktree_place(repo.path / ".git", there.path)
    return place, there, half, Conflicted(marked, ("a.txt",), stages)


async def test_the_worktree_is_in_the_middle_of_a_merge_as_git_knows_it(
    colliding: tuple[GitPlace, Repo, HalfMerge, Conflicted],
) -> None:
    place, there, half, found = colliding

    await begin_merge(place, half, found, run_filters=False)

    status = there.git("status", "--porcelain").splitlines()
    assert status == ["UU a.txt", "A  new.txt"]
    assert await outstanding(place) == replace(half, ready=True)
    there.write("a.txt", "both\n")
    made = await conclude_merge(place, run_filters=False)
    assert there.git("log", "-1", "--format=%H %P") == f"{made} {half.head} {half.heads[0]}"
    assert await outstanding(place) is None


async def test_one_that_was_begun_by_half_is_no_work_and_is_begun_anew(
    colliding: tuple[GitPlace, Repo, HalfMerge, Conflicted],
) -> None:
    place, there, half, found = colliding
    with pytest.raises(EnvironmentFault):  # as a kill would, between the files and the index
        await begin_merge(place, half, replace(found, stages=("bad",)), run_filters=False)
    with pytest.raises(UserError, match="never fully begun"):
        await conclude_merge(place, run_filters=False)

    await begin_merge(place, half, found, run_filters=False)

    assert there.git("status", "--porcelain").splitlines() == ["UU a.txt", "A  new.txt"]
    assert there.head() == half.head


async def test_a_merge_that_a_person_finished_is_not_outstanding(
    colliding: tuple[GitPlace, Repo, HalfMerge, Conflicted],
) -> None:
    place, there, half, found = colliding
    await begin_merge(place, half, found, run_filters=False)
    there.commit("by hand", {"a.txt": "both\n"})

    assert await outstanding(place) is None
