"""Whole runs: a real runner, a real agent process, a real worktree."""

from __future__ import annotations

import json
import os
import shutil
import signal
from typing import TYPE_CHECKING

import psutil
import pytest

from core.agents.driver import DriverUnavailable
from core.agents.profiles import AgentProfile
from core.dispatch import launch
from core.dispatch.capacity import hold_back
from core.dispatch.control import ask
from core.dispatch.live import run_record, settled
from core.dispatch.recovery import recover
from core.domain.run import ControlVerb, RunStatus
from core.domain.task import TaskStatus
from core.errors import Refused
from core.events import log
from core.processes.identity import WINDOWS, identify, look, suspend
from core.queue import outcomes
from core.store.schema import ClaimRow
from core.store.transactions import transaction
from tests.runs import QUICK
from tests.waiting import wait_until_async

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from tests.runs import RunProject

WAIT = {"wait_for": "/no/such/file"}


def asked(project: RunProject, run_id: str, verb: ControlVerb) -> None:
    ask(project.repo, run_id, verb, now=project.clock.now(), actor="ana")


async def test_a_run_commits_and_its_task_waits_for_review(project: RunProject) -> None:
    run = await project.run_through(
        {"say": "Reading the file"},
        {"edit": {"path": "a.txt", "old": "line 1\n", "new": "line one\n"}},
        {"commit": "say one"},
        {"say": "All done"},
    )

    assert (run.status, run.exit_code, run.reason) == (RunStatus.DONE, 0, "")
    assert project.task("task-1").status is TaskStatus.REVIEW
    assert project.disk.git("log", "-1", "--format=%s %an", "worker/agent-1/task-1") == (
        "say one Weft Tests"
    )
    assert run.last_message == "All done"
    assert project.said(run, "message") == ["Reading the file", "All done"]
    assert project.disk.git("status", "--porcelain") == ""
    kinds = [event.kind for event in log.read() if event.run == run.id]
    assert kinds == [
        "run.created", "run.taken", "run.started", "task.started", "run.ended", "task.review",
    ]  # fmt: skip


async def test_what_is_left_uncommitted_is_committed_with_the_title(project: RunProject) -> None:
    run = await project.run_through({"write": {"path": "new.txt", "text": "new\n"}})

    branch = "worker/agent-1/task-1"
    assert run.status is RunStatus.DONE
    assert project.disk.git("log", "-1", "--format=%s", branch) == "Say hello"
    assert project.disk.git("show", f"{branch}:new.txt") == "new"


async def test_a_run_that_changed_nothing_still_goes_to_review_and_says_so(
    project: RunProject,
) -> None:
    run = await project.run_through({"say": "Nothing to do"})

    assert run.status is RunStatus.DONE
    assert run.last_message == "Nothing to do (It changed nothing on its branch.)"
    assert run.reason == "The agent ended well but changed nothing on its branch."
    assert project.task("task-1").status is TaskStatus.REVIEW
    (review,) = [event for event in log.read() if event.kind == "task.review"]
    assert review.data["why"] == run.reason


async def test_a_failed_run_returns_its_task_with_the_reason_and_keeps_its_work(
    project: RunProject,
) -> None:
    run = await project.run_through(
        {"write": {"path": "half.txt", "text": "half\n"}}, {"fail": {"code": 3}}
    )

    task = project.task("task-1")
    assert (run.status, run.exit_code) == (RunStatus.FAILED, 3)
    assert run.reason == "The agent ended with exit status 3."
    assert (task.status, task.attempts, task.last_error) == (TaskStatus.BACKLOG, 1, run.reason)
    assert project.disk.git("show", "refs/weft/preserved/task-1/1:half.txt") == "half"
    assert (project.worktree(run) / "half.txt").exists()


async def test_the_next_attempt_is_told_why_the_last_one_failed(project: RunProject) -> None:
    await project.run_through({"fail": {"code": 3}})

    code = "import sys; print(sys.stdin.read())"
    run = await project.ended(await project.launch(project.python(code), key="task-1"))

    assert "- An earlier attempt ended with: The agent ended with exit status 3." in project.said(
        run
    )


