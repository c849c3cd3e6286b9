"""What a worktree looks like, names of every kind included."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from core.git.command import GitFailed, GitPlace
from core.git.status import Operation, parse_status, worktree_status
from core.git.submodules import dirty_submodules
from tests.scenarios import Repo, content_conflict, numbered_lines

if TYPE_CHECKING:
    from pathlib import Path

ODD_NAMES = ("new\nline", "tab\there", 'quo"te', "-dash", "späce x", "bytes-\udcff")


def place_of(repo: Repo) -> GitPlace:
    return GitPlace(repo.path / ".git", repo.path)


async def test_a_fresh_checkout_is_clean(repo: Repo) -> None:
    status = await worktree_status(place_of(repo))

    assert status.is_clean
    assert (status.head, status.branch) == (repo.head(), "main")


async def test_changed_deleted_and_new_paths_are_told_whatever_their_name(repo: Repo) -> None:
    repo.write("a.txt", "changed\n")
    (repo.path / "b.txt").unlink()
    for name in ODD_NAMES:
        repo.write(name, "new\n")

    status = await worktree_status(place_of(repo))

    assert status.changed == ("a.txt", "b.txt")
    assert sorted(status.untracked) == sorted(ODD_NAMES)
    assert not status.is_clean


async def test_a_half_done_merge_is_told(repo: Repo) -> None:
    content_conflict(repo)
    repo.switch("left")
    repo.git("merge", "right", ok=(1,))

    status = await worktree_status(place_of(repo))

    assert status.unmerged == ("a.txt",)
    assert status.operation is Operation.MERGE


async def test_a_half_done_rebase_is_told(repo: Repo) -> None:
    content_conflict(repo)
    repo.switch("left")
    repo.git("rebase", "right", ok=(1,))

    status = await worktree_status(place_of(repo))

    assert status.operation is Operation.REBASE
    assert status.branch is None


async def test_looking_does_not_write_the_index(repo: Repo) -> None:
    os.utime(repo.path / "a.txt", (1_700_000_000, 1_700_000_000))
    index = (repo.path / ".git" / "index").read_bytes()

    status = await worktree_status(place_of(repo))

    assert status.is_clean
    assert (repo.path / ".git" / "index").read_bytes() == index


@pytest.mark.parametrize("untracked", [True, False])
async def test_untracked_files_can_be_left_out(repo: Repo, untracked: bool) -> None:
    repo.write("new.txt", numbered_lines())

    status = await worktree_status(place_of(repo), untracked=untracked)

    assert bool(status.untracked) is untracked


def test_the_distance_to_the_upstream_and_renames_are_parsed() -> None:
    records = [
        "# branch.oid (initial)",
        "# branch.head main",
        "# branch.upstream origin/main",
        "# branch.ab +2 -3",
        "2 R. N... 100644 100644 100644 aaaa bbbb R100 new name",
        "old name",
        "u UU N... 100644 100644 100644 100644 aaaa bbbb cccc both ways",
        "! ignored",
    ]

    status = parse_status(records)

    assert (status.head, status.ahead, status.behind) == (None, 2, 3)
    assert status.changed == ("new name", "old name")
    assert status.unmerged == ("both ways",)


@pytest.fixture
def nested(repo: Repo, tmp_path: Path) -> Repo:
    """The submodule `inner/deep` of a submodule `inner`; returned is the deep one."""
    allowed = ("-c", "protocol.file.allow=always", "submodule", "--quiet")
    for name in ("deep", "inner"):
        Repo.create(tmp_path / name)
    inner = Repo(tmp_path / "inner")
    inner.git(*allowed, "add", str(tmp_path / "deep"), "deep")
    inner.commit("submodule")
    repo.git(*allowed, "add", str(inner.path), "inner")
    repo.git(*allowed, "update", "--init", "--recursive")
    repo.commit("submodule")
    return Repo(repo.path / "inner" / "deep")


async def test_work_in_a_submodule_of_a_submodule_is_told(repo: Repo, nested: Repo) -> None:
    assert (await worktree_status(place_of(repo))).is_clean

    nested.write("new.txt", "new\n")

    assert (await worktree_status(place_of(repo))).changed == ("inner",)


async def test_a_new_commit_in_a_submodule_is_told_once(repo: Repo, nested: Repo) -> None:
    Repo(repo.path / "inner").commit("more", a="changed\n")
    nested.write("new.txt", "new\n")

    assert (await worktree_status(place_of(repo))).changed == ("inner",)


async def test_a_submodule_that_cannot_be_read_may_hold_work(repo: Repo, nested: Repo) -> None:
    repo.write("inner/.git", "gitdir: /nowhere\n")

    with suppress(GitFailed):  # some versions of git refuse such a worktree as a whole
        assert (await worktree_status(place_of(repo))).changed == ("inner",)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
async def test_a_pipe_in_place_of_a_submodule_s_git_file_holds_nobody_up(
    repo: Repo, nested: Repo
) -> None:
    (repo.path / "inner" / ".git").unlink()
    os.mkfifo(repo.path / "inner" / ".git")

    assert await dirty_submodules(place_of(repo)) == ("inner",)


async def test_a_submodule_is_looked_at_without_running_what_it_names(
    repo: Repo, nested: Repo, tmp_path: Path
) -> None:
    program, ran = tmp_path / "evil", tmp_path / "ran"
    program.write_text(f'#!/bin/sh\necho "$*" >> "{ran}"\ncat\n')
    program.chmod(0o755)
    (nested.path / nested.git("rev-parse", "--git-path", "info/attributes")).write_text(
        "* filter=x"
    )
    for key in ("filter.x.clean", "filter.x.process", "core.fsmonitor"):
        nested.git("config", key, str(program))
    nested.write("a.txt", "changed\n")

    status = await worktree_status(place_of(repo))

    assert status.changed == ("inner",)
    assert not ran.exists()
    repo.git("status")
    assert ran.exists()
