"""The commit guard: plain git refuses what another holds, and the person's own hooks still run."""

from __future__ import annotations

import json
import os
import shutil
import socketserver
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from core.clock import SystemClock
from core.engine import locking, tasks, workers
from core.engine.claiming import claim_and_provision
from core.engine.doctor import doctor
from core.engine.guarding import NOTICE
from core.engine.repos import init
from core.engine.watching import look_at_files
from core.locks import commit_hook, guard
from core.processes.identity import WINDOWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.engine.context import Engine
    from tests.scenarios import Repo

pytestmark = pytest.mark.skipif(WINDOWS, reason="hooks are looked at as POSIX programs here")


@pytest.fixture
async def pair(engine: Engine, repo: Repo) -> tuple[Path, Path]:
    """Two claimed worktrees; the first one's task holds `src/**`."""
    engine.clock = SystemClock()
    repo.commit("start", {"src/app.py": "x\n", "package.json": "{}\n", "free.txt": "f\n"})
    first = await claimed(engine, "a", "human-ana", "src/**")
    second = await claimed(engine, "b", "human-bob")
    return first, second


async def claimed(engine: Engine, key: str, worker: str, *files: str) -> Path:
    tasks.task_add(engine, key, key=key, file=files)
    workers.worker_add(engine, worker, type="human")
    return Path((await claim_and_provision(engine, key, worker)).worktree)


