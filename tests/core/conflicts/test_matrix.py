"""The matrix: uncommitted work counts, the base comes first, and only what changed is redone."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from core.conflicts import answers
from core.conflicts.matrix import conflict_matrix
from core.domain.conflict import ConflictedFile, ConflictMatrix, HotFile, Hunk, LandingMode
from core.errors import NotFound
from tests.core.conflicts.zoo import contender, registered
from tests.core.git.test_quarantine import objects_of
from tests.scenarios import SCENARIOS, Repo, content_conflict, numbered_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.scenarios import Scenario


async def matrix_of(repo: Repo, *branches: str, fresh: bool = False) -> ConflictMatrix:
    asked = [contender(name) for name in branches]
    return await conflict_matrix(registered(repo), asked, fresh=fresh)


def colliding(matrix: ConflictMatrix) -> dict[tuple[str, str], Mapping[str, str]]:
    return {
        (pair.a, pair.b): {file.path: file.kind for file in pair.files}
        for pair in matrix.pairs
        if pair.conflict
    }


def answer(matrix: ConflictMatrix) -> ConflictMatrix:
    """The matrix without what may differ from look to look."""
    return replace(matrix, took_ms=0.0, snapshot_ms=0.0, cached=False)


@pytest.mark.parametrize("name", SCENARIOS)
async def test_named_scenarios_come_out_as_they_were_made(repo: Repo, name: str) -> None:
    build: Callable[[Repo], Scenario] = SCENARIOS[name]
    scenario = build(repo)
    before = repo.fingerprint(), objects_of(repo)

    matrix = await matrix_of(repo, *scenario.branches)

    assert colliding(matrix) == scenario.conflicts
    assert not any(verdict.conflict for verdict in matrix.against_base)
    count = len(scenario.branches)
    assert len(matrix.pairs) == count * (count - 1) // 2
    assert (repo.fingerprint(), objects_of(repo)) == before


async def test_uncommitted_and_new_files_collide(repo: Repo) -> None:
    worktrees = {name: repo.worktree(name) for name in ("left", "right")}
    for name, path in worktrees.items():
        (path / "new.txt").write_text(name)
        (path / "a.txt").write_text(numbered_lines(line_3=name))
    asked = [contender(name, path) for name, path in worktrees.items()]

    matrix = await conflict_matrix(registered(repo), asked)

    assert colliding(matrix) == {
        ("left", "right"): {"a.txt": "contents", "new.txt": "add/add"},
    }
    assert [(state.dirty, state.files) for state in matrix.branches] == [
        (True, ("a.txt", "new.txt"))
    ] * 2
    (pair,) = matrix.pairs
    assert pair.overlap == ("a.txt", "new.txt")
    assert pair.files[0].hunks == (Hunk((3, 1), (3, 1), (3, 1)),)


async def test_a_conflict_with_the_base_is_told_once_and_not_in_pairs(repo: Repo) -> None:
    for name in ("old", "older", "fine"):
        repo.branch(name)
        repo.commit(name, {f"{name}.txt": "x\n", "b.txt": numbered_lines(line_8=name)})
    repo.switch("fine")
    repo.commit("undo", b=numbered_lines())
    for name in ("older", "fine"):
        repo.switch(name)
        repo.commit(name, a=numbered_lines(line_3=name))
    repo.switch("main")
    repo.commit("base moves", b=numbered_lines(line_8="base"))

    matrix = await matrix_of(repo, "old", "older", "fine")

    assert [(v.task, v.conflict, v.files) for v in matrix.against_base] == [
        ("old", True, ("b.txt",)),
        ("older", True, ("b.txt",)),
        ("fine", False, ()),
    ]
    assert colliding(matrix) == {("older", "fine"): {"a.txt": "contents"}}
    assert matrix.against_base[0].details == (
        ConflictedFile("b.txt", "contents", (Hunk((8, 1), (8, 1), (8, 1)),)),
    )


async def test_line_ranges_against_the_base_name_the_branch_first(repo: Repo) -> None:
    repo.branch("old")
    repo.commit("old", a="added\n" + numbered_lines(line_8="branch"))
    repo.switch("main")
    repo.commit("base moves", a=numbered_lines(line_8="base"))

    matrix = await matrix_of(repo, "old")

    (file,) = matrix.against_base[0].details
    assert file.hunks == (Hunk((9, 1), (8, 1), (8, 1)),)


async def test_stacked_branches_name_what_they_stand_on(repo: Repo) -> None:
    repo.branch("lower")
    repo.commit("lower", a=numbered_lines(line_3="lower"))
    repo.branch("upper", at="lower")
    repo.commit("upper", a=numbered_lines(line_3="upper"))
    repo.branch("side")
    repo.commit("side", b="side\n")
    repo.switch("main")
    asked = [contender(name) for name in ("upper", "lower", "side")]

    merging = await conflict_matrix(registered(repo), asked)
    squashing = await conflict_matrix(registered(repo), asked, mode=LandingMode.SQUASH)

    assert [state.depends_on for state in merging.branches] == [("lower",), (), ()]
    assert colliding(merging) == {}
    assert colliding(squashing) == {("upper", "lower"): {"a.txt": "contents"}}


async def test_a_file_in_which_several_collide_is_hot(repo: Repo) -> None:
    for name in ("one", "two", "three"):
        repo.branch(name)
        repo.commit(name, a=numbered_lines(line_3=name), c="same\n")

    matrix = await matrix_of(repo, "one", "two", "three")

    assert matrix.hot_files == (HotFile("a.txt", ("one", "three", "two")),)
    assert matrix.conflict_count == 3


async def test_nothing_is_computed_when_nothing_changed(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    content_conflict(repo)

    first = await matrix_of(repo, "left", "right")
    second = await matrix_of(repo, "left", "right")
    monkeypatch.setattr(answers, "_loaded", {})  # as another process would see it
    third = await matrix_of(repo, "left", "right")
    fresh = await matrix_of(repo, "left", "right", fresh=True)

    assert [m.cached for m in (first, second, third, fresh)] == [False, True, True, False]
    assert second.took_ms == 0
    assert answer(first) == answer(second) == answer(third) == answer(fresh)


async def test_only_the_branch_that_moved_is_worked_out_again(repo: Repo) -> None:
    names = ("one", "two", "three")
    for name in names:
        repo.branch(name)
        repo.commit(name, a=numbered_lines(line_3=name))
    await matrix_of(repo, *names)
    repo.commit("three again", a=numbered_lines(line_3="other"))
    told: list[tuple[str, int, int]] = []

    matrix = await conflict_matrix(
        registered(repo),
        [contender(name) for name in names],
        progress=lambda *step: told.append(step),
    )

    assert ("base", 1, 1) in told
    assert ("pairs", 2, 2) in told
    assert answer(matrix) == answer(await matrix_of(repo, *names, fresh=True))


@pytest.mark.parametrize("change", ["base", "attributes", "config"])
async def test_what_changes_the_answer_is_not_remembered(repo: Repo, change: str) -> None:
    content_conflict(repo)
    await matrix_of(repo, "left", "right")

    match change:
        case "base":
            repo.commit("moved", c="c\n")
        case "attributes":
            repo.write(".git/info/attributes", "a.txt merge=union\n")
        case _:
            repo.git("config", "merge.renameLimit", "7")
    matrix = await matrix_of(repo, "left", "right")

    assert not matrix.cached
    assert matrix.conflict_count == (0 if change == "attributes" else 1)


async def test_a_half_written_file_of_answers_is_worked_out_anew(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, weft_home: Path
) -> None:
    content_conflict(repo)
    first = await matrix_of(repo, "left", "right")
    (file,) = weft_home.rglob("answers-*.json")
    file.write_text(file.read_text()[:40])
    monkeypatch.setattr(answers, "_loaded", {})

    again = await matrix_of(repo, "left", "right")

    assert not again.cached
    assert answer(again) == answer(first)


async def test_a_branch_that_cannot_be_looked_at_is_told_and_spoils_no_other(repo: Repo) -> None:
    content_conflict(repo)
    gone = repo.worktree("gone", at="left")
    shutil.rmtree(gone)
    repo.git("switch", "--quiet", "--orphan", "unrelated")
    repo.commit("unrelated", {"z": "z\n"})
    repo.switch("main")
    asked = [
        contender("left"),
        contender("nowhere"),
        contender("gone", gone),
        contender("unrelated"),
        contender("right"),
    ]

    matrix = await conflict_matrix(registered(repo), asked)

    assert [state.problem.split(":")[0] for state in matrix.branches] == [
        "",
        "There is no branch nowhere.",
        f"Its worktree {gone} is gone.",
        "git cannot merge it",
        "",
    ]
    assert [(v.task, v.conflict) for v in matrix.against_base] == [
        ("left", False), ("gone", False), ("unrelated", True), ("right", False),
    ]  # fmt: skip
    assert set(colliding(matrix)) == {("left", "right"), ("gone", "right")}


async def test_a_name_with_every_odd_byte_collides_under_its_own_name(repo: Repo) -> None:
    odd = 'd\n/"q"\t\udcff -x'
    for name in ("left", "right"):
        repo.branch(name)
        repo.commit(name, {odd: name})

    matrix = await matrix_of(repo, "left", "right")

    assert colliding(matrix) == {("left", "right"): {odd: "add/add"}}


async def test_no_contender_gives_an_empty_matrix(repo: Repo) -> None:
    matrix = await matrix_of(repo)

    assert (matrix.branches, matrix.pairs, matrix.conflict_count) == ((), (), 0)


async def test_a_missing_base_is_refused(repo: Repo) -> None:
    repo.git("branch", "--move", "main", "other")

    with pytest.raises(NotFound, match="There is no branch main"):
        await matrix_of(repo, "other")
