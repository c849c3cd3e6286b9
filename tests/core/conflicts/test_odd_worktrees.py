"""Snapshots of sparse checkouts, of worktrees with submodules and with large-file pointers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.conflicts.snapshots import snapshot
from tests.core.conflicts.test_snapshots import content_of, paths_of
from tests.core.conflicts.zoo import registered
from tests.scenarios import Repo

if TYPE_CHECKING:
    from core.conflicts.snapshots import Snapshot

POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{1:064}\nsize 12\n"


async def taken(repo: Repo, worktree: Repo) -> Snapshot:
    return await snapshot(registered(repo), worktree.path, branch="agent")


@pytest.mark.parametrize("index", ["--sparse-index", "--no-sparse-index"])
async def test_what_a_sparse_checkout_leaves_out_is_not_deleted(repo: Repo, index: str) -> None:
    files = {f"{part}/f{n}.txt": "x\n" for part in ("in", "out/deep") for n in range(3)}
    repo.commit("folders", files)
    worktree = Repo(repo.worktree("agent"))
    worktree.git("sparse-checkout", "set", "--cone", index, "in")
    assert not (worktree.path / "out").exists()
    clean = await taken(repo, worktree)
    worktree.write("in/f1.txt", "changed\n")
    worktree.write("in/new.txt", "new\n")

    found = await taken(repo, worktree)

    assert not clean.dirty
    assert await paths_of(repo, found.tree) == {"a.txt", "b.txt", "in/new.txt", *files}
    assert await content_of(repo, found.tree, "in/f1.txt") == b"changed\n"


async def test_a_submodule_counts_with_its_commit_and_not_with_its_files(
    repo: Repo, tmp_path: Path
) -> None:
    inner = Repo.create(tmp_path / "inner")
    allowed = ("-c", "protocol.file.allow=always", "submodule", "--quiet")
    repo.git(*allowed, "add", str(inner.path), "s")
    repo.commit("submodule")
    worktree = Repo(repo.worktree("agent"))
    worktree.git(*allowed, "update", "--init")
    inside = Repo(worktree.path / "s")
    inside.write("a.txt", "changed\n")
    inside.write("new.txt", "new\n")
    only_dirty = await taken(repo, worktree)

    commit = inside.commit("inside")
    moved = await taken(repo, worktree)

    assert not only_dirty.dirty
    assert moved.dirty
    generation_tree = await paths_of(repo, moved.tree)
    assert "s" in generation_tree
    assert commit != inner.head()


async def test_a_smudged_large_file_that_nobody_changed_is_clean(
    repo: Repo, tmp_path: Path
) -> None:
    """A filter that puts contents in place of a pointer, as Git LFS does."""
    store = tmp_path / "store"
    store.write_text("large content\n")
    repo.git("config", "filter.lfs.smudge", f"cat >/dev/null; cat '{store}'")
    repo.git("config", "filter.lfs.clean", f"cat >/dev/null; printf '{POINTER}'")
    repo.write("big.psd", POINTER)
    repo.write(".gitattributes", "*.psd filter=lfs -text\n")
    repo.commit("large")
    worktree = Repo(repo.worktree("agent"))
    large = worktree.path / "big.psd"
    assert large.read_text() == "large content\n"
    os.utime(large, (1, 1))  # older than the index, or git has to compare contents
    worktree.git("update-index", "--refresh")

    clean = await taken(repo, worktree)
    worktree.write("a.txt", "changed\n")
    other = await taken(repo, worktree)
    worktree.write("big.psd", "other content\n")
    changed = await taken(repo, worktree)

    assert not clean.dirty
    assert await content_of(repo, other.tree, "big.psd") == POINTER.encode()
    assert await content_of(repo, changed.tree, "big.psd") == b"other content\n"


async def test_a_folder_replaced_by_a_link_and_unreadable_files_are_taken_as_far_as_they_go(
    repo: Repo, tmp_path: Path
) -> None:
    repo.commit("folder", {"dir/one": "1\n", "dir/two": "2\n"})
    worktree = Repo(repo.worktree("agent"))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "one").write_text("secret\n")
    for name in ("one", "two"):
        (worktree.path / "dir" / name).unlink()
    (worktree.path / "dir").rmdir()
    (worktree.path / "dir").symlink_to(tmp_path / "elsewhere")

    found = await taken(repo, worktree)

    assert await paths_of(repo, found.tree) == {"a.txt", "b.txt", "dir"}
    link = await content_of(repo, found.tree, "dir")
    assert link == str(Path(tmp_path / "elsewhere")).encode()
