"""A genuine server on a port of its own, in this process, over a registered repository."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from core.engine import repos
from core.engine.thread import EngineThread
from core.interfaces.http.server import listen, make_server
from core.interfaces.http.token import api_token
from tests.interfaces.http.client import Client
from tests.run_fixtures import bytecode
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.interfaces.http.server import Server
    from tests.scenarios import Repo

__all__ = ["bytecode"]


@dataclass
class Served:
    """A server and what stands behind it."""

    client: Client
    engine: EngineThread
    repo: Repo
    server: Server


@pytest.fixture
def served(repo: Repo, weft_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A running server; it is ended as Ctrl-C ends it."""
    del weft_home  # masked before the engine opens its database
    monkeypatch.chdir(repo.path)  # where operations look that are told no path
    engine = EngineThread(repo.path, leads=False)
    engine.start()
    engine.submit(repos.init, str(repo.path)).result(10)
    listening = listen(0)
    token = api_token()
    loop = asyncio.new_event_loop()
    server = make_server(engine, loop, token, port=listening.getsockname()[1])
    thread = threading.Thread(
        target=lambda: loop.run_until_complete(server.serve([listening])), name="weft-http"
    )
    thread.start()
    wait_until(lambda: server.started)
    yield Served(Client(listening.getsockname()[1], token), engine, repo, server)
    server.should_exit = True
    thread.join(20)
    loop.close()
    listening.close()
    engine.stop()


@pytest.fixture
def client(served: Served) -> Client:
    """A client with the token."""
    return served.client
