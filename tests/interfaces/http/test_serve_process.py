"""`weft serve` as a process of its own: how it begins and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.engine import repos
from core.engine.context import open_engine
from core.store.connection import close_database
from core.store.schema import LeaderRow
from tests.interfaces.http.client import Client
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scenarios import Repo


@pytest.fixture(autouse=True)
def quick_starts(bytecode: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the processes keep what they compile."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(bytecode))


WEFT = (sys.executable, "-c", "from core.interfaces.cli.app import main; main()")
LIMIT_S = 30


def _register(repo: Repo) -> None:
    repos.init(open_engine(repo.path), str(repo.path))


@contextmanager
def _serving(repo: Repo, *words: str) -> Iterator[tuple[subprocess.Popen[str], Client]]:
    environ = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    process = subprocess.Popen(
        [*WEFT, "serve", "--port", "0", "--json", *words],
        cwd=repo.path,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        token = Path(told["token_file"]).read_text(encoding="ascii").strip()
        yield process, Client(told["port"], token)
    finally:
        process.kill()
        process.communicate(timeout=LIMIT_S)


def test_it_says_where_it_is_leads_and_ends_cleanly_at_ctrl_c(repo: Repo) -> None:
    _register(repo)
    with _serving(repo) as (process, client):
        client("POST", "/api/tasks", {"title": "One"}, status=201)
        stream = client.stream("/api/events?since=0")
        stream.events(2)
        wait_until(lambda: LeaderRow.get_or_none(LeaderRow.pid == process.pid))

        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=LIMIT_S)

        assert stream.ends()
        stream.close()
    assert (process.returncode, out, err) == (130, "", "")
    assert LeaderRow.get_or_none(LeaderRow.pid == process.pid) is None
    close_database()


def test_a_taken_port_is_one_sentence(repo: Repo) -> None:
    _register(repo)
    close_database()
    with _serving(repo) as (_, client):
        second = subprocess.run(
            [*WEFT, "serve", "--port", str(client.port)],
            cwd=repo.path,
            env={**os.environ, "PYTHONPATH": str(Path.cwd())},
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )

    assert second.returncode == 1
    assert second.stdout == ""
    assert second.stderr.splitlines() == [
        f"error: Port {client.port} cannot be used: Address already in use.",
        "hint: Choose another, or a free one: weft serve --port 0",
    ]


def test_a_folder_that_is_not_registered_is_one_sentence(repo: Repo) -> None:
    told = subprocess.run(
        [*WEFT, "serve", "--port", "0"],
        cwd=repo.path,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )

    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith("error: This repository is not registered with Weft.")
