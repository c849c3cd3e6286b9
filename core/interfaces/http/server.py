"""`weft serve`: the HTTP door and the loops, in one process, until Ctrl-C."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import uvicorn

from core.engine.thread import EngineThread
from core.errors import Refused, UsageError
from core.interfaces.http.app import application
from core.interfaces.http.desk import Desk
from core.interfaces.http.event_stream import Bell
from core.interfaces.http.token import api_token, token_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import FrameType

    from core.engine.context import Engine

ADDRESS: Final = "127.0.0.1"
PORT: Final = 7717
INTERRUPTED: Final = 130
_MOST_PORT: Final = 65535
_END_S: Final = 5


def serve(folder: Path, *, port: int | None = None, as_json: bool = False) -> int:
    """Serve until a signal comes; return the exit status.

    Raises:
        Refused: The port is taken.
        NoRepo: *folder* is in no registered repository.
    """
    token = api_token()
    listening = listen(PORT if port is None else port)
    thread = EngineThread(folder)
    thread.start()
    try:
        name = thread.submit(_name).result()
        with listening:
            return asyncio.run(_serve(thread, listening, token, name, as_json=as_json))
    finally:
        thread.stop()


def listen(port: int) -> socket.socket:
    """Return a socket on the loopback address.

    Raises:
        Refused: Another program has the port.
        UsageError: No such port.
    """
    if port > _MOST_PORT:
        raise UsageError(f"There is no port {port}: they end at {_MOST_PORT}.")
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would let two programs share the port
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((ADDRESS, port))
        opened.listen(128)
    except OSError as error:
        opened.close()
        raise Refused(
            f"Port {port} cannot be used: {error.strerror or error}.",
            hint="Choose another, or a free one: weft serve --port 0",
        ) from error
    return opened


class Server(uvicorn.Server):
    """Ends the streams of events before it waits for its connections, and tells how it ended."""

    bell: Bell
    interrupted = False

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close in order."""
        self.bell.close()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take Ctrl-C and SIGTERM without raising them again: the caller ends in order."""
        if threading.current_thread() is not threading.main_thread():
            yield  # no other thread can take signals
            return
        kept = {
            number: signal.signal(number, self.handle_exit)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, before in kept.items():
                signal.signal(number, before)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin the end; a second Ctrl-C does not wait for connections."""
        self.interrupted = self.interrupted or sig == signal.SIGINT
        super().handle_exit(sig, frame)


def make_server(
    thread: EngineThread, loop: asyncio.AbstractEventLoop, token: str, *, port: int
) -> Server:
    """Return the server that will run in *loop* and ask the engine's *thread*."""
    bell = Bell(thread, loop)
    hosts = [f"{ADDRESS}:{port}", f"localhost:{port}"]
    server = Server(
        uvicorn.Config(
            application(Desk(thread), bell, token=token, hosts=hosts),
            log_level="warning",
            access_log=False,
            lifespan="off",
            http="h11",
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=_END_S,
        )
    )
    server.bell = bell
    return server


async def _serve(
    thread: EngineThread, listening: socket.socket, token: str, name: str, *, as_json: bool
) -> int:
    port = listening.getsockname()[1]
    server = make_server(thread, asyncio.get_running_loop(), token, port=port)
    _announce(name, port, as_json=as_json)
    await server.serve([listening])
    return INTERRUPTED if server.interrupted else 0


def _name(engine: Engine) -> str:
    return engine.repo.name


def _announce(name: str, port: int, *, as_json: bool) -> None:
    url = f"http://{ADDRESS}:{port}"
    if as_json:
        told = {"url": url, "port": port, "token_file": str(token_file()), "repo": name}
        sys.stdout.write(f"{json.dumps(told)}\n")
    else:
        sys.stdout.write(f"Serving {name} on {url}; the token is in {token_file()}.\n")
        sys.stdout.write("Ctrl-C ends it.\n")
    sys.stdout.flush()
