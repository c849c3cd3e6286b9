"""What goes wrong while agents are at work: nothing is lost, and what happened is told."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from tests.end_to_end.black_box import ENDS_S, WindowProcess
from tests.end_to_end.team import Team
from tests.killing import KILL
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tests.end_to_end.black_box import Weft
    from tests.scenarios import Repo

pytestmark = pytest.mark.timeout(180)
INTERRUPTED = 130
MEGABYTE = 1024 * 1024


@pytest.fixture
def team(weft: Weft, tmp_path: Path, weft_home: Path) -> Team:
    """Three agents, each of which follows the script of its task."""
    return Team.of(weft, tmp_path / "scripts", weft_home, size=3)


def write(path: str, text: str = "made by an agent\n") -> dict[str, Any]:
    return {"write": {"path": path, "text": text}}


def until_ended(weft: Weft, key: str) -> dict[str, Any]:
    """Wait until the task's newest run has ended, and return the task."""
    wait_until(lambda: weft.task(key)["runs"][0]["ended_at"] is not None)
    return weft.task(key)


def test_a_worktree_deleted_while_its_agent_runs(team: Team, weft: Weft, repo: Repo) -> None:
    team.add_task(
        "task-1",
        write("kept.txt"),
        {"commit": "Keep this"},
        team.here("one"),
        team.wait("one"),
        write("late.txt"),
    )
    untouched = repo.fingerprint()[1:]
    weft("run", "task-1")
    team.until_here("one")
    task = weft.task("task-1")

    shutil.rmtree(task["worktree"])
    ended = until_ended(weft, "task-1")
    team.let_go("one")

    assert (ended["status"], ended["runs"][0]["status"]) == ("backlog", "failed")
    assert ended["last_error"] == f"Its worktree {task['worktree']} was deleted."
    assert repo.fingerprint()[1:] == untouched
    assert repo.git("show", f"{task['branch']}:kept.txt") == "made by an agent"

    team.rewrite("task-1", write("second.txt"))
    weft("run", "task-1", "--wait")

    assert weft.task("task-1")["status"] == "review"
    assert repo.git("ls-tree", "--name-only", task["branch"], "second.txt", "kept.txt")
    assert repo.fingerprint()[1:] == untouched


def test_a_worktree_deleted_between_claim_and_start_is_made_anew(
    team: Team, weft: Weft, repo: Repo
) -> None:
    where = [sys.executable, "-c", "import os; print('in', os.getcwd()); open('made.txt', 'w')"]
    team.add_profile("where", "command", where)
    weft("worker", "add", "agent-w", "--type", "agent", "--agent", "where")
    weft("task", "add", "Say where", "--key", "task-1")
    claim = weft.json("claim", "task-1", "--worker", "agent-w")
    untouched = repo.fingerprint()[1:]

    shutil.rmtree(claim["worktree"])
    weft("run", "task-1", "--wait")

    said = Path(weft.task("task-1")["runs"][0]["transcript"]).read_text(encoding="utf-8")
    assert f"in {claim['worktree']}" in said
    assert repo.fingerprint()[1:] == untouched


@pytest.mark.skipif(os.name == "nt", reason="symbolic links, sh")
@pytest.mark.parametrize(
    "trick",
    [
        'cd / && rm -rf "$here"',
        'cd / && rm -rf "$here" && ln -s "$WEFT_REPO" "$here"',
        'echo "gitdir: $WEFT_REPO/.git" > .git',
        "rm .git",
        "rm .git && git init --quiet . && git commit --quiet --allow-empty -m mine",
    ],
    ids=["removed", "linked", "redirected", "cut off", "replaced"],
)
def test_an_agent_that_makes_its_worktree_look_like_the_main_checkout(
    team: Team, weft: Weft, repo: Repo, trick: str
) -> None:
    script = f'here="$PWD"; echo work > work.txt; {trick}; exit 0'
    team.add_profile("tricky", "command", ["sh", "-c", script])
    weft("task", "add", "Play a trick", "--key", "task-1")
    repo.write("a.txt", "a change of mine that is not committed\n")
    repo.write("mine.txt", "untracked\n")
    untouched, head = repo.fingerprint()[1:], repo.head("main")

    weft("run", "task-1", "--agent", "tricky", "--wait", status=1)

    task = weft.task("task-1")
    assert (task["status"], task["runs"][0]["status"]) == ("backlog", "failed")
    assert task["worktree"] in task["last_error"]
    assert repo.fingerprint()[1:] == untouched
    assert repo.head("main") == repo.head() == head


