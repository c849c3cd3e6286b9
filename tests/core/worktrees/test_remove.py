"""Nothing that was in a worktree is lost when it goes; in doubt it stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.domain.worktree import WorktreeState
from core.errors import NotFound, Refused
from core.queue.claims import release
from core.worktrees import journal
from core.worktrees.guard import NotOurWorktree, require_worktree
from core.worktrees.preserve import CannotPreserve, Preserved, preserve
from core.worktrees.remove import remove

if TYPE_CHECKING:
    from core.domain.worktree import Worktree
    from tests.project import Project


async def released(project: Project) -> Worktree:
    project.add_task()
    made = await project.provisioned("task-1")
    release(project.repo, "task-1", why="test", now=project.clock.now(), actor="person")
    return made


async def test_untracked_staged_and_changed_work_survives_the_removal(project: Project) -> None:
    made = await released(project)
    git = project.disk.git
    (made.path / "committed.txt").write_text("one\n")
    git("add", "-A", cwd=made.path)
    git("commit", "-qm", "one", cwd=made.path)
    (made.path / "a.txt").write_text("changed\n")
    (made.path / "b.txt").write_text("staged\n")
    git("add", "b.txt", cwd=made.path)
    (made.path / "b.txt").write_text("and changed again\n")
    (made.path / "new.txt").write_text("untracked\n")

    removed = await remove(project.repo, made.path, clock=project.clock)

    ref = removed.preserved.ref
    assert ref == "refs/weft/preserved/task-1/1"
    assert not made.path.exists()
    assert git("show", f"{ref}:a.txt") == "changed"
    assert git("show", f"{ref}:b.txt") == "and changed again"
    assert git("show", f"{ref}:new.txt") == "untracked"
    assert git("show", f"{ref}:committed.txt") == "one"
    assert git("show", f"{ref}^2:b.txt") == "staged"
    assert git("rev-parse", "--verify", made.branch)
    assert journal.standing(project.repo) == ()


async def test_a_clean_worktree_goes_without_a_trace(project: Project) -> None:
    made = await released(project)

    removed = await remove(project.repo, made.path, clock=project.clock, delete_branch=True)

    assert removed.preserved == Preserved()
    assert project.disk.git("for-each-ref", "refs/weft") == ""
    assert project.disk.git("branch", "--list", made.branch) == ""


async def test_a_deleted_branch_keeps_its_commits_under_a_ref(project: Project) -> None:
    made = await released(project)
    project.disk.git("commit", "-q", "--allow-empty", "-m", "mine", cwd=made.path)
    project.disk.git("checkout", "-q", "--detach", cwd=made.path)
    project.disk.git("commit", "-q", "--allow-empty", "-m", "detached", cwd=made.path)

    removed = await remove(project.repo, made.path, clock=project.clock, delete_branch=True)

    kept = project.disk.git("log", "--format=%s", removed.preserved.ref)
    assert kept.splitlines()[:2] == ["detached", "mine"]


async def test_a_folder_that_is_gone_leaves_its_branch_preserved(project: Project) -> None:
    made = await released(project)
    project.disk.git("commit", "-q", "--allow-empty", "-m", "mine", cwd=made.path)
    made.path.rename(made.path.with_name("away"))

    removed = await remove(project.repo, made.path, clock=project.clock)

    assert project.disk.git("log", "-1", "--format=%s", removed.preserved.ref) == "mine"
    assert str(made.path) not in project.disk.git("worktree", "list")


async def test_preserving_touches_neither_index_nor_files_and_repeats_no_ref(
    project: Project,
) -> None:
    project.add_task()
    made = await project.provisioned("task-1")
    project.disk.git("commit", "-q", "--allow-empty", "-m", "mine", cwd=made.path)
    (made.path / "new.txt").write_text("x\n")
    index = (project.repo.git_dir / "worktrees" / "task-1" / "index").read_bytes()
    place = require_worktree(project.repo.path, project.repo.git_dir, made.path)

    first = await preserve(
        project.repo, task="task-1", place=place, branch=made.branch, why="of a test"
    )
    (made.path / "new.txt").unlink()
    second = await preserve(
        project.repo, task="task-1", place=place, branch=made.branch, why="of a test"
    )
    third = await preserve(
        project.repo, task="task-1", place=place, branch=made.branch, why="of a test"
    )

    assert (first.ref, first.uncommitted) == ("refs/weft/preserved/task-1/1", 1)
    assert second.ref == third.ref == "refs/weft/preserved/task-1/2"
    assert (project.repo.git_dir / "worktrees" / "task-1" / "index").read_bytes() == index


async def test_an_embedded_repository_is_a_doubt_and_stops_the_removal(project: Project) -> None:
    made = await released(project)
    project.disk.git("init", "-q", "inner", cwd=made.path)
    (made.path / "inner" / "work.txt").write_text("x\n")

    with pytest.raises(CannotPreserve, match="a git repository of its own"):
        await remove(project.repo, made.path, clock=project.clock)

    assert (made.path / "inner" / "work.txt").exists()
    assert [w.state for w in journal.standing(project.repo)] == [WorktreeState.READY]


async def test_a_look_up_that_fails_stops_the_removal(project: Project) -> None:
    made = await released(project)
    (made.path / "new.txt").write_text("x\n")
    (project.repo.git_dir / "worktrees" / "task-1" / "index").write_bytes(b"damaged")

    with pytest.raises(CannotPreserve, match="could not be preserved"):
        await remove(project.repo, made.path, clock=project.clock)

    assert (made.path / "new.txt").exists()


async def test_a_worktree_in_use_or_not_ours_is_not_removed(project: Project) -> None:
    project.add_task()
    made = await project.provisioned("task-1")
    theirs = project.disk.worktree("theirs")

    with pytest.raises(Refused, match="in use"):
        await remove(project.repo, made.path, clock=project.clock)
    with pytest.raises(NotFound):
        await remove(project.repo, theirs, clock=project.clock)
    with pytest.raises(NotFound):
        await remove(project.repo, project.repo.path, clock=project.clock)

    assert made.path.exists()
    assert theirs.exists()


async def test_a_folder_swapped_for_the_main_checkout_is_not_removed(project: Project) -> None:
    made = await released(project)
    made.path.rename(made.path.with_name("away"))
    made.path.symlink_to(project.repo.path)

    with pytest.raises(NotOurWorktree):
        await remove(project.repo, made.path, clock=project.clock)

    assert (project.repo.path / "a.txt").exists()


async def test_the_branch_is_kept_too_when_something_else_is_checked_out_and_dirty(
    project: Project,
) -> None:
    made = await released(project)
    git = project.disk.git
    (made.path / "mine.txt").write_text("on the branch\n")
    git("add", "--all", cwd=made.path)
    git("commit", "-qm", "on the branch", cwd=made.path)
    git("checkout", "-q", "--detach", "main", cwd=made.path)
    (made.path / "new.txt").write_text("uncommitted\n")

    gone = await remove(project.repo, made.path, clock=project.clock, delete_branch=True)

    assert "on the branch" in git("log", "--format=%s", gone.preserved.ref)
    assert git("show", f"{gone.preserved.ref}:new.txt") == "uncommitted"
