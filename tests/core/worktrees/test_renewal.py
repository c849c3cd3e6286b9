"""A worktree that cannot be taken up is made anew for an agent, and nothing of it is lost."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from core.domain.task import NewTask
from core.domain.worktree import WorktreeState
from core.errors import Refused
from core.events import log
from core.queue.claims import release
from core.tasks import board
from core.worktrees.guard import NotOurWorktree, require_worktree
from core.worktrees.provision import Furnishing

if TYPE_CHECKING:
    from pathlib import Path

    from core.domain.worktree import Worktree
    from tests.project import Project

OF_AGENT = Furnishing(may_renew=True)
PRESERVED = "refs/weft/preserved/task-1/1"


async def begun(project: Project) -> Worktree:
    """A worktree of a task that is back in the backlog, with a commit and a file beside it."""
    project.add_task()
    made = await project.provisioned("task-1")
    project.disk.git("commit", "-q", "--allow-empty", "-m", "done", cwd=made.path)
    (made.path / "begun.txt").write_text("begun\n")
    release(project.repo, "task-1", why="test", now=project.clock.now(), actor="person")
    return made


def check_sound(project: Project, made: Worktree) -> None:
    assert made.state is WorktreeState.READY
    require_worktree(project.repo.path, project.repo.git_dir, made.path)
    assert project.disk.git("symbolic-ref", "--short", "HEAD", cwd=made.path) == made.branch
    assert project.disk.git("status", "--porcelain", cwd=made.path) == ""


@pytest.mark.parametrize("where", ["-c elsewhere", "--detach"])
async def test_a_worktree_on_another_branch_is_made_anew_and_its_work_preserved(
    project: Project, where: str
) -> None:
    made = await begun(project)
    project.disk.git("switch", "-q", *where.split(), cwd=made.path)
    project.disk.git("commit", "-q", "--allow-empty", "-m", "elsewhere", cwd=made.path)

    again = await project.provisioned("task-1", furnishing=OF_AGENT)

    check_sound(project, again)
    assert project.disk.git("log", "-1", "--format=%s", cwd=again.path) == "done"
    assert project.disk.git("show", f"{PRESERVED}:begun.txt") == "begun"
    assert project.disk.git("log", "-1", "--format=%s", f"{PRESERVED}^") == "elsewhere"
    (event,) = [event for event in log.read() if event.kind == "worktree.renewed"]
    assert event.data["preserved_ref"] == PRESERVED


@pytest.mark.parametrize("damage", ["gone", "gone and pruned", "its own repository"])
async def test_a_folder_whose_link_is_broken_is_put_aside_whole(
    project: Project, damage: str
) -> None:
    made = await begun(project)
    (made.path / ".git").unlink()
    if damage == "gone and pruned":
        project.disk.git("worktree", "prune", "--expire=now")
    elif damage == "its own repository":
        project.disk.git("init", "-q", cwd=made.path)

    again = await project.provisioned("task-1", furnishing=OF_AGENT)

    check_sound(project, again)
    assert project.disk.git("log", "-1", "--format=%s", cwd=again.path) == "done"
    aside = made.path.with_name("task-1.aside-1")
    assert (aside / "begun.txt").read_text() == "begun\n"
    assert log.read()[-3].data["aside"] == str(aside)


@pytest.mark.parametrize("damage", ["a repository inside", "no link", "no folder"])
async def test_commits_of_no_branch_and_what_is_staged_outlive_gits_entry(
    project: Project, damage: str
) -> None:
    made = await begun(project)
    git = project.disk.git
    git("switch", "-q", "--detach", cwd=made.path)
    git("commit", "-q", "--allow-empty", "-m", "of no branch", cwd=made.path)
    (made.path / "begun.txt").write_text("staged\n")
    git("add", "begun.txt", cwd=made.path)
    (made.path / "begun.txt").write_text("begun\n")
    if damage == "a repository inside":
        git("init", "-q", "inside", cwd=made.path)
    elif damage == "no link":
        (made.path / ".git").unlink()
    else:
        shutil.rmtree(made.path)

    again = await project.provisioned("task-1", furnishing=OF_AGENT)

    check_sound(project, again)
    assert git("show", f"{PRESERVED}:begun.txt") == "staged"
    assert git("log", "-1", "--format=%s", f"{PRESERVED}^") == "of no branch"
    (event,) = [event for event in log.read() if event.kind == "worktree.renewed"]
    assert event.data["preserved_ref"] == PRESERVED


async def test_a_folder_that_is_put_aside_has_no_hand_in_the_new_worktree(
    project: Project,
) -> None:
    made = await begun(project)
    project.disk.git("switch", "-q", "--detach", cwd=made.path)
    project.disk.git("init", "-q", "inside", cwd=made.path)

    await project.provisioned("task-1", furnishing=OF_AGENT)

    aside = made.path.with_name("task-1.aside-1")
    assert (aside / "begun.txt").exists()
    assert not (aside / ".git").exists()


async def test_a_persons_worktree_on_a_drive_that_is_away_keeps_its_entry(
    project: Project, tmp_path: Path
) -> None:
    made = await begun(project)
    theirs = tmp_path / "theirs"
    project.disk.git("worktree", "add", "-q", "--detach", str(theirs))
    theirs.rename(tmp_path / "away")
    shutil.rmtree(made.path)

    await project.provisioned("task-1", furnishing=OF_AGENT)

    assert str(theirs) in project.disk.git("worktree", "list", "--porcelain")


async def test_a_person_is_told_instead(project: Project) -> None:
    made = await begun(project)
    project.disk.git("switch", "-q", "-c", "elsewhere", cwd=made.path)

    with pytest.raises(Refused, match="is on refs/heads/elsewhere"):
        await project.provisioned("task-1")

    (made.path / ".git").unlink()
    with pytest.raises((Refused, NotOurWorktree)):
        await project.provisioned("task-1")
    assert (made.path / "begun.txt").exists()


def removed_and_added(project: Project) -> None:
    now = project.clock.now()
    board.remove_task(project.repo, "task-1", now=now, actor="person")
    new = NewTask("Another", key="task-1")
    board.add_task(project.repo, new, now=now, actor="person")


async def test_a_new_task_of_an_old_name_begins_with_nothing_of_the_old_one(
    project: Project,
) -> None:
    made = await begun(project)
    removed_and_added(project)

    again = await project.provisioned("task-1", furnishing=OF_AGENT)

    check_sound(project, again)
    assert again.task == "task-1"
    assert not (again.path / "begun.txt").exists()
    assert project.disk.head(again.branch) == project.disk.head("main")
    assert project.disk.git("show", f"{PRESERVED}:begun.txt") == "begun"
    assert project.disk.git("log", "-1", "--format=%s", f"{PRESERVED}^") == "done"
    assert made.path == again.path


async def test_a_person_keeps_the_work_of_a_removed_task(project: Project) -> None:
    made = await begun(project)
    removed_and_added(project)

    with pytest.raises(Refused, match="worktree of a task that was removed"):
        await project.provisioned("task-1")

    assert (made.path / "begun.txt").exists()
