"""A worktree that cannot be taken up is made anew for an agent, and nothing of it is lost."""

from __future__ import annotations

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
