"""The audit trail: written with the change, published after it, followed across processes."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from core.events import bus, log
from core.events.tail import EventTail
from core.store.transactions import transaction

if TYPE_CHECKING:
    from pathlib import Path

    from core.domain.event import Event
    from tests.core.conftest import SteadyClock


def test_an_event_outside_a_transaction_is_a_bug(store: Path, clock: SteadyClock) -> None:
    with pytest.raises(RuntimeError, match="outside a transaction"):
        log.record("task.added", clock.now(), actor="person")


def test_an_event_comes_back_as_it_was_recorded(store: Path, clock: SteadyClock) -> None:
    heard: list[Event] = []
    leave = bus.subscribe(heard.append)

    with transaction():
        log.record(
            "task.moved", clock.now(), actor="ana", repo="/r", task="task-1", worker="w", size=3
        )
        assert heard == []
    leave()

    assert log.read() == heard
    event = heard[0]
    assert (event.kind, event.actor, event.repo, event.task) == (
        "task.moved",
        "ana",
        "/r",
        "task-1",
    )
    assert event.at == clock.now()
    assert event.data == {"size": 3}


def test_a_rolled_back_event_is_never_heard(store: Path, clock: SteadyClock) -> None:
    heard: list[Event] = []
    leave = bus.subscribe(heard.append)

    def change_and_fail() -> None:
        with transaction():
            log.record("task.added", clock.now(), actor="person")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    leave()

    assert heard == []
    assert log.read() == []


@pytest.mark.logs_errors
def test_a_listener_with_a_bug_does_not_silence_the_others(store: Path, clock: SteadyClock) -> None:
    heard: list[Event] = []

    def broken(event: Event) -> None:
        raise ZeroDivisionError

    leave = [bus.subscribe(broken), bus.subscribe(heard.append)]
    with transaction():
        log.record("task.added", clock.now(), actor="person")
    for way_out in leave:
        way_out()

    assert len(heard) == 1


_WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from core.events import log
from core.store.connection import open_database
from core.store.transactions import transaction
open_database(Path(sys.argv[1]))
for number in range(3):
    with transaction():
        log.record("other.process", datetime.now(UTC), actor="other", number=number)
"""


def test_another_processes_events_are_followed_in_order(store: Path, clock: SteadyClock) -> None:
    with transaction():
        log.record("before", clock.now(), actor="person")
    tail = EventTail()
    assert tail.poll() == []

    subprocess.run([sys.executable, "-c", _WRITER, str(store)], check=True)

    assert [event.data["number"] for event in tail.poll()] == [0, 1, 2]
    assert tail.poll() == []


def test_own_events_are_seen_after_waking(store: Path, clock: SteadyClock) -> None:
    tail = EventTail()
    tail.poll()

    with transaction():
        log.record("mine", clock.now(), actor="person")
    tail.wake()

    assert [event.kind for event in tail.poll()] == ["mine"]


def test_only_the_newest_are_read_when_asked_so(store: Path, clock: SteadyClock) -> None:
    with transaction():
        for number in range(5):
            log.record(f"k{number}", clock.now(), actor="person", repo="/r")

    assert [event.kind for event in log.read(repo="/r", limit=2, newest=True)] == ["k3", "k4"]