def commit(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Do what a person does: `git commit -a`."""
    return subprocess.run(
        ["git", "commit", "--quiet", "--all", "-m", "work"],
        cwd=folder, env={**os.environ, **env}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_init_says_what_it_switched_on_once(engine: Engine, repo: Repo) -> None:
    assert repo.git("config", "--get", "extensions.worktreeConfig") == "true"
    repo.git("config", "--unset", "extensions.worktreeConfig")

    assert init(engine, str(repo.path)).notice == NOTICE
    assert init(engine, str(repo.path)).notice == ""


def test_who_refuses_the_guard_keeps_the_configuration(
    engine: Engine, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.git("config", "--unset", "extensions.worktreeConfig")
    monkeypatch.setenv("WEFT_COMMIT_GUARD", "false")

    assert init(engine, str(repo.path)).notice == ""
    assert "extensions" not in (repo.path / ".git" / "config").read_text()


def test_a_commit_of_what_another_holds_is_refused_with_who_and_what_for(
    pair: tuple[Path, Path], repo: Repo
) -> None:
    _, second = pair
    before = repo.git("rev-parse", "HEAD", cwd=second)
    (second / "src" / "app.py").write_text("mine\n")

    done = commit(second)

    assert done.returncode == 1
    assert "  src/app.py is held by human-ana for a.\n" in done.stderr
    assert repo.git("rev-parse", "HEAD", cwd=second) == before


def test_a_branch_without_a_commit_is_guarded_too(pair: tuple[Path, Path], repo: Repo) -> None:
    _, second = pair
    repo.git("checkout", "--quiet", "--orphan", "fresh", cwd=second)
    (second / "src" / "app.py").write_text("mine\n")

    assert "src/app.py is held by human-ana for a." in commit(second).stderr


def test_the_holder_and_whoever_touches_something_else_commit(pair: tuple[Path, Path]) -> None:
    first, second = pair
    (first / "src" / "app.py").write_text("mine\n")
    (second / "free.txt").write_text("mine\n")

    assert [commit(folder).stderr for folder in pair] == ["", ""]


async def test_a_commit_past_the_guard_is_told_afterwards(
    engine: Engine, pair: tuple[Path, Path], repo: Repo
) -> None:
    _, second = pair
    (second / "src" / "app.py").write_text("mine\n")
    repo.git("commit", "--quiet", "--no-verify", "--all", "-m", "past it", cwd=second)

    told = {one.task: one.sentence for one in await look_at_files(engine)}

    assert told["b"] == "Committed src/app.py: src/** is held by human-ana for a."


def test_who_commits_need_not_know_where_wefts_home_is(
    pair: tuple[Path, Path], tmp_path: Path, engine: Engine
) -> None:
    _, second = pair
    (second / "src" / "app.py").write_text("mine\n")

    refused = commit(second, WEFT_HOME=str(tmp_path / "another"), WEFT_DATABASE_URL="")
    noted = engine.repo.git_dir / guard.FOLDER / "database"
    noted.write_text(str(tmp_path / "gone.db"))
    let_through = commit(second, WEFT_HOME=str(tmp_path / "another"), WEFT_DATABASE_URL="")

    assert "src/app.py is held by human-ana for a." in refused.stderr
    assert let_through.returncode == 0
    assert "the commit goes on: there is no database at" in let_through.stderr


@pytest.mark.parametrize("gone", [sys.executable, commit_hook.__file__])
def test_a_weft_that_is_gone_stops_no_commit_and_says_so(
    pair: tuple[Path, Path], engine: Engine, gone: str
) -> None:
    _, second = pair
    hook = engine.repo.git_dir / guard.FOLDER / "pre-commit"
    hook.write_text(hook.read_text().replace(gone, "/gone/for/good"))
    (second / "free.txt").write_text("mine\n")

    done = commit(second)

    assert done.returncode == 0
    assert "weft: locks could not be looked at, the commit goes on" in done.stderr


async def test_the_doctor_writes_a_guard_anew_that_is_gone(
    pair: tuple[Path, Path], engine: Engine
) -> None:
    _, second = pair
    shutil.rmtree(engine.repo.git_dir / guard.FOLDER)
    (second / "src" / "app.py").write_text("mine\n")

    found = [one for one in await doctor(engine, fix=True) if one.check == "guard"]

    assert [one.fixed for one in found] == [True]
    assert not guard.is_broken(engine.repo)
    assert commit(second).returncode == 1


async def test_a_critical_file_wants_a_lock(
    engine: Engine, pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, second = pair
    guard.note_critical(engine.repo, ["package.json"])
    (second / "package.json").write_text('{"a": 1}\n')

    refused = commit(second)
    locking.lock(engine, ("package.json",), worker="human-bob", task="b")
    allowed = commit(second)

    assert "package.json is critical and not locked for b: weft lock" in refused.stderr
    assert allowed.returncode == 0


async def test_a_merge_of_the_base_passes_though_others_changed_there(
    engine: Engine, pair: tuple[Path, Path], repo: Repo
) -> None:
    _, second = pair
    repo.commit("elsewhere", {"src/app.py": "landed\n"})
    (second / "free.txt").write_text("mine\n")
    assert commit(second).returncode == 0

    repo.git("merge", "--quiet", "--no-edit", "main", cwd=second)

    assert (second / "src" / "app.py").read_text() == "landed\n"


@pytest.mark.parametrize("place", ["hooks", "husky", "own"])
def test_the_persons_own_hooks_run_too(
    pair: tuple[Path, Path], repo: Repo, engine: Engine, place: str
) -> None:
    _, second = pair
    folder = repo.path / ".git" / "hooks"
    if place == "husky":  # installed later, and relative to the worktree
        folder = second / ".husky"
        repo.git("config", "core.hooksPath", ".husky")
    if place == "own":
        folder = second / "own-hooks"
        guard.remove(engine.repo, second)
        repo.git("config", "--worktree", "core.hooksPath", str(folder), cwd=second)
        guard.install(engine.repo, second, ())
    folder.mkdir(exist_ok=True)
    for name in ("pre-commit", "commit-msg"):
        (folder / name).write_text('#!/bin/sh\necho "$0 $#" >&2\n')
        (folder / name).chmod(0o755)
    (second / "free.txt").write_text("mine\n")

    told = commit(second).stderr.splitlines()

    assert [line.rpartition("/")[2] for line in told] == ["pre-commit 0", "commit-msg 1"]


def test_a_hook_of_the_persons_still_refuses(pair: tuple[Path, Path], repo: Repo) -> None:
    _, second = pair
    hook = repo.path / ".git" / "hooks" / "commit-msg"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    (second / "free.txt").write_text("mine\n")

    assert commit(second).returncode == 1


def test_taking_the_guard_off_leaves_what_was_there(
    engine: Engine, pair: tuple[Path, Path], repo: Repo
) -> None:
    _, second = pair
    (second / "src" / "app.py").write_text("mine\n")

    guard.remove(engine.repo, second)

    assert commit(second).returncode == 0
    assert repo.git("status", "--porcelain") == ""


@contextmanager
def runner(answer: dict[str, Any], address: Path | None) -> Iterator[list[Any]]:
    """A socket that answers every question with *answer*, as a runner would.

    Without *address* it is one of the loopback, whose callers say a secret first; then the first
    of what is yielded is its port.
    """
    asked: list[Any] = []

    class Answering(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            if address is None:
                asked.append(self.rfile.readline())
            asked.append(json.loads(self.rfile.readline()))
            self.wfile.write(json.dumps(answer).encode() + b"\n")

    if address is None:
        made: socketserver.TCPServer = socketserver.TCPServer(("127.0.0.1", 0), Answering)
        asked.append(made.server_address[1])
    else:
        made = socketserver.UnixStreamServer(str(address), Answering)
    with made as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield asked
        server.shutdown()
        thread.join()


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder whose path leaves room for a socket's: macOS takes 103 bytes."""
    with tempfile.TemporaryDirectory(prefix="weft-", dir="/tmp") as folder:
        yield Path(folder)


def test_an_agents_commit_asks_its_runner_and_not_the_database(
    pair: tuple[Path, Path], short_folder: Path
) -> None:
    _, second = pair
    address = short_folder / "s"
    run = {"WEFT_RUN": "run-1", "WEFT_SOCKET": str(address), "WEFT_HOME": "/nowhere"}
    (second / "free.txt").write_text("mine\n")

    with runner({"result": {"problems": ["free.txt is held by x."]}}, address) as asked:
        refused = commit(second, **run)
    address.unlink()
    with runner({"error": {"code": "bug", "message": "no"}}, address):
        let_through = commit(second, **run)

    assert asked[0]["operation"] == "check_commit"
    assert asked[0]["arguments"] == {"paths": ["free.txt"]}
    assert refused.returncode == 1
    assert let_through.returncode == 0
    assert "could not be looked at" in let_through.stderr


def test_a_commit_reaches_a_runner_that_listens_on_the_loopback(pair: tuple[Path, Path]) -> None:
    _, second = pair
    (second / "free.txt").write_text("mine\n")

    with runner({"result": {"problems": ["free.txt is held by x."]}}, None) as asked:
        address = f"tcp:{asked[0]}:the secret"
        refused = commit(second, WEFT_RUN="run-1", WEFT_SOCKET=address, WEFT_HOME="/nowhere")

    assert asked[1:2] == [b"the secret\n"]
    assert asked[2]["arguments"] == {"paths": ["free.txt"]}
    assert refused.returncode == 1
