"""Where a folder's repository is, and how folders without one are refused."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from core.git.locate import Location, NotARepo, locate_now
from tests.scenarios import Repo

if TYPE_CHECKING:
    from pathlib import Path


def test_a_subfolder_leads_to_the_main_checkout(repo: Repo) -> None:
    folder = repo.path / "deep" / "er"
    folder.mkdir(parents=True)

    assert locate_now(folder) == Location(repo.path, repo.path / ".git")


def test_a_linked_worktree_leads_to_the_main_checkout_and_to_itself(repo: Repo) -> None:
    worktree = repo.worktree("feature")
    (worktree / "sub").mkdir()

    assert locate_now(worktree / "sub") == Location(repo.path, repo.path / ".git", worktree)


def test_a_git_dir_in_the_environment_does_not_fool_it(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Repo.create(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.path))

    assert locate_now(repo.path).main == repo.path


def test_a_checkout_whose_git_dir_lies_elsewhere_is_found(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo")
    repo.git("init", "--quiet", f"--separate-git-dir={tmp_path / 'store'}")

    assert locate_now(repo.path) == Location(repo.path, tmp_path / "store")


def test_a_folder_in_no_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotARepo, match="is not in a git repository") as caught:
        locate_now(tmp_path)

    assert "git init" in caught.value.hint


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotARepo, match="There is no folder"):
        locate_now(tmp_path / "nowhere")


def test_a_repository_without_a_commit_is_refused(tmp_path: Path) -> None:
    repo = Repo.empty(tmp_path / "new")

    with pytest.raises(NotARepo, match="has no commit yet") as caught:
        locate_now(repo.path)

    assert "git commit" in caught.value.hint


def test_a_bare_repository_is_refused(repo: Repo, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    repo.git("clone", "--quiet", "--bare", ".", str(bare))

    with pytest.raises(NotARepo, match="bare repository") as caught:
        locate_now(bare)

    assert "git clone" in caught.value.hint


def test_a_worktree_of_a_bare_repository_is_refused(repo: Repo, tmp_path: Path) -> None:
    bare, worktree = tmp_path / "bare.git", tmp_path / "worktree"
    repo.git("clone", "--quiet", "--bare", ".", str(bare))
    repo.git(f"--git-dir={bare}", "worktree", "add", "--quiet", str(worktree))

    with pytest.raises(NotARepo, match="bare repository"):
        locate_now(worktree)


def test_a_bare_repository_hidden_in_a_tree_is_not_taken(repo: Repo) -> None:
    hidden = repo.path / "docs" / "evil.git"
    repo.git("clone", "--quiet", "--bare", ".", str(hidden))

    with pytest.raises(NotARepo):
        locate_now(hidden)


def test_the_inside_of_a_git_dir_is_refused(repo: Repo) -> None:
    with pytest.raises(NotARepo):
        locate_now(repo.path / ".git")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such a name themselves")
def test_a_path_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "caf\udce9")

    with pytest.raises(NotARepo, match="UTF-8"):
        locate_now(repo.path)


def test_a_path_with_a_line_break_is_refused(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "new\nline")

    with pytest.raises(NotARepo, match="line break"):
        locate_now(repo.path)