def test_an_agent_program_that_is_missing(team: Team, weft: Weft, repo: Repo) -> None:
    program = team.folder / "agent.sh"
    program.write_text("#!/bin/sh\ntrue\n", encoding="utf-8")
    program.chmod(0o755)
    team.add_profile("gone", "command", [str(program), "{task}"])
    team.add_profile("never", "command", ["no-such-program-anywhere"])
    weft("task", "add", "Do it", "--key", "task-1")
    weft("worker", "add", "agent-gone", "--type", "agent", "--agent", "gone")
    program.unlink()

    never = weft.tried("run", "task-1", "--agent", "never", "--wait")
    gone = weft.tried("run", "task-1", "--agent", "gone", "--wait")

    assert never.status == gone.status == 1
    assert "no-such-program-anywhere" in never.err
    assert str(program) in gone.err
    assert weft.task("task-1")["status"] == "backlog"
    assert weft.runs() == []
    notes = {worker["name"]: worker["note"] for worker in weft.json("worker", "list")}
    assert str(program) in notes["agent-gone"]


@pytest.mark.skipif(sys.platform != "linux", reason="how the runner's peak memory is read")
def test_an_agent_that_prints_what_no_screen_should_see(team: Team, weft: Weft) -> None:
    team.add_task(
        "task-1",
        {"flood": {"bytes": 64 * MEGABYTE, "kind": "one_line"}},
        {"print": ""},
        {"flood": {"bytes": MEGABYTE, "kind": "invalid"}},
        {"flood": {"bytes": MEGABYTE, "kind": "escapes"}},
        {"print": ""},
        {"say": "that was all"},
        team.here("one"),
        team.wait("one"),
        write("done.txt"),
    )
    weft("run", "task-1")
    team.until_here("one")
    wait_until(lambda: weft.runs()[0]["last_message"] == "that was all")
    peak = peak_memory(weft.runs()[0]["runner_pid"])
    team.let_go("one")
    run = until_ended(weft, "task-1")["runs"][0]

    assert run["status"] == "done"
    assert peak < 120 * MEGABYTE
    raw = Path(run["transcript"]).read_bytes()
    assert len(raw) < 16 * MEGABYTE
    lines = [json.loads(line)["text"] for line in raw.decode("utf-8").splitlines()]
    assert any("bytes cut" in line for line in lines)
    assert not any(ord(char) < 32 and char != "\t" for line in lines for char in line)
    assert "\x1b" not in weft("log", "task-1").out


