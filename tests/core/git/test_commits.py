"""Commits: made without hooks and without touching what is not theirs, read back whole."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from core.errors import UserError
from core.git import commits
from core.git.command import GitFailed, GitPlace
from core.git.commits import Identity, commit_leftovers
from core.git.worktrees import worktree_place
from tests.scenarios import Repo, content_conflict

if TYPE_CHECKING:
    from pathlib import Path

ANA = Identity("Ana Ωmega", "ana@weft.invalid")


@pytest.fixture
def place(repo: Repo) -> GitPlace:
    return GitPlace(repo.path / ".git", repo.path)


def hostile_hooks(repo: Repo, marker: Path) -> None:
    for name in ("pre-commit", "commit-msg", "post-commit", "reference-transaction"):
        hook = repo.write(f".git/hooks/{name}", f"#!/bin/sh\ntouch '{marker}'\nexit 1\n")
        hook.chmod(0o755)


async def test_a_commit_object_is_made_as_somebody_at_some_time(
    repo: Repo, place: GitPlace
) -> None:
    when = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
    somebody = place.with_env(**commits.identity_env(ANA, when=when))
    tree = repo.git("rev-parse", "HEAD^{tree}")

    oid = await commits.commit_tree(somebody, tree, [repo.head()], "Title\n\nBody\nof two\n")

    commit = await commits.read_commit(place, oid)
    assert (commit.tree, commit.parents, commit.author) == (tree, (repo.head(),), ANA)
    assert commit.authored_at == commit.committed_at == when
    assert (commit.subject, commit.body) == ("Title", "Body\nof two")
    assert repo.git("status", "--porcelain") == ""


async def test_commits_are_read_newest_first_and_counted(repo: Repo, place: GitPlace) -> None:
    base = repo.head()
    repo.commit("one")
    tip = repo.commit("two")

    read = await commits.read_commits(place, tip, without=[base])

    assert [commit.subject for commit in read] == ["two", "one"]
    assert await commits.count_commits(place, tip, without=[base]) == 2
    assert len(await commits.read_commits(place, tip, limit=1)) == 1


async def test_the_identity_is_none_when_git_would_guess(
    repo: Repo, place: GitPlace, home: Path
) -> None:
    assert await commits.identity(place) == Identity("Weft Tests", "tests@weft.invalid")

    (home / ".gitconfig").write_text("")

    assert await commits.identity(place) is None


async def test_leftovers_become_a_commit_without_hooks_or_signature(
    repo: Repo, tmp_path: Path
) -> None:
    worktree = repo.worktree("agent")
    hostile_hooks(repo, tmp_path / "ran")
    repo.git("config", "commit.gpgSign", "true")
    (worktree / "a.txt").write_text("done\n")
    (worktree / "-new").write_text("new\n")
    place = worktree_place(repo.path / ".git", worktree)

    oid = await commit_leftovers(
        place, "refs/heads/agent", "Title\n# not a comment\n", run_filters=False
    )

    assert oid == repo.head("agent")
    assert repo.git("status", "--porcelain", cwd=worktree) == ""
    assert repo.git("log", "-1", "--format=%B", "agent").rstrip() == "Title\n# not a comment"
    assert await commit_leftovers(place, "refs/heads/agent", "x", run_filters=False) is None
    assert not (tmp_path / "ran").exists()


async def test_leftovers_are_refused_in_the_middle_of_a_merge(repo: Repo, place: GitPlace) -> None:
    content_conflict(repo)
    repo.switch("left")
    repo.git("merge", "right", ok=(1,))

    with pytest.raises(UserError, match="merge is half done") as caught:
        await commit_leftovers(place, "refs/heads/left", "x", run_filters=False)

    assert "git merge --continue" in caught.value.hint


async def test_leftovers_are_refused_on_another_branch(repo: Repo, place: GitPlace) -> None:
    repo.write("a.txt", "changed\n")

    with pytest.raises(UserError, match="is not on refs/heads/agent, but on refs/heads/main"):
        await commit_leftovers(place, "refs/heads/agent", "x", run_filters=False)


def test_trailers_are_the_last_paragraph_and_come_back() -> None:
    message = commits.with_trailers("Title\n\nBody: with colon\n", [("Weft-Task", "issue\n4")])

    assert message == "Title\n\nBody: with colon\n\nWeft-Task: issue 4\n"
    assert commits.trailers_of(message) == (("Weft-Task", "issue 4"),)
    assert commits.trailers_of("Title\n\nJust words.") == ()
    assert commits.trailers_of("fix: not a trailer") == ()


async def test_a_repository_inside_the_worktree_is_left_out_of_the_leftovers(repo: Repo) -> None:
    worktree = repo.worktree("agent")
    inner = Repo.create(worktree / "in *side")
    (worktree / "new.txt").write_text("new\n")
    place = worktree_place(repo.path / ".git", worktree)

    await commit_leftovers(place, "refs/heads/agent", "Left", run_filters=False)

    assert repo.git("ls-tree", "--name-only", "agent").splitlines() == [
        "a.txt", "b.txt", "new.txt",
    ]  # fmt: skip
    assert (inner.path / "a.txt").exists()


async def test_a_failure_is_told_by_the_line_that_says_what_failed(repo: Repo) -> None:
    place = GitPlace(repo.path / ".git", repo.path)
    (repo.path / ".git" / "index.lock").touch()
    (repo.path / "new.txt").write_text("new\n")

    with pytest.raises(GitFailed, match=r"git add failed: fatal: Unable to create .*File exists"):
        await commit_leftovers(place, "refs/heads/main", "x", run_filters=False)
