"""A genuine server on a port of its own, in this process, over a registered repository."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.engine import repos
from core.engine.thread import EngineThread
from core.interfaces.http.server import listen, make_server
from core.interfaces.http.token import api_token
from tests.interfaces.http.client import Client
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.interfaces.http.server import Server
    from tests.scenarios import Repo


@dataclass
class Served:
    """A server and what stands behind it."""

    client: Client
    engine: EngineThread
    repo: Repo
    server: Server


@contextmanager
def serving(repo: Repo) -> Iterator[Served]:
    """Serve *repo*, registered if need be; the end is that of Ctrl-C."""
    engine = EngineThread(repo.path, leads=False)
    engine.start()
    engine.submit(repos.init, str(repo.path)).result(30)
    listening = listen(0)
    port = listening.getsockname()[1]
    loop = asyncio.new_event_loop()
    server = make_server(engine, loop, api_token(), port=port)
    thread = threading.Thread(
        target=lambda: loop.run_until_complete(server.serve([listening])), name="weft-http"
    )
    thread.start()
    try:
        wait_until(lambda: server.started)
        yield Served(Client(port, api_token()), engine, repo, server)
    finally:
        server.should_exit = True
        thread.join(30)
        loop.close()
        listening.close()
        engine.stop()
