"""Generations of scratch objects: used on, then replaced, then dropped."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from core.conflicts import generations
from core.conflicts.generations import open_generation
from core.conflicts.matrix import conflict_matrix
from tests.core.conflicts.zoo import contender, registered
from tests.scenarios import content_conflict

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.scenarios import Repo


def make_older(folder: Path, seconds: float) -> None:
    started = folder / "started"
    moment = started.stat().st_mtime - seconds
    os.utime(started, (moment, moment))


async def test_the_same_generation_is_used_again(repo: Repo) -> None:
    first = await open_generation(registered(repo))
    second = await open_generation(registered(repo))

    assert first.folder == second.folder


async def test_a_day_old_one_is_replaced_and_goes_an_hour_later(repo: Repo) -> None:
    first = await open_generation(registered(repo))
    make_older(first.folder, 25 * 3600)

    second = await open_generation(registered(repo))
    assert second.folder.name == "2"
    assert first.folder.exists()

    make_older(second.folder, 2 * 3600)
    third = await open_generation(registered(repo))
    assert third.folder == second.folder
    assert not first.folder.exists()


async def test_a_large_one_is_replaced(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    await open_generation(registered(repo))
    monkeypatch.setattr(generations, "_LARGEST_BYTES", 10)
    monkeypatch.setattr(generations, "_measured", {})

    assert (await open_generation(registered(repo))).folder.name == "2"


async def test_the_matrix_is_right_in_the_next_generation(repo: Repo) -> None:
    content_conflict(repo)
    asked = [contender("left"), contender("right")]
    await conflict_matrix(registered(repo), asked)
    make_older((await open_generation(registered(repo))).folder, 25 * 3600)

    matrix = await conflict_matrix(registered(repo), asked)

    assert not matrix.cached
    assert matrix.conflict_count == 1


async def test_broken_scratch_objects_are_left_behind(repo: Repo, weft_home: Path) -> None:
    content_conflict(repo)
    worktree = repo.worktree("agent", at="left")
    (worktree / "a.txt").write_text("dirty\n")
    asked = [contender("agent", worktree), contender("right")]
    right = await conflict_matrix(registered(repo), asked)
    for path in weft_home.rglob("quarantine.git/objects/??/*"):
        path.chmod(0o644)
        path.write_bytes(b"")
    repo.commit("moves", c="c\n")

    again = await conflict_matrix(registered(repo), asked)

    assert (again.pairs, again.branches) == (right.pairs, right.branches)