def peak_memory(pid: int) -> int:
    """Return the most bytes of memory that a process has had."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    (peak,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(peak.split()[1]) * 1024


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
@pytest.mark.parametrize("look", ["status", "doctor"])
def test_a_runner_that_is_killed(team: Team, weft: Weft, repo: Repo, look: str) -> None:
    team.add_task(
        "task-1",
        write("committed.txt"),
        {"commit": "Half of it"},
        write("open.txt", "not committed\n"),
        team.here("one"),
        team.wait("one"),
    )
    weft("run", "task-1")
    team.until_here("one")
    run = weft.runs()[0]

    os.kill(run["runner_pid"], KILL)
    wait_until(lambda: not is_running(run["runner_pid"]))
    weft(look)

    task = weft.task("task-1")
    assert (task["status"], task["runs"][0]["status"]) == ("backlog", "lost")
    assert task["last_error"] == "Its runner died."
    assert not is_running(run["pid"])
    (kept,) = repo.git("for-each-ref", "--format=%(refname)", "refs/weft/preserved").splitlines()
    assert repo.git("show", f"{kept}:open.txt") == "not committed"
    assert repo.git("show", f"{kept}:committed.txt") == "made by an agent"
    assert Path(task["worktree"] or run_worktree(repo), "open.txt").exists()

    team.rewrite("task-1", write("rest.txt"), {"commit": "The rest"})
    weft("run", "task-1", "--wait")

    again = weft.task("task-1")
    assert again["status"] == "review"
    assert repo.git("show", f"{again['branch']}:committed.txt") == "made by an agent"
    assert repo.git("fsck", "--no-dangling") == ""


def is_running(pid: int) -> bool:
    """Return whether a process is there and not dead already, unburied by its parent."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def run_worktree(repo: Repo) -> str:
    """Return the only linked worktree."""
    listed = repo.git("worktree", "list", "--porcelain").splitlines()
    (path,) = [line.removeprefix("worktree ") for line in listed if line.startswith("worktree ")][
        1:
    ]
    return path


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_a_window_that_is_killed_while_three_runs_go_on(team: Team, weft: Weft) -> None:
    keys = ("task-1", "task-2", "task-3")
    for key in keys:
        team.add_task(key, team.here(key), team.wait("all"), write(f"{key}.txt"), {"say": key})
    window = WindowProcess(weft.folder)
    window.tell("run")
    team.until_here(*keys)
    before = {run["task"]: run["pid"] for run in weft.runs()}

    window.kill()
    after = {run["task"]: run["pid"] for run in weft.runs()}
    team.let_go("all")
    wait_until(lambda: not weft.runs())

    assert after == before
    assert set(before) == set(keys)
    with closing(WindowProcess(weft.folder)) as anew:
        wait_until(lambda: anew.of("board"))
        (board,) = anew.of("board")
    assert {task["key"]: task["status"] for task in board["tasks"]} == dict.fromkeys(keys, "review")
    assert {run["task"]: run["status"] for run in board["runs"]} == dict.fromkeys(keys, "done")
    assert {run["last_message"] for run in board["runs"]} == set(keys)


def test_all_tells_what_it_starts(team: Team, weft: Weft) -> None:
    team.add_task("task-1", write("made.txt"))

    assert " works on task-1 (run-" in weft("run", "--all").err
    assert until_ended(weft, "task-1")["status"] == "review"


@pytest.mark.skipif(os.name == "nt", reason="SIGINT")
def test_ctrl_c_ends_the_watching_and_not_the_runs(team: Team, weft: Weft) -> None:
    team.add_task("task-1", team.here("one"), team.wait("one"), write("made.txt"))
    watching = weft.begin("run", "--all", "--wait")
    team.until_here("one")

    watching.send_signal(signal.SIGINT)
    watching.communicate(timeout=ENDS_S)
    (run,) = weft.runs()
    team.let_go("one")

    assert watching.returncode == INTERRUPTED
    assert run["status"] == "working"
    assert until_ended(weft, "task-1")["status"] == "review"


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL, sh")
def test_a_merge_that_is_killed_in_its_check(team: Team, weft: Weft, repo: Repo) -> None:
    team.add_task("task-1", write("made.txt"))
    weft("run", "--all", "--wait")
    before = repo.fingerprint()
    here, go = team.folder / "check.here", team.folder / "check.go"
    check = f"touch '{here}'; while [ ! -e '{go}' ]; do sleep 0.05; done"
    merging = weft.begin("merge", "run", "--yes", "--check", check)
    wait_until(here.exists)

    merging.kill()
    merging.communicate(timeout=ENDS_S)
    go.touch()

    assert repo.fingerprint() == before
    assert weft.task("task-1")["status"] == "review"
    assert [m["task"] for m in weft.json("merge", "run", "--yes")["merged"]] == ["task-1"]
    assert repo.git("show", "main:made.txt") == "made by an agent"
    weft("merge", "undo")
    assert repo.fingerprint()[2] == before[2]
