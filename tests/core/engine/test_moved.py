"""A repository that was moved keeps its board, its log and its worktrees; a copy is another."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from core.engine import claiming, repos, tasks, workers
from core.engine.context import Engine
from core.events import log
from core.worktrees import journal
from core.worktrees.guard import require_worktree
from core.worktrees.survey import survey

if TYPE_CHECKING:
    from pathlib import Path

    from tests.scenarios import Repo


async def begun(engine: Engine) -> Path:
    """A board with a claimed task; its worktree, with a file in it."""
    tasks.task_add(engine, "Say hello")
    workers.worker_add(engine, "ana", type="human")
    claim = await claiming.claim_and_provision(engine, "task-1", "ana")
    found = journal.standing(engine.repo)[0].path
    assert str(found) == claim.worktree
    (found / "begun.txt").write_text("begun\n")
    return found


def moved_repo(target: Path) -> Engine:
    engine = Engine(None)
    repos.init(engine, str(target))
    return engine


async def check_worktree(engine: Engine, path: Path) -> None:
    assert tasks.task_show(engine, "task-1").task.worktree == str(path)
    require_worktree(engine.repo.path, engine.repo.git_dir, path)
    assert [one.problem for one in await survey(engine.repo)] == [""]
    assert (path / "begun.txt").exists()


@pytest.mark.parametrize("layout", ["sibling", "inside"])
async def test_a_moved_repository_keeps_its_board_and_its_worktrees(
    engine: Engine, repo: Repo, tmp_path: Path, layout: str
) -> None:
    repos.init(engine, str(repo.path), worktrees=layout)
    worktree = await begun(engine)
    target = repo.path.with_name("moved")
    repo.path.rename(target)

    again = moved_repo(target)

    assert again.repo.path == target
    assert again.repo.id == engine.repo.id
    if layout == "inside":
        worktree = target / worktree.relative_to(repo.path)
    await check_worktree(again, worktree)
    kinds = [event.kind for event in log.read(repo=str(target))]
    assert kinds[0] == "repo.registered"
    assert kinds[-1] == "repo.moved"
    assert repos.init(again, str(target)).moved_from is None


async def test_worktrees_that_moved_with_the_parent_folder_are_followed(
    engine: Engine, repo: Repo, tmp_path: Path
) -> None:
    worktree = await begun(engine)
    new = tmp_path / "new" / "place"
    new.mkdir(parents=True)
    shutil.move(repo.path, new / repo.path.name)
    shutil.move(repo.path.parent / "repo-worktrees", new / "repo-worktrees")

    again = moved_repo(new / repo.path.name)

    await check_worktree(again, new / worktree.relative_to(repo.path.parent))


def test_a_copy_is_a_repository_of_its_own(engine: Engine, repo: Repo) -> None:
    tasks.task_add(engine, "Say hello")
    copy = repo.path.with_name("copy")
    shutil.copytree(repo.path, copy, symlinks=True)

    other = moved_repo(copy)

    assert other.repo.id != engine.repo.id
    assert tasks.task_list(other) == ()
    assert len(tasks.task_list(engine)) == 1
    shutil.rmtree(repo.path)
    assert moved_repo(copy).repo.id == other.repo.id


def test_one_that_was_forgotten_is_new_wherever_it_is(engine: Engine, repo: Repo) -> None:
    tasks.task_add(engine, "Say hello")
    target = repo.path.with_name("moved")
    repo.path.rename(target)
    repos.forget_repo(engine, str(repo.path))

    assert tasks.task_list(moved_repo(target)) == ()
