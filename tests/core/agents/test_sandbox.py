"""In its sandbox an agent commits to its own branch, and can change nothing else."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.agents.driver import DriverUnavailable
from core.agents.sandbox import Surroundings, sandbox_problem, wrapping
from core.processes.identity import look_around
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scenarios import Repo

pytestmark = pytest.mark.skipif(bool(sandbox_problem()), reason=sandbox_problem() or "none")
BRANCH = "worker/agent-1/task-1"


@pytest.fixture
def around(repo: Repo, tmp_path: Path) -> Surroundings:
    """A repository with a worktree, a person's home and an environment."""
    home = tmp_path / "home"
    (home / ".agent").mkdir(parents=True)
    (home / ".agent" / "settings.json").write_text("{}\n")
    (home / ".ssh").mkdir()
    (home / ".ssh" / "id").write_text("private\n")
    worktree = tmp_path / "worktrees" / "task-1"
    repo.git("branch", "worker/agent-1/task-0")
    repo.git("worktree", "add", "-q", "-b", BRANCH, str(worktree))
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(home),
        "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@x",
        "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@x",
    }  # fmt: skip
    return Surroundings(
        worktree, repo.path / ".git", BRANCH, "main", ("sh",), environment, home=(".agent",)
    )


def run(around: Surroundings, script: str) -> subprocess.CompletedProcess[str]:
    """Run a shell script in the sandbox, as a driver does."""
    return subprocess.run(
        [*wrapping("sandboxed", around), "sh", "-c", script],
        cwd=around.worktree,
        env=dict(around.environment),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_plain_commit_works_and_is_seen_from_outside(around: Surroundings, repo: Repo) -> None:
    done = run(around, "echo x > new.txt && git add -A && git commit -qm work && git status -s")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert repo.git("show", f"{BRANCH}:new.txt") == "x"
    repo.git("fsck", "--strict")


@pytest.mark.parametrize(
    "script",
    [
        "git branch -f main HEAD~0 || git update-ref refs/heads/main HEAD^{tree}",
        "git update-ref refs/heads/main $(git commit-tree HEAD^{tree} -m x)",
        "echo x > $(git rev-parse --git-common-dir)/refs/heads/main",
        "git branch -D main",
        "git branch -f worker/agent-1/task-0 $(git commit-tree HEAD^{tree} -m x)",
        "git update-ref refs/heads/elsewhere HEAD",
        "git pack-refs --all",
        "git config core.hooksPath /x",
        "git config --worktree core.fsmonitor /x",
        "echo x > $(git rev-parse --git-common-dir)/hooks/pre-commit",
        "echo x > $(git rev-parse --git-common-dir)/info/attributes",
        "echo x > $(git rev-parse --git-common-dir)/objects/info/alternates",
        "rm -rf $(git rev-parse --git-common-dir)/objects/pack && false",
        "echo gitdir: /x > .git",
        "mv .git away",
        "echo /x > $(git rev-parse --git-dir)/commondir",
        "echo {} > $HOME/.agent/settings.json",
        "cat $HOME/.ssh/id",
        "ls $(git rev-parse --git-common-dir)/../README.md",
        "echo x > /usr/x",
        "echo x > /etc/x",
    ],
)
def test_what_is_not_its_own_it_cannot_change(
    around: Surroundings, repo: Repo, script: str
) -> None:
    before = repo.git("for-each-ref"), (repo.path / ".git" / "config").read_text()

    done = run(around, script)

    assert done.returncode != 0, done.stdout
    assert (repo.git("for-each-ref"), (repo.path / ".git" / "config").read_text()) == before
    assert (around.worktree / ".git").is_file()
    repo.git("fsck", "--strict")


def test_what_its_profile_names_of_the_home_is_there_and_the_rest_is_not(
    around: Surroundings,
) -> None:
    done = run(around, "ls -A $HOME; touch $HOME/.agent/session $HOME/lost; echo $TMPDIR")
    home = Path(around.environment["HOME"])

    assert done.stdout.split() == [".agent", "/tmp"]
    assert (home / ".agent" / "session").exists()
    assert not (home / "lost").exists()


def test_a_program_that_was_never_started_keeps_what_it_puts_into_its_folder(
    around: Surroundings,
) -> None:
    around = replace(around, home=(".share/fresh", ".fresh.json"))
    home = Path(around.environment["HOME"])

    done = run(around, "echo kept > $HOME/.share/fresh/session && echo gone > $HOME/.fresh.json")

    assert (done.returncode, done.stderr) == (0, "")
    assert (home / ".share" / "fresh" / "session").read_text() == "kept\n"
    assert (home / ".share" / "fresh").stat().st_mode & 0o077 == 0
    assert not (home / ".fresh.json").exists()


def test_a_home_that_takes_no_folder_is_told(around: Surroundings) -> None:
    (Path(around.environment["HOME"]) / "file").write_text("")

    with pytest.raises(DriverUnavailable, match="cannot be made, which its sandbox needs"):
        wrapping("sandboxed", replace(around, home=("file/state",)))


def test_a_program_of_the_home_comes_with_its_package_and_nothing_else(
    around: Surroundings,
) -> None:
    home = Path(around.environment["HOME"])
    package = home / ".local" / "share" / "tools" / "venv"
    (package / "bin").mkdir(parents=True)
    (package / "pyvenv.cfg").write_text(f"home = {Path(sys.executable).parent}\n")
    (package / "data").write_text("its own\n")
    (package / "bin" / "tool").write_text("#!/bin/sh\ncat $(dirname $(readlink -f $0))/../data\n")
    (package / "bin" / "tool").chmod(0o755)
    (home / ".local" / "lib").mkdir()
    (home / ".local" / "share" / "keys").write_text("private\n")
    (home / ".local" / "bin").mkdir()
    (home / ".local" / "bin" / "tool").symlink_to(package / "bin" / "tool")
    path = f"{home}/.local/bin:{os.environ['PATH']}"
    given = replace(around, command=("tool",), environment={**around.environment, "PATH": path})

    done = run(given, "tool; cat ~/.local/share/keys")

    assert done.stdout == "its own\n", done.stderr
    assert "No such file" in done.stderr


def test_it_sees_no_process_of_the_persons_and_no_network(around: Surroundings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)"
        done = run(around, f"ls /proc | grep -c '^[0-9]'; {sys.executable} -c \"{code}\"")

    assert int(done.stdout) < 8
    assert "Connection refused" in done.stderr


def test_the_kernels_settings_are_read_only_also_for_root(around: Surroundings) -> None:
    done = run(around, "find /proc/sys/kernel /proc/sys/vm -type f -writable -print -quit")

    assert done.returncode == 0, done.stderr
    assert done.stdout == ""


def test_all_of_it_ends_with_the_process_that_was_started(around: Surroundings) -> None:
    mark = f"{91827364 + os.getpid()}"
    script = f"env -i setsid sh -c 'sleep {mark} & exec sleep {mark}' & echo up; wait"
    child = subprocess.Popen(
        [*wrapping("sandboxed", around), "sh", "-c", script],
        env=dict(around.environment),
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == b"up\n"
        wait_until(lambda: len(sleepers(mark)) == 2)
        child.kill()
        child.wait()
        wait_until(lambda: not sleepers(mark))


def sleepers(mark: str) -> list[int]:
    """Return the pids of `sleep` with this argument, however they came to be."""
    found = []
    for seen in look_around():
        pid = seen.identity.pid
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if seen.is_alive and words[:2] == [b"sleep", mark.encode()]:
            found.append(pid)
    return found


@pytest.fixture
def server() -> Iterator[int]:
    """A server on the machine's loopback that says hello to whoever asks; yields its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client:
                client.recv(4096)
                client.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def test_the_gate_lets_it_reach_the_hosts_of_its_list_and_no_other(
    around: Surroundings, server: int, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    listed = replace(around, network=(f"localhost:{server}",), scratch=scratch, writable=(scratch,))
    code = (
        "import http.client, sys\n"
        "c = http.client.HTTPConnection('127.0.0.1', 8118, timeout=20)\n"
        "c.set_tunnel(sys.argv[1], int(sys.argv[2]))\n"
        "c.request('GET', '/'); print(c.getresponse().read().decode())\n"
    )
    (around.worktree / "ask.py").write_text(code)

    ask = f"{sys.executable} ask.py"
    allowed = run(listed, f"echo $HTTPS_PROXY; {ask} localhost {server}")
    refused = run(listed, f"{ask} 127.0.0.1 {server}")
    plain = run(listed, f"curl -s http://localhost:{server}/ --noproxy ''")
    straight = run(listed, f"curl -s http://127.0.0.1:{server}/")

    assert straight.stdout == "hello"
    assert allowed.stdout.split() == ["http://127.0.0.1:8118", "hello"], allowed.stderr
    assert "403 Forbidden by the sandbox" in refused.stderr
    assert plain.stdout == "hello"


@pytest.mark.parametrize(
    ("host", "port", "fits"),
    [
        ("api.example.com", 443, True),
        ("API.Example.com.", 443, True),
        ("api.example.com", 22, False),
        ("evil-api.example.com", 443, False),
        ("api.example.com.evil.net", 443, False),
        ("a.b.example.org", 80, True),
        ("example.org", 443, False),
        ("other", 8080, True),
        ("other", 443, False),
    ],
)
def test_a_list_of_hosts_means_exactly_these(host: str, port: int, fits: bool) -> None:
    from core.agents.network_gate_script import allows  # Windows cannot import it

    assert allows(("api.example.com", ".example.org", "other:8080"), host, port) is fits


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"branch": "task-1"}, "needs a folder of its own"),
        ({"base": "worker/agent-1/main"}, "lies in the same folder"),
        ({"worktree": Path("/nowhere")}, "not a worktree any more"),
    ],
)
def test_where_no_sandbox_can_be_made_it_says_why(
    around: Surroundings, change: dict[str, object], sentence: str
) -> None:
    with pytest.raises(DriverUnavailable, match=sentence):
        wrapping("sandboxed", replace(around, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize("policy", ["watched", "open"])
def test_other_policies_are_wrapped_in_nothing(around: Surroundings, policy: str) -> None:
    assert wrapping(policy, around) == ()
