"""The server as a process: it speaks the protocol alone, and ends with its client."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from core.engine.operation import Role
from core.interfaces.mcp.callers import EngineCaller
from core.interfaces.mcp.server import answered
from core.interfaces.mcp.tools import tools_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.engine.context import Engine
    from tests.runs import RunProject

Process = subprocess.Popen[str]
LIMIT_S = 60
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


@pytest.fixture
def server(project: RunProject) -> Iterator[Process]:
    """A server that has answered its first request."""
    found = _start(project, "--worker", "agent-1")
    assert _asked(found, HELLO)["result"]["serverInfo"]["name"] == "weft"
    _send(found, {"jsonrpc": "2.0", "method": "notifications/initialized"})
    yield found
    found.kill()
    found.communicate(timeout=LIMIT_S)


def test_it_ends_with_its_input_and_says_nothing_but_the_protocol(server: Process) -> None:
    _send(server, {"no": "message"})
    called = _asked(server, _call("my_task"))

    out, err = server.communicate(timeout=LIMIT_S)  # closes its input first

    assert called["result"]["structuredContent"]["task"] is None
    assert (server.returncode, out, err) == (0, "", "")


def test_it_ends_when_nobody_reads_its_answers_any_more(server: Process) -> None:
    assert server.stdout is not None
    server.stdout.close()
    _send(server, _call("my_task"))

    assert server.wait(LIMIT_S) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_while_it_waits_for_input(server: Process, number: int) -> None:
    server.send_signal(number)

    assert server.wait(LIMIT_S) == 130


def test_without_a_worker_it_does_not_start_and_says_so(project: RunProject) -> None:
    nameless = _start(project)
    out, err = nameless.communicate(timeout=LIMIT_S)

    assert (nameless.returncode, out) == (2, "")
    assert err.splitlines()[0] == "error: Nobody was named whose tools these are."


async def test_a_call_that_is_cancelled_is_cancelled_in_the_engine(
    project: RunProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = EngineCaller(project.disk.path, {"worker": "agent-1"}, actor="agent-1")
    tools = tools_of(Role.WORKER)
    begun, ended = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    async def endless(_engine: Engine, **_words: Any) -> None:
        loop.call_soon_threadsafe(begun.set)
        try:
            await asyncio.Event().wait()
        finally:
            loop.call_soon_threadsafe(ended.set)

    monkeypatch.setattr("core.engine.agent_acts.check_conflicts", endless)
    calling = asyncio.create_task(answered(tools, "check_conflicts", {}, caller))
    async with asyncio.timeout(LIMIT_S):
        await begun.wait()
        calling.cancel()
        await ended.wait()
    caller.close()


def _start(project: RunProject, *words: str) -> Process:
    code = "from core.interfaces.cli.app import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, "mcp", *words],
        cwd=project.disk.path,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _call(tool: str) -> dict[str, Any]:
    params = {"name": tool, "arguments": {}}
    return {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params}


def _send(server: Process, message: dict[str, Any]) -> None:
    assert server.stdin is not None
    server.stdin.write(f"{json.dumps(message)}\n")
    server.stdin.flush()


def _asked(server: Process, message: dict[str, Any]) -> Any:
    """Send a request and return its answer; what stands before it is of the protocol too."""
    assert server.stdout is not None
    _send(server, message)
    while True:
        answer = json.loads(server.stdout.readline())
        if answer.get("id") == message["id"]:
            return answer