async def test_another_agent_is_told_where_the_uncommitted_work_is_kept(
    project: RunProject,
) -> None:
    project.add_agent("agent-2")
    await project.run_through({"write": {"path": "half.txt", "text": "half\n"}}, {"fail": {}})
    claim = project.claim("task-1", "agent-2")
    await project.provision(claim)
    code = "import sys; print(sys.stdin.read())"

    run = await launch.launch_run(
        project.repo, project.task("task-1"), claim, project.python(code), QUICK,
        clock=project.clock, actor="person",
    )  # fmt: skip

    said = "\n".join(project.said(await project.ended(run)))
    assert "refs/weft/preserved/task-1/1" in said
    assert "on the branch worker/agent-1/task-1" in said


async def test_an_agent_that_leaves_its_branch_fails(project: RunProject) -> None:
    code = "import os; os.system('git switch -q -c elsewhere')"

    run = await project.ended(await project.launch(project.python(code)))

    assert run.status is RunStatus.FAILED
    assert "left its branch" in run.reason


async def test_a_lock_that_a_killed_git_left_does_not_keep_the_work_from_review(
    project: RunProject,
) -> None:
    code = (
        "import pathlib, subprocess as s; pathlib.Path('new.txt').write_text('new')\n"
        "done = s.run(['git', 'rev-parse', '--git-path', 'index.lock'], stdout=s.PIPE, text=True)\n"
        "pathlib.Path(done.stdout.strip()).touch()"
    )

    run = await project.ended(await project.launch(project.python(code)))

    assert (run.status, run.reason) == (RunStatus.DONE, "")
    assert "Removed index.lock: the process that made it is gone." in project.said(run)


async def test_abort_ends_the_whole_tree_even_deaf_daemons(project: RunProject) -> None:
    note = str(project.note("pids"))
    run = await project.launch(
        project.script(
            {"spawn": {"note": note}},
            {"spawn": {"note": note, "daemon": True}},
            {"deaf": True},
            {"write": {"path": "begun.txt", "text": "begun\n"}},
            WAIT,
        )
    )
    pids = project.note("pids")
    await wait_until_async(lambda: pids.exists() and len(pids.read_text().split()) == 2)
    await wait_until_async((project.worktree(run) / "begun.txt").exists)

    asked(project, run.id, ControlVerb.ABORT)
    run = await project.ended(run)

    assert (run.status, run.reason) == (RunStatus.ABORTED, "Stopped by ana.")
    assert project.members(run) == ()
    assert not any(identify(int(pid)) for pid in pids.read_text().split())
    assert project.task("task-1").status is TaskStatus.BACKLOG
    assert project.task("task-1").attempts == 0
    assert project.disk.git("show", "refs/weft/preserved/task-1/1:begun.txt") == "begun"


async def test_pause_stops_every_process_and_resume_lets_the_run_finish(
    project: RunProject,
) -> None:
    note = str(project.note("pids"))
    run = await project.launch(
        project.script(
            {"spawn": {"note": note}},
            {"spawn": {"note": note, "daemon": True}},
            {"wait_for": note},
            {"burn": 1.5},
            {"print": "burnt"},
        )
    )
    pids = project.note("pids")
    await wait_until_async(lambda: pids.exists() and len(pids.read_text().split()) == 2)

    asked(project, run.id, ControlVerb.PAUSE)
    paused = await settled(run.id, frozenset({RunStatus.PAUSED}), limit_s=30)
    members = project.members(run)
    before = [psutil.Process(pid).cpu_times() for pid in members]
    with pytest.raises(Refused, match="paused already"):
        asked(project, run.id, ControlVerb.PAUSE)
    states = {seen.state for pid in members if (seen := look(pid))}
    after = [psutil.Process(pid).cpu_times() for pid in members]
    asked(project, run.id, ControlVerb.RESUME)
    ended = await project.ended(run)

    assert paused.status is RunStatus.PAUSED
    assert len(members) >= 3
    assert states == {"T"}
    assert before == after
    assert ended.status is RunStatus.DONE
    assert "burnt" in project.said(run)
    assert project.said(run, "state")[1:3] == ["Paused by ana.", "Resumed by ana."]


