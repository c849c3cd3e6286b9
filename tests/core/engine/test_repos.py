"""Registering repositories: found from anywhere inside, repeated safely, forgotten carefully."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.engine import repos, tasks
from core.engine.context import Engine, NoRepo, open_engine
from core.errors import NotFound, UsageError
from core.git.locate import NotARepo
from core.store.connection import close_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.scenarios import Repo


@pytest.fixture
def fresh(store: Path) -> Iterator[Engine]:
    yield Engine(None)
    close_database()


def test_a_repository_is_registered_from_any_folder_of_any_of_its_worktrees(
    fresh: Engine, repo: Repo
) -> None:
    inner = repo.path / "deep" / "er"
    inner.mkdir(parents=True)
    linked = repo.worktree("side")

    first = repos.init(fresh, str(inner))
    again = repos.init(fresh, str(linked))

    assert first == again
    assert (first.path, first.base, first.name) == (repo.path, "main", "repo")
    assert open_engine(linked).repo == first


def test_registering_leaves_no_trace_in_the_users_repository(fresh: Engine, repo: Repo) -> None:
    before = repo.fingerprint()

    repos.init(fresh, str(repo.path), worktrees="inside")

    (repo.path / ".worktrees").mkdir()
    (repo.path / ".worktrees" / "x").write_text("x")
    assert repo.git("status", "--porcelain") == ""
    (repo.path / ".worktrees" / "x").unlink()
    assert repo.fingerprint() == before


def test_a_repository_within_another_one_keeps_its_worktrees_inside(
    fresh: Engine, repo: Repo
) -> None:
    inner = type(repo).create(repo.path / "vendor" / "inner")

    assert repos.init(fresh, str(repo.path)).layout == "sibling"
    assert repos.init(fresh, str(inner.path)).layout == "inside"
    assert repos.init(fresh, str(inner.path), worktrees="sibling").layout == "sibling"


def test_repeating_changes_only_what_is_named(fresh: Engine, repo: Repo) -> None:
    repo.git("branch", "develop")
    repos.init(fresh, str(repo.path), worktrees="inside")

    changed = repos.init(fresh, str(repo.path), base="develop")

    assert (changed.base, changed.layout) == ("develop", "inside")


@pytest.mark.parametrize("base", ["nope", "-x", "--help", "refs/heads/main"])
def test_a_base_that_is_no_branch_is_refused(fresh: Engine, repo: Repo, base: str) -> None:
    with pytest.raises(UsageError, match="no branch"):
        repos.init(fresh, str(repo.path), base=base)


def test_the_base_is_the_branch_that_is_checked_out(fresh: Engine, repo: Repo) -> None:
    repo.branch("trunk")

    assert repos.init(fresh, str(repo.path)).base == "trunk"


def test_on_no_branch_the_usual_names_are_tried(fresh: Engine, repo: Repo) -> None:
    repo.git("checkout", "--quiet", "--detach")

    assert repos.init(fresh, str(repo.path)).base == "main"


def test_no_commit_yet_is_said(fresh: Engine, tmp_path: Path) -> None:
    from tests.scenarios import Repo as GitRepo

    empty = GitRepo.empty(tmp_path / "empty")

    with pytest.raises(NotARepo, match="no commit yet"):
        repos.init(fresh, str(empty.path))


def test_an_unregistered_repository_says_what_to_do(fresh: Engine, repo: Repo) -> None:
    engine = open_engine(repo.path)

    with pytest.raises(NoRepo) as caught:
        tasks.task_list(engine)

    assert caught.value.hint == "Register it: weft init"


def test_a_folder_that_is_gone_is_said_when_it_is_chosen(
    fresh: Engine, repo: Repo, tmp_path: Path
) -> None:
    known = repos.init(fresh, str(repo.path))
    repo.path.rename(tmp_path / "elsewhere")

    with pytest.raises(NotFound, match="is gone"):
        repos.use_repo(fresh, str(known.path))

    repos.forget_repo(fresh, str(known.path))
    assert repos.list_repos(fresh) == ()
    assert (tmp_path / "elsewhere" / "a.txt").exists()
