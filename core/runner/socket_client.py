"""Talk to the runner of this process's run, instead of opening the database.

Used by `weft` and `weft mcp` when WEFT_RUN is set; standard library only, so that it costs an
agent's tool call nothing. One request and one answer, each a line of JSON; see `core.runner.door`.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from typing import TYPE_CHECKING, Final

from core.errors import EngineError, EnvironmentFault, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.domain.event import JsonValue

RUN: Final = "WEFT_RUN"
ADDRESS: Final = "WEFT_SOCKET"
TCP: Final = "tcp:"
"""Begins an address where there are no unix sockets: `tcp:PORT:SECRET` on 127.0.0.1."""


class FromRunner(EngineError):
    """An error that the runner told; it carries the code that it had there."""

    def __init__(self, told: Mapping[str, object]) -> None:
        reasons = told.get("reasons")
        super().__init__(
            str(told.get("message", "The runner refused.")),
            hint=str(told.get("hint", "")),
            reasons=tuple(map(str, reasons)) if isinstance(reasons, list) else (),
        )
        self.code = str(told.get("code", "failed"))  # type: ignore[misc]
        if self.code == UsageError.code:
            self.exit_code = UsageError.exit_code  # type: ignore[misc]


def inside_run() -> bool:
    """Whether this process belongs to a run, and so must not open the database."""
    return bool(os.environ.get(RUN))


def call(
    operation: str,
    arguments: Mapping[str, JsonValue] | None = None,
    *,
    as_json: bool = True,
    limit_s: float | None = None,
) -> JsonValue:
    """Ask the runner for *operation* and return its answer.

    Args:
        operation: Name of a tool (`my_task`) or of an operation of the table (`status`).
        arguments: By parameter name.
        as_json: Whether the answer is to be JSON; else it is `{"text", "talk", "status"}`, as the
            command line prints it.
        limit_s: How long to wait; None waits as long as it takes.

    Raises:
        FromRunner: What the runner refused, with its own code.
        EnvironmentFault: The runner cannot be reached, or took too long.
    """
    request = {"operation": operation, "arguments": dict(arguments or {}), "json": as_json}
    try:
        with _connected(limit_s) as line:
            line.sendall(json.dumps(request).encode() + b"\n")
            answer = _read_line(line)
    except OSError as error:
        raise EnvironmentFault(
            f"The runner of {os.environ.get(RUN)} does not answer: {error}.",
            hint="Go on without it: what you commit, and what you leave, is taken over at the end.",
        ) from error
    told = json.loads(answer)
    if "error" in told:
        raise FromRunner(told["error"])
    found: JsonValue = told["result"]
    return found


async def acall(
    operation: str, arguments: Mapping[str, JsonValue] | None = None, *, as_json: bool = True
) -> JsonValue:
    """Like `call`, beside other coroutines; cancelling it hangs up.

    Raises:
        FromRunner: What the runner refused, with its own code.
        EnvironmentFault: The runner cannot be reached.
    """
    import asyncio  # `call` does without

    loop = asyncio.get_running_loop()
    request = {"operation": operation, "arguments": dict(arguments or {}), "json": as_json}
    try:
        with await asyncio.to_thread(_connected, None) as line:
            line.setblocking(False)
            await loop.sock_sendall(line, json.dumps(request).encode() + b"\n")
            answer = b""
            while not answer.endswith(b"\n"):
                chunk = await loop.sock_recv(line, 65536)
                if not chunk:
                    raise ConnectionError("it hung up")
                answer += chunk
    except OSError as error:
        raise EnvironmentFault(f"The runner of this run does not answer: {error}.") from error
    told = json.loads(answer)
    if "error" in told:
        raise FromRunner(told["error"])
    found: JsonValue = told["result"]
    return found


def _connected(limit_s: float | None) -> socket.socket:
    address = os.environ.get(ADDRESS, "")
    if not address:
        raise ConnectionError("it has no socket")
    if address.startswith(TCP):
        port, _, secret = address.removeprefix(TCP).partition(":")
        line = socket.create_connection(("127.0.0.1", int(port)), timeout=limit_s)
        line.sendall(secret.encode() + b"\n")
        return line
    if sys.platform == "win32":
        raise ConnectionError("its address is none of this system")
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(limit_s)
    try:
        line.connect(address)
    except OSError:
        line.close()
        raise
    return line


def _read_line(line: socket.socket) -> bytes:
    found = b""
    while not found.endswith(b"\n"):
        chunk = line.recv(65536)
        if not chunk:
            raise ConnectionError("it hung up")
        found += chunk
    return found
