"""Snapshots hold all of a worktree and leave every byte of it as it was."""

from __future__ import annotations

import asyncio
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from core.conflicts import snapshots
from core.conflicts.generations import open_generation
from core.conflicts.snapshots import Place, snapshot, take_snapshots
from core.git.objects import list_tree, read_file
from tests.core.conflicts.zoo import registered
from tests.core.git.test_quarantine import objects_of
from tests.core.git.test_status import ODD_NAMES
from tests.scenarios import Repo, content_conflict, numbered_lines

if TYPE_CHECKING:
    from pathlib import Path


async def paths_of(repo: Repo, tree: str) -> set[str]:
    generation = await open_generation(registered(repo))
    return {entry.path for entry in await list_tree(generation.held.place, tree)}


async def content_of(repo: Repo, tree: str, path: str) -> bytes | None:
    generation = await open_generation(registered(repo))
    return await read_file(generation.held.place, tree, path)


def _bytes_of(repo: Repo, worktree: Repo, index: Path) -> tuple[object, ...]:
    status = worktree.git("--no-optional-locks", "status", "--porcelain", "-z")
    when = index.stat().st_mtime_ns
    return index.read_bytes(), when, objects_of(repo), repo.fingerprint(), status


@pytest.mark.parametrize("linked", [True, False], ids=["linked", "main"])
async def test_a_dirty_worktree_is_taken_whole_and_not_touched(repo: Repo, *, linked: bool) -> None:
    branch = "agent" if linked else "main"
    worktree = Repo(repo.worktree("agent") if linked else repo.path)
    repo.write(".git/info/exclude", "ignored\n")
    worktree.write("a.txt", "staged\n")
    worktree.git("add", "a.txt")
    worktree.write("a.txt", "staged and changed\n")
    (worktree.path / "b.txt").unlink()
    worktree.write("ignored", "x")
    for name in ODD_NAMES:
        worktree.write(f"new/{name}", "x\n")
    (worktree.path / "link").symlink_to("nowhere")
    index = repo.path / ".git" / ("worktrees/repo-agent/index" if linked else "index")
    before = _bytes_of(repo, worktree, index)

    taken = await snapshot(registered(repo), worktree.path, branch=branch)
    again = await snapshot(registered(repo), worktree.path, branch=branch)

    after = _bytes_of(repo, worktree, index)
    assert after == before
    assert taken == again
    assert (taken.head, taken.dirty, taken.problem) == (repo.head(branch), True, "")
    assert await paths_of(repo, taken.tree) == {"a.txt", "link", *(f"new/{n}" for n in ODD_NAMES)}
    assert await content_of(repo, taken.tree, "a.txt") == b"staged and changed\n"


async def test_a_clean_worktree_is_its_commit(repo: Repo) -> None:
    taken = await snapshot(registered(repo), repo.worktree("agent"), branch="agent")

    assert not taken.dirty
    assert taken.tree == repo.git("rev-parse", "agent^{tree}")


async def test_every_further_change_is_seen(repo: Repo) -> None:
    worktree = Repo(repo.worktree("agent"))
    trees = []
    for text in ("one\n", "two\n", "one\n"):
        worktree.write("a.txt", text)
        trees.append((await snapshot(registered(repo), worktree.path, branch="agent")).tree)

    worktree.git("restore", "a.txt")
    last = await snapshot(registered(repo), worktree.path, branch="agent")

    assert trees[0] == trees[2] != trees[1]
    assert not last.dirty


async def test_a_change_of_the_same_size_and_time_is_seen(repo: Repo) -> None:
    """git's racy-clean check must work on the copied index too."""
    worktree = Repo(repo.worktree("agent"))
    await snapshot(registered(repo), worktree.path, branch="agent")
    file = worktree.path / "a.txt"
    about = file.stat()
    file.write_text(numbered_lines(line_3="LINE 3"))
    os.utime(file, ns=(about.st_atime_ns, about.st_mtime_ns))

    taken = await snapshot(registered(repo), worktree.path, branch="agent")

    assert taken.dirty


async def test_a_new_file_that_becomes_ignored_is_no_longer_taken(repo: Repo) -> None:
    worktree = Repo(repo.worktree("agent"))
    worktree.write("build/out", "x")
    first = await snapshot(registered(repo), worktree.path, branch="agent")
    repo.write(".git/info/exclude", "build/\n")

    second = await snapshot(registered(repo), worktree.path, branch="agent")

    assert first.dirty
    assert not second.dirty