async def test_a_paused_run_can_be_aborted(project: RunProject) -> None:
    run = await project.launch(project.script(WAIT))
    asked(project, run.id, ControlVerb.PAUSE)
    await settled(run.id, frozenset({RunStatus.PAUSED}), limit_s=30)

    asked(project, run.id, ControlVerb.ABORT)

    assert (await project.ended(run)).status is RunStatus.ABORTED
    assert project.members(run) == ()


async def test_an_ended_run_takes_no_wishes(project: RunProject) -> None:
    run = await project.run_through({"say": "done"})

    with pytest.raises(Refused, match="no live run"):
        asked(project, run.id, ControlVerb.ABORT)
    with pytest.raises(Refused):
        asked(project, run.id, ControlVerb.RESUME)


async def test_a_worktree_deleted_under_its_agent_fails_the_run_and_touches_nothing_else(
    project: RunProject,
) -> None:
    before = project.disk.fingerprint()[2]
    run = await project.launch(project.script({"say": "here"}, WAIT))

    shutil.rmtree(project.worktree(run))
    run = await project.ended(run)

    assert run.status is RunStatus.FAILED
    assert run.reason.endswith("was deleted.")
    assert project.members(run) == ()
    assert project.disk.fingerprint()[2] == before
    assert project.disk.git("rev-parse", "--verify", "worker/agent-1/task-1")


async def test_nothing_is_started_in_a_worktree_that_points_to_the_main_checkout(
    project: RunProject,
) -> None:
    key = project.add_task().key
    claim = project.claim(key)
    made = await project.provision(claim)
    shutil.rmtree(made.path)
    made.path.symlink_to(project.repo.path)
    script = project.script({"write": {"path": "intruder.txt", "text": "x"}})

    run = await launch.launch_run(
        project.repo, project.task(key), claim, script, QUICK, clock=project.clock, actor="ana"
    )
    run = await project.ended(run)

    assert run.status is RunStatus.FAILED
    assert "symbolic link" in run.reason
    assert not (project.repo.path / "intruder.txt").exists()


async def test_a_missing_program_is_said_before_anything_is_recorded(project: RunProject) -> None:
    with pytest.raises(DriverUnavailable, match="'no-such-agent' is not installed"):
        await project.launch(AgentProfile("x", "X", "command", ("no-such-agent",), {}))

    assert outcomes.list_runs(project.repo) == ()


async def test_a_program_that_is_missing_only_in_the_worktree_fails_the_run(
    project: RunProject,
) -> None:
    run = await project.launch(AgentProfile("x", "X", "command", ("./agent.sh",), {}))

    assert run.status is RunStatus.FAILED
    assert run.reason == "./agent.sh could not be started: No such file or directory."
    assert project.task("task-1").status is TaskStatus.BACKLOG


async def test_a_run_needs_a_git_identity(
    project: RunProject, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = project.add_task().key
    claim = project.claim(key)
    await project.provision(claim)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)

    with pytest.raises(launch.NoIdentity) as refused:
        await launch.launch_run(
            project.repo, project.task(key), claim, project.script(), QUICK,
            clock=project.clock, actor="ana",
        )  # fmt: skip

    assert "git config --global user.email" in refused.value.hint


async def test_the_agent_sees_only_what_it_may(
    project: RunProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "x")
    monkeypatch.setenv("WEFT_DATABASE_URL", f"sqlite:///{project.note('other.db')}")
    monkeypatch.delenv("WEFT_DATABASE_URL")
    code = "import json, os; print(json.dumps(dict(os.environ)))"

    run = await project.ended(await project.launch(project.python(code)))

    seen = json.loads(project.said(run, "output")[0])
    assert seen["WEFT_RUN"] == run.id
    assert seen["WEFT_TASK"] == "task-1"
    assert seen["GIT_AUTHOR_EMAIL"] == "tests@weft.invalid"
    assert not {"SECRET_TOKEN", "WEFT_HOME", "PYTHONPATH", "WEFT_LAUNCH_TOKEN"} & set(seen)


async def test_a_second_runner_of_a_run_is_refused(project: RunProject) -> None:
    run = await project.launch(project.script(WAIT))
    first = run_record(run.id).runner_pid

    second = launch._spawn(run.id, "not the token", "prompt")
    await wait_until_async(lambda: second.poll() is not None)

    assert second.returncode == 1
    assert run_record(run.id).runner_pid == first
    assert len(project.members(run)) == 1
    asked(project, run.id, ControlVerb.ABORT)
    await project.ended(run)


