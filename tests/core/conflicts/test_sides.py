"""Both versions of a conflicted file, from trees that may be gone by then."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from core.conflicts.matrix import conflict_matrix
from core.conflicts.sides import file_sides
from core.domain.conflict import Hunk, HunkText
from tests.core.conflicts.zoo import contender, registered
from tests.scenarios import Repo, content_conflict, modify_delete, numbered_lines

if TYPE_CHECKING:
    from pathlib import Path

    from core.domain.conflict import BranchState


async def states_of(repo: Repo, *branches: str, **worktrees: Path) -> dict[str, BranchState]:
    asked = [contender(name, worktrees.get(name)) for name in branches]
    matrix = await conflict_matrix(registered(repo), asked)
    return {state.branch: state for state in matrix.branches}


async def test_two_branches_show_their_files_with_hunks(repo: Repo) -> None:
    content_conflict(repo)
    states = await states_of(repo, "left", "right")

    sides = await file_sides(registered(repo), states["left"], states["right"], "a.txt")

    assert sides.kind == "contents"
    assert sides.a == numbered_lines(line_3="left")
    assert sides.b == numbered_lines(line_3="right")
    assert sides.hunks == (
        HunkText(Hunk((3, 1), (3, 1), (3, 1)), ("left",), ("right",), ("line 3",)),
    )


async def test_uncommitted_work_is_shown_again_after_its_objects_are_gone(
    repo: Repo, weft_home: Path
) -> None:
    content_conflict(repo)
    worktree = repo.worktree("agent")
    (worktree / "a.txt").write_text(numbered_lines(line_3="dirty"))
    states = await states_of(repo, "agent", "left", agent=worktree)
    shutil.rmtree(weft_home)

    sides = await file_sides(registered(repo), states["agent"], states["left"], "a.txt")

    assert [hunk.a_lines for hunk in sides.hunks] == [("dirty",)]


async def test_against_the_base_the_branch_is_side_a(repo: Repo) -> None:
    repo.branch("old")
    repo.commit("old", a=numbered_lines(line_8="branch"))
    repo.switch("main")
    repo.commit("base moves", a=numbered_lines(line_8="base"))
    states = await states_of(repo, "old")

    sides = await file_sides(registered(repo), states["old"], None, "a.txt")

    assert [(hunk.a_lines, hunk.b_lines) for hunk in sides.hunks] == [(("branch",), ("base",))]


async def test_a_deleted_side_is_none(repo: Repo) -> None:
    modify_delete(repo)
    states = await states_of(repo, "editor", "remover")

    sides = await file_sides(registered(repo), states["editor"], states["remover"], "a.txt")

    assert (sides.kind, sides.b, sides.hunks) == ("modify/delete", None, ())
    assert sides.a is not None
    assert sides.note == ""


async def test_binary_sides_are_not_shown_and_told(repo: Repo) -> None:
    for name in ("left", "right"):
        repo.branch(name)
        repo.commit(name, {"x.bin": b"\0" + name.encode()})
    states = await states_of(repo, "left", "right")

    sides = await file_sides(registered(repo), states["left"], states["right"], "x.bin")

    assert (sides.a, sides.b, sides.hunks) == (None, None, ())
    assert sides.note


async def test_bytes_that_are_no_text_of_ours_are_shown_safely(repo: Repo) -> None:
    for name in ("left", "right"):
        repo.branch(name)
        repo.commit(name, {"latin.txt": b"caf\xe9 " + name.encode() + b"\r\n"})
    states = await states_of(repo, "left", "right")

    sides = await file_sides(registered(repo), states["left"], states["right"], "latin.txt")

    assert sides.hunks[0].a_lines == ("caf� left",)


async def test_a_file_that_no_longer_collides_is_shown_without_hunks(repo: Repo) -> None:
    content_conflict(repo)
    states = await states_of(repo, "left", "right")

    sides = await file_sides(registered(repo), states["left"], states["right"], "b.txt")

    assert (sides.kind, sides.hunks) == ("", ())
    assert sides.a == sides.b == numbered_lines()
