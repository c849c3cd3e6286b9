"""Live conflicts: what moves is told, only that is looked at again, and nothing is told twice."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from core.conflicts import snapshots, watching
from core.conflicts.live import Live, follow
from core.conflicts.watching import Moved, Watched, moves
from tests.core.conflicts.zoo import contender, registered
from tests.scenarios import Repo, numbered_lines

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

QUIET_S = 0.05
LONG_S = 600.0


@pytest.fixture
def worktrees(repo: Repo) -> dict[str, Path]:
    return {name: repo.worktree(name) for name in ("left", "right")}


def told(repo: Repo, worktrees: dict[str, Path], full_look_s: float) -> AsyncGenerator[Moved, None]:
    asked = [contender(name, path) for name, path in worktrees.items()]
    return moves(registered(repo), asked, quiet_s=QUIET_S, full_look_s=full_look_s)


async def until(changes: AsyncGenerator[Moved, None], task: str) -> Moved:
    """Return the first news of *task*."""
    async with asyncio.timeout(30):
        async for moved in changes:
            if task in moved.tasks:
                return moved
    raise AssertionError("the watching ended")


async def test_files_commits_and_half_done_merges_tell_their_task(
    repo: Repo, worktrees: dict[str, Path]
) -> None:
    async with aclosing(told(repo, worktrees, LONG_S)) as changes:
        assert await anext(changes) == Moved(frozenset(worktrees), everything=True)

        (worktrees["left"] / "a.txt").write_text("changed")
        assert await until(changes, "left") == Moved(frozenset({"left"}))

        repo.git("commit", "--quiet", "--all", "-m", "c", cwd=worktrees["left"])
        assert await until(changes, "left") == Moved(frozenset({"left"}))

        repo.git("merge", "--quiet", "--no-commit", "--no-ff", "left", cwd=worktrees["right"])
        assert await until(changes, "right") == Moved(frozenset({"right"}))

        repo.commit("base", {"new.txt": "x"})
        assert (await until(changes, "left")).everything


async def test_without_any_news_everything_is_looked_at_now_and_then(
    repo: Repo, worktrees: dict[str, Path]
) -> None:
    async with aclosing(told(repo, worktrees, 0.1)) as changes:
        found = [await anext(changes) for _ in range(3)]

    assert found == [Moved(frozenset(worktrees), everything=True)] * 3


async def test_where_nothing_can_be_watched_the_slow_look_remains(
    repo: Repo, worktrees: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_begin", lambda _roots, _every: None)

    async with aclosing(told(repo, worktrees, 0.1)) as changes:
        found = [await anext(changes) for _ in range(3)]

    assert found == [Moved(frozenset(worktrees), everything=True)] * 3


def test_a_path_belongs_to_the_innermost_worktree(repo: Repo) -> None:
    inner = repo.path / ".worktrees" / "inner"
    repo.git("worktree", "add", "--quiet", "-b", "inner", str(inner))
    repo.git("switch", "--quiet", "--create", "outer")
    asked = [contender("inner", inner), contender("outer", repo.path)]
    watched = Watched.of(registered(repo), asked)

    def tasks(path: str) -> set[str]:
        return set(watched.moved([str(repo.path / path)]).tasks)

    assert tasks(".worktrees/inner/a.txt") == {"inner"}
    assert tasks("a.txt") == {"outer"}
    assert tasks(".git/index") == {"outer"}
    assert tasks(".git/worktrees/inner/index") == {"inner"}
    assert tasks(".git/refs/heads/inner") == {"inner"}
    assert tasks(".git/objects/ab/cd") == set()
    assert tasks(".git/index.lock") == set()
    assert tasks(".git/refs/heads/other") == set()
    assert tasks(".git/refs/heads/main") == {"inner", "outer"}


async def test_only_the_row_that_moved_is_looked_at_again(
    repo: Repo, worktrees: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    look_at = snapshots._take

    async def noted(repo: object, place: snapshots.Place, *rest: object) -> snapshots.Snapshot:
        looked.append(place.branch)
        return await look_at(repo, place, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(snapshots, "_take", noted)
    asked = [contender(name, path) for name, path in worktrees.items()]
    news = follow(registered(repo), asked, quiet_s=QUIET_S, full_look_s=LONG_S)
    async with aclosing(news) as answers, asyncio.timeout(30):
        first = await anext(answers)
        assert looked == ["left", "right"]
        assert first.matrix.conflict_count == 0

        (worktrees["left"] / "a.txt").write_text(numbered_lines(line_3="left"))
        second = await anext(answers)
        (worktrees["right"] / "a.txt").write_text(numbered_lines(line_3="right"))
        third = await anext(answers)

    assert set(looked[2:]) == {"left", "right"}
    assert second.moved == frozenset({"left"})
    assert isinstance(third, Live)
    assert third.moved == frozenset({"right"})
    assert [pair.conflict for pair in third.matrix.pairs] == [True]
