"""Worktrees are made once, taken up again, repaired after a kill, and never mistaken."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.domain.worktree import Standing, WorktreeState
from core.errors import Refused, UserError
from core.events import log
from core.processes.identity import identify, is_alive
from core.queue.claims import release
from core.worktrees import journal
from core.worktrees.guard import NotOurWorktree, require_worktree
from core.worktrees.naming import Templates
from core.worktrees.provision import Furnishing
from core.worktrees.survey import survey
from tests.waiting import wait_until_async

if TYPE_CHECKING:
    from tests.project import Project


async def test_a_claimed_task_gets_a_worktree_on_its_own_branch(project: Project) -> None:
    project.add_task()

    made = await project.provisioned("task-1")

    assert made.state is WorktreeState.READY
    assert made.path == project.disk.path.parent / "repo-worktrees" / "agent-1" / "task-1"
    assert project.disk.git("symbolic-ref", "HEAD", cwd=made.path).endswith("agent-1/task-1")
    assert project.disk.git("status", "--porcelain") == ""
    assert [event.kind for event in log.read()][-2:] == ["worktree.creating", "worktree.ready"]


async def test_a_worktree_inside_the_checkout_is_not_seen_by_git_status(project: Project) -> None:
    project.templates = Templates(".worktrees/{worker}/{task}")
    project.add_task()

    await project.provisioned("task-1")

    assert project.disk.git("status", "--porcelain", "--untracked-files=all") == ""


async def test_a_new_attempt_goes_on_with_commits_and_uncommitted_files(project: Project) -> None:
    project.add_task()
    made = await project.provisioned("task-1")
    (made.path / "done.txt").write_text("done\n")
    project.disk.git("add", "-A", cwd=made.path)
    project.disk.git("commit", "-qm", "half", cwd=made.path)
    (made.path / "begun.txt").write_text("begun\n")
    release(project.repo, "task-1", why="test", now=project.clock.now(), actor="person")

    again = await project.provisioned("task-1")

    assert again.path == made.path
    assert (made.path / "begun.txt").read_text() == "begun\n"
    assert project.disk.git("log", "-1", "--format=%s", cwd=made.path) == "half"


async def test_another_worker_gets_a_branch_of_its_own(project: Project) -> None:
    project.add_agent("agent-2")
    project.add_task()
    first = await project.provisioned("task-1")
    release(project.repo, "task-1", why="test", now=project.clock.now(), actor="person")

    second = await project.provisioned("task-1", "agent-2")

    assert second.path != first.path
    assert second.branch == "worker/agent-2/task-1"


async def test_a_worktree_deleted_by_hand_comes_back_with_its_commits(project: Project) -> None:
    project.add_task()
    claim = project.claim("task-1")
    made = await project.provision(claim)
    project.disk.git("commit", "-q", "--allow-empty", "-m", "kept", cwd=made.path)
    made.path.rename(made.path.with_name("elsewhere"))

    again = await project.provision(claim)

    assert again.state is WorktreeState.READY
    assert project.disk.git("log", "-1", "--format=%s", cwd=made.path) == "kept"


async def test_a_branch_without_own_commits_starts_from_todays_base(project: Project) -> None:
    project.add_task()
    claim = project.claim("task-1")
    made = await project.provision(claim)
    project.disk.git("worktree", "remove", "--force", str(made.path))
    newer = project.disk.commit("the base went on")
    release(project.repo, "task-1", why="test", now=project.clock.now(), actor="person")

    again = await project.provisioned("task-1")

    assert again.base_sha == newer
    assert project.disk.git("rev-parse", "HEAD", cwd=again.path) == newer


@pytest.mark.parametrize("other", ["worker", "worker/agent-1/task-1/mine"])
async def test_a_branch_whose_name_is_in_the_way_is_named(project: Project, other: str) -> None:
    project.disk.git("branch", other)
    project.add_task()

    with pytest.raises(Refused, match=f"while there is a branch {other}") as caught:
        await project.provisioned("task-1")

    assert f"git branch -m {other} NAME" in caught.value.hint
    project.disk.git("branch", "-D", other)
    await project.provisioned("task-1")


async def test_a_branch_that_is_not_ours_is_refused_and_left_alone(project: Project) -> None:
    project.disk.git("branch", "worker/agent-1/task-1")
    project.add_task()
    before = project.disk.fingerprint()

    with pytest.raises(Refused, match="exists already and was not made for task-1"):
        await project.provisioned("task-1")

    assert project.disk.fingerprint() == before
    assert journal.standing(project.repo) == ()


async def test_a_folder_that_is_not_ours_is_refused_and_left_alone(project: Project) -> None:
    project.add_task()
    claim = project.claim("task-1")
    mine = project.disk.path.parent / "repo-worktrees" / "agent-1" / "task-1" / "mine.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine\n")

    with pytest.raises(Refused, match="not Weft's worktree"):
        await project.provision(claim)

    assert mine.read_text() == "mine\n"


async def test_a_link_out_of_the_parent_folder_is_refused(project: Project, home: Path) -> None:
    project.add_task()
    (project.disk.path.parent / "repo-worktrees").symlink_to(home)

    with pytest.raises(UserError, match="symbolic link"):
        await project.provisioned("task-1")


@pytest.mark.parametrize("damage", ["no index", "no link", "locked", "empty", "only the row"])
async def test_what_a_killed_process_left_is_repaired(project: Project, damage: str) -> None:
    project.add_task()
    claim = project.claim("task-1")
    made = await project.provision(claim)
    git_dir = project.repo.git_dir / "worktrees" / "task-1"
    match damage:
        case "no index":
            (git_dir / "index").unlink()
            (made.path / "a.txt").unlink()
        case "no link":
            (made.path / ".git").unlink()
        case "locked":
            (git_dir / "locked").write_text("initializing")
            made.path.rename(made.path.with_name("gone"))
        case "empty":
            project.disk.git("worktree", "remove", "--force", str(made.path))
            made.path.mkdir()
        case "only the row":
            project.disk.git("worktree", "remove", "--force", str(made.path))
            project.disk.git("branch", "-D", made.branch)
    journal.begin(
        project.repo, task="task-1", worker="agent-1", path=made.path, branch=made.branch,
        base_sha=made.base_sha, now=project.clock.now(),
    )  # fmt: skip

    again = await project.provision(claim)

    assert again.state is WorktreeState.READY
    assert project.disk.git("status", "--porcelain", cwd=again.path) == ""
    require_worktree(project.repo.path, project.repo.git_dir, again.path)


async def test_named_ignored_files_are_copied_and_secrets_kept_private(project: Project) -> None:
    project.disk.commit("ignore", {".gitignore": ".env\nlocal/\n"})
    project.disk.write(".env", "TOKEN=x\n").chmod(0o644)
    project.disk.write("local/run.sh", "#!/bin/sh\n").chmod(0o755)
    project.add_task()

    made = await project.provisioned(
        "task-1", furnishing=Furnishing(copy=(".env", "local", "missing"))
    )

    assert (made.path / ".env").read_text() == "TOKEN=x\n"
    assert stat.S_IMODE((made.path / ".env").stat().st_mode) == 0o600
    assert os.access(made.path / "local" / "run.sh", os.X_OK)
    assert project.disk.git("status", "--porcelain", cwd=made.path) == ""


@pytest.mark.parametrize(
    "pattern", ["../x", "/etc/passwd", ".git/config", "out", "a/../../x", "circle"]
)
async def test_nothing_from_outside_the_repository_is_copied(
    project: Project, home: Path, pattern: str
) -> None:
    (home / "secret").write_text("x")
    (project.disk.path / "out").symlink_to(home / "secret")
    (project.disk.path / "circle").symlink_to("circle")
    project.add_task()

    with pytest.raises(UserError, match="cannot be copied"):
        await project.provisioned("task-1", furnishing=Furnishing(copy=(pattern,)))


async def test_the_set_up_runs_once_in_the_worktree_and_its_output_is_kept(
    project: Project,
) -> None:
    project.add_task()
    furnishing = Furnishing(setup="pwd && echo ran >> count.txt")
    claim = project.claim("task-1")

    made = await project.provision(claim, furnishing)
    await project.provision(claim, furnishing)

    assert (made.path / "count.txt").read_text() == "ran\n"
    assert str(made.path) in Path(made.setup_log).read_text()


async def test_a_set_up_that_fails_names_its_log_and_the_next_attempt_makes_all_anew(
    project: Project,
) -> None:
    project.add_task()
    claim = project.claim("task-1")

    with pytest.raises(UserError, match="status 3") as failed:
        await project.provision(claim, Furnishing(setup="echo broken pipe; exit 3"))

    assert "broken pipe" in failed.value.hint
    assert [w.state for w in journal.standing(project.repo)] == [WorktreeState.CREATING]
    assert (await project.provision(claim)).state is WorktreeState.READY


async def test_cancelling_a_set_up_leaves_no_process(project: Project, tmp_path: Path) -> None:
    project.add_task()
    note = tmp_path / "pid"
    line = f"setsid {sys.executable} -c 'import time; time.sleep(600)' & echo $! > {note}; wait"
    task = asyncio.create_task(project.provisioned("task-1", furnishing=Furnishing(setup=line)))
    await wait_until_async(lambda: note.exists() and note.read_text().strip())
    sleeper = identify(int(note.read_text()))

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert sleeper is None or not is_alive(sleeper)


async def test_many_worktrees_at_once_do_not_disturb_each_other(project: Project) -> None:
    for number in range(6):
        project.add_agent(f"bot-{number}")
        project.add_task(f"task {number}")

    made = await asyncio.gather(
        *(project.provisioned(f"task-{n + 1}", f"bot-{n}") for n in range(6))
    )

    assert {worktree.state for worktree in made} == {WorktreeState.READY}
    assert len(await survey(project.repo)) == 6


async def test_the_survey_tells_ours_from_theirs(project: Project) -> None:
    foreign = project.disk.worktree("theirs")
    project.add_agent("agent-2")
    project.add_task()
    project.add_task()
    ours = await project.provisioned("task-1")
    gone = await project.provisioned("task-2", "agent-2")
    (ours.path / "new.txt").write_text("x")
    project.disk.git("commit", "-q", "--allow-empty", "-m", "one", cwd=ours.path)
    gone.path.rename(gone.path.with_name("away"))

    seen = {found.path: found for found in await survey(project.repo)}

    assert seen[foreign].standing is Standing.FOREIGN
    assert (seen[ours.path].standing, seen[ours.path].dirty) == (Standing.READY, 1)
    assert seen[ours.path].ahead == 1
    assert (seen[gone.path].standing, seen[gone.path].dirty) == (Standing.MISSING, None)


async def test_the_guard_lets_nothing_but_the_linked_worktree_pass(project: Project) -> None:
    project.add_task()
    made = await project.provisioned("task-1")
    main, git_dir = project.repo.path, project.repo.git_dir
    link = made.path.with_name("link")
    link.symlink_to(main)

    for wrong in (main, link, made.path / "sub", main.parent):
        with pytest.raises(NotOurWorktree):
            require_worktree(main, git_dir, wrong)
    (made.path / ".git").write_text(f"gitdir: {git_dir}\n")
    with pytest.raises(NotOurWorktree, match="tampered"):
        require_worktree(main, git_dir, made.path)


async def test_an_owned_task_shows_in_the_reasons_not_to_remove(project: Project) -> None:
    project.add_task()
    await project.provisioned("task-1")

    assert journal.owner(project.repo, "task-1") == "agent-1 owns task-1."
