"""Server-sent events: replayed, live, resumed; bounded for whoever does not read."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from core.engine import tasks
from core.events import log
from core.interfaces.http import event_stream
from core.interfaces.http.desk import Desk
from core.interfaces.http.event_stream import Bell, EventStream

if TYPE_CHECKING:
    import pytest
    from starlette.types import Message

    from tests.interfaces.http.serving import Served


def _add(served: Served, *titles: str) -> None:
    for title in titles:
        served.engine.submit(tasks.task_add, title).result(10)


def _last(served: Served) -> int:
    """Return the id of the last event."""
    last: int = served.engine.submit(lambda _engine: log.last_id()).result(10)
    return last


def test_events_are_replayed_and_go_on_live(served: Served) -> None:
    before = _last(served)
    _add(served, "One")
    stream = served.client.stream(f"/api/events?since={before}")

    replayed = stream.events(1)
    _add(served, "Two")
    live = stream.events(1)
    stream.close()

    assert [(event["kind"], event["task"]) for event in replayed] == [("task.added", "task-1")]
    assert [event["task"] for event in live] == ["task-2"]


def test_a_client_that_comes_back_misses_nothing_and_hears_nothing_twice(served: Served) -> None:
    before = _last(served)
    _add(served, "One", "Two")
    first = served.client.stream(f"/api/events?since={before}")
    last = first.events(1)[-1]["id"]
    first.close()
    _add(served, "Three")

    again = served.client.stream(f"/api/events?since={before}", Last_Event_ID=str(last))

    assert [event["task"] for event in again.events(2)] == ["task-2", "task-3"]
    again.close()


def test_without_an_id_only_what_happens_from_now_on_is_told(served: Served) -> None:
    _add(served, "One")
    stream = served.client.stream("/api/events")
    _add(served, "Two")

    assert stream.events(1)[0]["task"] == "task-2"
    stream.close()


def test_an_id_from_a_trail_that_is_no_more_misses_nothing_new(served: Served) -> None:
    stream = served.client.stream("/api/events", Last_Event_ID="999999")
    _add(served, "One")

    assert stream.events(1)[0]["task"] == "task-1"
    stream.close()


def test_a_silent_stream_gives_signs_of_life(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "KEEP_ALIVE_S", 0.05)
    stream = served.client.stream("/api/events")

    assert stream.hears(b": still here\n")
    stream.close()


async def test_a_client_that_takes_nothing_is_let_go(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "TAKE_S", 0.1)
    _add(served, "One")
    bell = Bell(served.engine, asyncio.get_running_loop())
    taken: list[bytes] = []

    async def send(message: Message) -> None:
        if message.get("body", b"").startswith(b"id: "):
            await asyncio.Event().wait()  # the connection's buffer is full
        taken.append(message.get("body", b""))

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    stream = EventStream(Desk(served.engine), bell, since=0, repo=None)
    async with asyncio.timeout(20):
        await stream({"type": "http"}, receive, send)

    assert taken == [b"", b"retry: 2000\n\n"]
    assert bell.listening == 0


def test_too_many_streams_are_refused(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "MOST_STREAMS", 1)
    first = served.client.stream("/api/events?since=0")
    first.events(1)

    second = served.client.stream("/api/events")

    assert (first.status, second.status) == (200, 503)
    first.close()
    second.close()


def test_streams_end_with_the_server(served: Served) -> None:
    stream = served.client.stream("/api/events?since=0")
    stream.events(1)

    served.server.should_exit = True

    assert stream.ends()
    stream.close()
