"""Events as they happen, as server-sent events: replayed from any id, then live.

Nothing is kept for a client but the id that it has seen: what is new is read from the log when
the connection can take it. So a slow client costs no memory and misses nothing; one that takes
nothing at all for a while is let go, and comes back with its last id.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from core.domain.jsonable import jsonable
from core.engine.performing import in_repo
from core.events import log
from core.interfaces.http.problems import HEADERS, problem

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from core.domain.event import Event
    from core.engine.context import Engine
    from core.engine.thread import EngineThread
    from core.interfaces.http.desk import Desk

KEEP_ALIVE_S: Final = 15.0
TAKE_S: Final = 30.0
"""How long a client may take for one page before it is let go."""
MOST_STREAMS: Final = 100
_PAGE: Final = 200
_RETRY: Final = b"retry: 2000\n\n"


class Bell:
    """Rings in the server's loop whenever any process has committed something."""

    def __init__(self, thread: EngineThread, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._listeners: set[asyncio.Event] = set()
        self.closing = asyncio.Event()
        thread.follow(self._rung)

    def listen(self) -> asyncio.Event:
        """Return an event that is set at each ring; hand it to `leave` at the end."""
        listener = asyncio.Event()
        self._listeners.add(listener)
        return listener

    def leave(self, listener: asyncio.Event) -> None:
        """Ring *listener* no more."""
        self._listeners.discard(listener)

    def close(self) -> None:
        """End all streams."""
        self.closing.set()
        self._ring()

    @property
    def listening(self) -> int:
        """Return how many listen."""
        return len(self._listeners)

    def _rung(self, _events: list[Event]) -> None:
        with suppress(RuntimeError):  # the server's loop has just ended
            self._loop.call_soon_threadsafe(self._ring)

    def _ring(self) -> None:
        for listener in self._listeners:
            listener.set()


class EventStream:
    """One client's stream, as an ASGI response."""

    def __init__(self, desk: Desk, bell: Bell, *, since: int | None, repo: str | None) -> None:
        self._desk = desk
        self._bell = bell
        self._since = since
        self._repo = repo

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the client or the server goes."""
        if self._bell.listening >= MOST_STREAMS:
            told = problem(503, "too_many", f"There are {MOST_STREAMS} streams already.")
            await told(scope, receive, send)
            return
        since = await self._desk.ask(_first, self._repo, self._since)
        news = self._bell.listen()
        gone = asyncio.create_task(_gone(receive, news))
        try:
            await _begin(send)
            await self._send_on(send, since, news, gone)
            await send({"type": "http.response.body", "body": b""})
        except (TimeoutError, OSError):
            return  # the client takes nothing any more
        finally:
            gone.cancel()
            self._bell.leave(news)

    async def _send_on(
        self, send: Send, since: int, news: asyncio.Event, gone: asyncio.Task[None]
    ) -> None:
        while not (self._bell.closing.is_set() or gone.done()):
            news.clear()
            events = await self._desk.ask(_page, self._repo, since)
            if events:
                since = events[-1].id
                await _send_part(send, b"".join(map(_told, events)))
            if len(events) < _PAGE and not await _heard(news):
                await _send_part(send, b": still here\n\n")


def _first(engine: Engine, repo: str | None, since: int | None) -> int:
    in_repo(engine, repo).repo  # noqa: B018  refuses before the stream begins
    last = log.last_id()
    return last if since is None else min(since, last)  # an id of a trail that is no more


def _page(engine: Engine, repo: str | None, since: int) -> list[Event]:
    path = str(in_repo(engine, repo).repo.path)
    return log.read(since=since, repo=path, limit=_PAGE)


def _told(event: Event) -> bytes:
    text = json.dumps(jsonable(event), ensure_ascii=False)
    return f"id: {event.id}\ndata: {text}\n\n".encode()


async def _begin(send: Send) -> None:
    headers = {**HEADERS, "content-type": "text/event-stream; charset=utf-8"}
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": 200, "headers": raw})
    await _send_part(send, _RETRY)


async def _send_part(send: Send, body: bytes) -> None:
    async with asyncio.timeout(TAKE_S):
        await send({"type": "http.response.body", "body": body, "more_body": True})


async def _heard(news: asyncio.Event) -> bool:
    """Return False when nothing was heard for so long that a sign of life is due."""
    try:
        await asyncio.wait_for(news.wait(), KEEP_ALIVE_S)
    except TimeoutError:
        return False
    return True


async def _gone(receive: Receive, news: asyncio.Event) -> None:
    """Return when the client has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        continue
    news.set()