async def test_a_run_whose_claim_was_taken_back_stops_and_leaves_the_task_alone(
    project: RunProject,
) -> None:
    run = await project.launch(project.script({"say": "on it"}, WAIT))

    with transaction():
        ClaimRow.update(fence=ClaimRow.fence + 1).execute()
    run = await project.ended(run)

    assert (run.status, run.reason) == (RunStatus.LOST, "Its claim was taken back.")
    assert project.members(run) == ()
    assert project.task("task-1").status is TaskStatus.IN_PROGRESS
    assert project.task("task-1").attempts == 0


@pytest.mark.skipif(WINDOWS, reason="there a signal ends it without a word, as a crash does")
async def test_a_runner_that_is_told_to_terminate_ends_its_agent(project: RunProject) -> None:
    run = await project.launch(project.script(WAIT))
    runner = run_record(run.id).runner_pid
    assert runner is not None

    os.kill(runner, signal.SIGTERM)
    run = await project.ended(run)

    assert (run.status, run.reason) == (
        RunStatus.LOST,
        "Its runner was told to end by the system.",
    )
    assert project.members(run) == ()
    assert project.task("task-1").status is TaskStatus.BACKLOG


async def test_the_lease_is_renewed_and_the_last_words_are_kept(project: RunProject) -> None:
    run = await project.launch(project.script({"say": "thinking"}, WAIT))
    first = ClaimRow.get().lease_expires_ms

    await wait_until_async(lambda: ClaimRow.get().lease_expires_ms != first)
    await wait_until_async(lambda: run_record(run.id).last_message == "thinking")

    asked(project, run.id, ControlVerb.ABORT)
    await project.ended(run)


async def test_capacity_says_what_a_start_waits_for(project: RunProject) -> None:
    assert hold_back(project.repo, max_workers=1, min_free_memory_mb=0) == ""
    memory = hold_back(project.repo, max_workers=1, min_free_memory_mb=10**9)
    run = await project.launch(project.script(WAIT))

    workers = hold_back(project.repo, max_workers=1, min_free_memory_mb=0)

    assert "1000000000 MB" in memory
    assert "1 of 1" in workers
    asked(project, run.id, ControlVerb.ABORT)
    await project.ended(run)


async def test_an_agent_whose_runner_dies_at_once_is_stopped_before_its_task_is_free(
    project: RunProject,
) -> None:
    shell = "echo begun > begun.txt; kill -9 $PPID; exec sleep 600"
    agent = AgentProfile("sh", "Shell", "command", ("sh", "-c", shell), {})

    run = await project.launch(agent)
    pid = run_record(run.id).runner_pid
    assert pid is not None
    await wait_until_async(lambda: identify(pid) is None)
    await recover(project.repo, clock=project.clock, max_attempts=2)

    assert run_record(run.id).status in {RunStatus.FAILED, RunStatus.LOST}
    assert project.members(run) == ()
    assert project.task("task-1").status is TaskStatus.BACKLOG
    assert project.disk.git("show", "refs/weft/preserved/task-1/1:begun.txt") == "begun"


async def test_a_runner_that_is_suspended_while_it_starts_is_woken(
    project: RunProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    spawn = launch._spawn

    def suspended(*words: str) -> subprocess.Popen[bytes]:
        runner = spawn(*words)
        found = identify(runner.pid)
        assert found is not None
        assert suspend(found)
        return runner

    monkeypatch.setattr(launch, "_spawn", suspended)
    monkeypatch.setattr(launch, "START_LIMIT_S", 20.0)

    run = await project.launch(project.script({"say": "Here"}))

    assert run.status is not RunStatus.STARTING
    assert (await project.ended(run)).status is RunStatus.DONE


async def test_a_home_that_is_named_from_here_is_the_runners_too(
    project: RunProject, weft_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(weft_home.parent)
    monkeypatch.setenv("WEFT_HOME", weft_home.name)

    run = await project.run_through({"say": "Here"})

    assert run.status is RunStatus.DONE, run.reason
    assert not (weft_home / weft_home.name).exists()
