"""The engine's thread: operations from outside, events to outside, an end without leftovers."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from core.engine import repos, tasks
from core.engine import thread as thread_module
from core.engine.thread import EngineThread
from core.errors import EnvironmentFault, UserError
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.domain.event import Event
    from core.engine.context import Engine
    from tests.scenarios import Repo


@pytest.fixture
def thread(repo: Repo, weft_home: object) -> Iterator[EngineThread]:
    thread = EngineThread(repo.path)
    thread.start()
    yield thread
    thread.stop()


def test_operations_run_there_and_their_answers_come_back(thread: EngineThread, repo: Repo) -> None:
    thread.submit(repos.init, str(repo.path)).result(10)

    task = thread.submit(tasks.task_add, "From outside").result(10)

    assert task.key == "task-1"
    with pytest.raises(UserError, match="no task"):
        thread.submit(tasks.task_show, "nope").result(10)


def test_followers_hear_of_every_event_in_order(thread: EngineThread, repo: Repo) -> None:
    heard: list[Event] = []
    thread.follow(heard.extend)
    thread.submit(repos.init, str(repo.path)).result(10)
    for number in range(3):
        thread.submit(tasks.task_add, f"Task {number}").result(10)

    wait_until(lambda: [event.kind for event in heard].count("task.added") == 3)

    assert [event.kind for event in heard] == [
        "repo.registered",
        "repo.guarded",
        *["task.added"] * 3,
    ]


def test_a_cancelled_operation_ends(thread: EngineThread) -> None:
    started, ended = threading.Event(), threading.Event()

    async def endless(engine: Engine) -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    future = thread.submit(endless)
    started.wait(10)
    future.cancel()

    assert ended.wait(10)


def test_stopping_ends_what_still_runs(repo: Repo) -> None:
    thread = EngineThread(repo.path)
    thread.start()
    started, ended = threading.Event(), threading.Event()

    async def endless(engine: Engine) -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    thread.submit(endless)
    started.wait(10)
    thread.stop()

    assert ended.is_set()


def test_what_is_asked_after_the_end_is_cancelled(repo: Repo) -> None:
    thread = EngineThread(repo.path)
    thread.start()
    thread.stop()

    late = thread.submit(repos.list_repos)

    assert late.cancelled()


def test_a_database_that_cannot_be_opened_is_told_to_whoever_asks(
    repo: Repo, weft_home: Path
) -> None:
    weft_home.mkdir()
    (weft_home / "weft.db").mkdir()
    thread = EngineThread(repo.path)
    thread.start()

    with pytest.raises(EnvironmentFault, match="cannot be opened"):
        thread.submit(repos.list_repos).result(10)

    thread.stop()


def test_the_window_goes_on_to_hear_signals_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    heard, of_the_window = socket.socketpair()
    heard_there, of_the_loop = socket.socketpair()
    make = asyncio.new_event_loop

    def as_on_windows() -> asyncio.AbstractEventLoop:
        signal.set_wakeup_fd(of_the_loop.fileno())
        return make()

    monkeypatch.setattr(thread_module, "WINDOWS", True)
    monkeypatch.setattr(asyncio, "new_event_loop", as_on_windows)
    with heard, of_the_window, heard_there, of_the_loop:
        for end in (of_the_window, of_the_loop):
            end.setblocking(False)
        before = signal.set_wakeup_fd(of_the_window.fileno())
        try:
            loop = thread_module._new_loop()
            loop.close()
        finally:
            kept = signal.set_wakeup_fd(before)

        assert kept == of_the_window.fileno()