async def test_large_many_and_foreign_new_files_are_left_out_and_named(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "LARGEST_UNTRACKED_BYTES", 100)
    monkeypatch.setattr(snapshots, "MOST_UNTRACKED", 2)
    worktree = Repo(repo.worktree("agent"))
    worktree.write("large", "x" * 101)
    Repo.create(worktree.path / "nested")
    for name in "xyz":
        worktree.write(name, "x")

    taken = await snapshot(registered(repo), worktree.path, branch="agent")

    assert set(taken.skipped) == {"large", "nested/", "z"}
    assert await paths_of(repo, taken.tree) == {"a.txt", "b.txt", "x", "y"}


@pytest.mark.parametrize("command", ["merge", "rebase", "cherry-pick"])
async def test_a_worktree_in_the_middle_of_something_counts_with_its_commit(
    repo: Repo, command: str
) -> None:
    content_conflict(repo)
    worktree = Repo(repo.worktree("agent", at="left"))
    worktree.git(command, "right", ok=(1,))

    taken = await snapshot(registered(repo), worktree.path, branch="agent")

    assert taken.resolving
    assert not taken.dirty
    assert taken.head == repo.head("left")


async def test_unmerged_entries_without_a_merge_are_resolving_too(repo: Repo) -> None:
    content_conflict(repo)
    worktree = Repo(repo.worktree("agent", at="left"))
    worktree.write("a.txt", numbered_lines(line_3="stashed"))
    worktree.git("stash")
    worktree.git("reset", "--quiet", "--hard", "right")
    worktree.git("stash", "pop", ok=(1,))

    assert (await snapshot(registered(repo), worktree.path, branch="agent")).resolving


async def test_a_deleted_worktree_is_told_and_its_commit_counts(repo: Repo) -> None:
    worktree = repo.worktree("agent")
    shutil.rmtree(worktree)

    taken = await snapshot(registered(repo), worktree, branch="agent")

    assert taken.problem == f"Its worktree {worktree} is gone."
    assert taken.head == repo.head("agent")


async def test_a_folder_put_in_place_of_a_worktree_is_not_read(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()

    taken = await snapshot(registered(repo), tmp_path / "other", branch="main")

    assert "git knows no worktree" in taken.problem


async def test_a_worktree_on_another_branch_does_not_count_for_this_one(repo: Repo) -> None:
    worktree = Repo(repo.worktree("agent"))
    worktree.write("a.txt", "x\n")
    worktree.git("switch", "--quiet", "--create", "elsewhere")
    elsewhere = await snapshot(registered(repo), worktree.path, branch="agent")
    worktree.git("switch", "--quiet", "--detach")
    detached = await snapshot(registered(repo), worktree.path, branch="agent")

    assert elsewhere.problem == "Its worktree is on elsewhere."
    assert detached.problem == "Its worktree is on no branch."
    assert not elsewhere.dirty


async def test_a_missing_branch_is_told(repo: Repo) -> None:
    taken = await snapshot(registered(repo), None, branch="nowhere")

    assert (taken.head, taken.problem) == ("", "There is no branch nowhere.")


@pytest.mark.parametrize("kind", ["clean", "process"])
async def test_filters_of_the_repository_do_not_run(repo: Repo, tmp_path: Path, kind: str) -> None:
    worktree = Repo(repo.worktree("agent"))
    repo.write(".git/info/attributes", "* filter=evil\n")
    repo.git("config", f"filter.evil.{kind}", f"touch '{tmp_path}/ran'; cat")
    repo.git("config", "filter.evil.required", "true")
    repo.git("config", "core.fsmonitor", f"touch '{tmp_path}/ran'")
    worktree.write("a.txt", "changed\n")
    worktree.write("new", "new\n")

    taken = await snapshot(registered(repo), worktree.path, branch="agent")

    assert await content_of(repo, taken.tree, "a.txt") == b"changed\n"
    assert not (tmp_path / "ran").exists()


async def test_several_looks_at_once_agree(repo: Repo) -> None:
    worktree = Repo(repo.worktree("agent"))
    worktree.write("a.txt", "changed\n")
    record = registered(repo)
    generation = await open_generation(record)
    place = Place("agent", worktree.path)

    looks = await asyncio.gather(
        *(take_snapshots(record, [place, place], generation=generation) for _ in range(3))
    )

    assert len({taken for look in looks for taken in look}) == 1
    assert not list(generation.folder.glob("*.working"))
    assert len(list(generation.folder.glob("*.index"))) == 1


async def test_an_unborn_branch_in_a_worktree_is_told(repo: Repo) -> None:
    worktree = repo.worktree("agent")
    repo.git("switch", "--quiet", "--orphan", "unborn", cwd=worktree)

    taken = await snapshot(registered(repo), worktree, branch="unborn")

    assert taken.problem == "There is no branch unborn."
