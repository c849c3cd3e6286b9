"""A lock that a killed git left goes; one that somebody holds stays."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from core.git.worktrees import worktree_git_dir
from core.queue.claims import release
from core.worktrees.stale_lock import clear_stale_locks
from tests.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.project import Project


async def _lock(project: Project) -> tuple[Path, Path]:
    project.add_task()
    made = await project.provisioned("task-1")
    git_dir = worktree_git_dir(project.repo.git_dir, made.path)
    assert git_dir is not None
    return made.path, git_dir / "index.lock"


def _started(words: list[str], **options: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(words, **options)


async def test_a_lock_without_owner_goes_before_the_worktree_is_taken_up(project: Project) -> None:
    path, lock = await _lock(project)
    lock.touch()
    release(project.repo, "task-1", why="test", now=project.clock.now(), actor="person")

    await project.provisioned("task-1")

    assert not lock.exists()
    assert project.disk.git("add", "--all", cwd=path) == ""


async def test_a_lock_that_a_process_has_open_stays(project: Project) -> None:
    path, lock = await _lock(project)

    waiting = [sys.executable, "-c", "import sys; sys.stdin.read()"]

    with (
        lock.open("w") as out,
        _started(waiting, stdin=subprocess.PIPE, stdout=out) as holder,
    ):
        assert clear_stale_locks(project.repo.git_dir, path) == ()
        assert holder.stdin is not None
        holder.stdin.close()

    assert clear_stale_locks(project.repo.git_dir, path) == (lock,)


async def test_a_lock_that_windows_keeps_stays(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, lock = await _lock(project)
    lock.touch()

    def kept(file: Path) -> None:
        raise PermissionError(13, "The process cannot access the file", str(file))

    with monkeypatch.context() as patch:
        patch.setattr(type(lock), "unlink", kept)
        assert clear_stale_locks(project.repo.git_dir, path) == ()

    assert lock.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="the editor is a line for the shell")
async def test_the_lock_of_a_git_that_waits_for_an_editor_stays(
    project: Project, tmp_path: Path
) -> None:
    path, lock = await _lock(project)
    (path / "a.txt").write_text("changed\n")
    go, at = tmp_path / "go", tmp_path / "at"
    editor = f"touch '{at}'; while [ ! -e '{go}' ]; do sleep 0.02; done; echo said >"
    environment = os.environ | {"GIT_EDITOR": editor}
    with _started(["git", "commit", "-qa"], cwd=path, env=environment) as git:
        wait_until(at.exists)
        assert lock.exists()

        assert clear_stale_locks(project.repo.git_dir, path) == ()

        go.touch()
        assert git.wait() == 0
