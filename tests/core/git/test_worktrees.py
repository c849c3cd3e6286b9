"""Worktrees, seen from the main repository whatever lies inside them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.errors import EnvironmentFault
from core.git.command import GitFailed, GitPlace, run_git
from core.git.worktrees import (
    WorktreeEntry,
    add_worktree,
    list_worktrees,
    lock_worktree,
    parse_worktree_list,
    remove_worktree,
    rewritten_links,
    worktree_git_dir,
    worktree_place,
)

if TYPE_CHECKING:
    from tests.scenarios import Repo


@pytest.fixture
def place(repo: Repo) -> GitPlace:
    return GitPlace(repo.path / ".git")


def test_the_listing_is_parsed_with_every_attribute() -> None:
    zeros = "0" * 40
    records = [
        *("worktree /r", "HEAD " + "a" * 40, "branch refs/heads/main", ""),
        *("worktree /odd\nname", "HEAD " + zeros, "detached", "locked because\nso", ""),
        *("worktree /gone", "HEAD " + "b" * 40, "branch refs/heads/x", "locked", "prunable no dir"),
        "",
    ]

    main, odd, gone = parse_worktree_list(records)

    assert main == WorktreeEntry(Path("/r"), "a" * 40, "refs/heads/main")
    assert (odd.path, odd.head, odd.branch, odd.locked) == (
        Path("/odd\nname"), None, None, "because\nso",
    )  # fmt: skip
    assert (gone.locked, gone.prunable) == ("", "no dir")


@pytest.mark.parametrize("name", ["plain", "-dash", 'tab\t "quote"', "line\nend", "ünï"])
async def test_a_worktree_in_an_odd_folder_comes_and_goes(
    repo: Repo, place: GitPlace, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name

    await add_worktree(place, path, "task/one", start=repo.head())

    entries = await list_worktrees(place)
    assert [entry.path for entry in entries] == [repo.path, path]
    assert entries[1].branch == "refs/heads/task/one"
    assert entries[1].head == repo.head()
    await remove_worktree(place, path)
    assert not path.exists()
    assert len(await list_worktrees(place)) == 1


async def test_an_existing_branch_is_checked_out(repo: Repo, place: GitPlace) -> None:
    repo.git("branch", "ready")
    path = repo.path.parent / "wt"

    await add_worktree(place, path, "ready")

    assert (path / "a.txt").exists()
    with pytest.raises(GitFailed, match="already"):
        await add_worktree(place, repo.path.parent / "second", "ready")


async def test_hooks_do_not_run_when_a_worktree_is_made(
    repo: Repo, place: GitPlace, tmp_path: Path
) -> None:
    hook = repo.write(".git/hooks/post-checkout", f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)

    await add_worktree(place, tmp_path / "wt", "x", start=repo.head())

    assert not (tmp_path / "ran").exists()


async def test_uncommitted_work_is_not_removed_without_force(repo: Repo, place: GitPlace) -> None:
    path = repo.worktree("busy")
    (path / "new").write_text("work")

    with pytest.raises(GitFailed):
        await remove_worktree(place, path)
    assert (path / "new").exists()

    await remove_worktree(place, path, force=True)
    assert not path.exists()


async def test_the_entry_of_a_deleted_worktree_can_be_removed_alone(
    repo: Repo, place: GitPlace
) -> None:
    path, other = repo.worktree("gone"), repo.worktree("away")
    await lock_worktree(place, path, "in use\nby a run")
    shutil.rmtree(path)
    shutil.rmtree(other)
    (_, _, entry) = sorted(await list_worktrees(place), key=lambda entry: entry.locked or "")
    assert entry.locked == "in use\nby a run"

    await remove_worktree(place, path, force=True)

    (_, entry) = await list_worktrees(place)
    assert entry.path == other
    assert entry.prunable


async def test_the_main_side_finds_a_worktree_whose_git_file_was_rewritten(
    repo: Repo, tmp_path: Path
) -> None:
    path = repo.worktree("agent")
    evil = tmp_path / "evil"
    shutil.copytree(repo.path / ".git", evil)
    with (evil / "config").open("a") as config:
        config.write(f'[core]\n\tfsmonitor = "touch {tmp_path}/ran"\n')
    (path / ".git").write_text(f"gitdir: {evil}\n")
    common = repo.path / ".git"

    place = worktree_place(common, path)
    branch = await run_git(place, "symbolic-ref", "HEAD")
    await run_git(place, "status")

    assert place.git_dir == common / "worktrees" / "repo-agent"
    assert branch.text == "refs/heads/agent"
    assert not (tmp_path / "ran").exists()
    assert len(rewritten_links(common, path)) == 1


def test_a_worktree_that_was_made_to_point_elsewhere_is_refused(repo: Repo, tmp_path: Path) -> None:
    path = repo.worktree("agent")
    common = repo.path / ".git"
    assert rewritten_links(common, path) == ()
    (common / "worktrees" / "repo-agent" / "commondir").write_text(f"{tmp_path}\n")

    with pytest.raises(EnvironmentFault, match="points to another repository"):
        worktree_place(common, path)

    assert len(rewritten_links(common, path)) == 1


def test_a_folder_that_is_no_worktree_has_no_place(repo: Repo, tmp_path: Path) -> None:
    common = repo.path / ".git"
    (tmp_path / "other").mkdir()

    assert worktree_git_dir(common, tmp_path / "other") is None
    with pytest.raises(EnvironmentFault, match="is not a worktree"):
        worktree_place(common, tmp_path / "other")
    with pytest.raises(EnvironmentFault, match="is gone"):
        worktree_place(common, tmp_path / "nowhere")
    assert worktree_place(common, repo.path) == GitPlace(common, repo.path)
