"""The engine's own thread: one asyncio loop, one database connection, one engine.

The window never touches git or the database: it submits operations here and awaits them. So
nothing that the engine does can block the window's loop, and the engine needs no locks.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar, overload

from core.engine.context import Engine, open_engine
from core.events import bus
from core.events.tail import EventTail
from core.processes.identity import WINDOWS
from core.store.connection import DATABASE_ERRORS, close_database

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from core.domain.event import Event

P = ParamSpec("P")
R = TypeVar("R")

POLL_S: Final = 0.1
"""How often other processes' commits are looked for: one pragma, some 5 µs."""
_STOP_S: Final = 10.0
logger = logging.getLogger(__name__)


class EngineThread:
    """Runs operations of one `Engine` on a thread of its own.

    `start` returns at once; operations wait until the database is open. If that fails, each
    operation raises the reason. With *leads* False it leaves the loops to other processes.
    """

    def __init__(self, folder: Path | None, *, leads: bool = True, actor: str = "person") -> None:
        self._folder = folder
        self._leads = leads
        self._actor = actor
        self._loop = _new_loop()
        self._thread = threading.Thread(target=self._main, name="weft-engine", daemon=True)
        self._engine: Engine | None = None
        self._problem: BaseException | None = None
        self._followers: list[Callable[[list[Event]], None]] = []
        self._stopping = asyncio.Event()
        self._is_closed = False
        self._calls: set[asyncio.Task[Any]] = set()
        self._opened = asyncio.Event()

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    @overload
    def submit(
        self,
        operation: Callable[Concatenate[Engine, P], Coroutine[Any, Any, R]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Future[R]: ...

    @overload
    def submit(
        self, operation: Callable[Concatenate[Engine, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> Future[R]: ...

    def submit(self, operation: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:
        """Run `operation(engine, …)` there; cancelling the future cancels a coroutine.

        What is asked once the end has begun is cancelled at once: a page's timer may ask then.
        """
        if self._is_closed:
            refused: Future[Any] = Future()
            refused.cancel()
            return refused
        return asyncio.run_coroutine_threadsafe(self._call(operation, *args, **kwargs), self._loop)

    def follow(self, callback: Callable[[list[Event]], None]) -> None:
        """Have *callback* called there with each new batch of events, of whatever process.

        The batch is empty when something was committed that is no event: a heartbeat, or the
        last words of an agent.
        """
        self._followers.append(callback)

    def stop(self) -> None:
        """End the thread after cancelling what still runs; safe to call twice."""
        self._is_closed = True
        if not self._thread.is_alive():
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(_STOP_S)

    async def _call(self, operation: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        task = asyncio.current_task()
        assert task is not None
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
        await self._opened.wait()
        if self._engine is None:
            raise self._problem or RuntimeError("the engine is not open")
        result = operation(self._engine, *args, **kwargs)
        return await result if asyncio.iscoroutine(result) else result

    def _main(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._live())
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    async def _live(self) -> None:
        try:
            self._engine = open_engine(self._folder, actor=self._actor)
        except Exception as error:  # noqa: BLE001  told to whoever asks, on the window's side
            self._problem = error
        self._opened.set()
        if self._engine is None:
            await self._stopping.wait()
        elif self._leads:
            from core.engine.loops import keep_going  # git and runs: not before they are needed

            going = asyncio.create_task(keep_going(self._engine, self._stopping))
            await self._tail_until_stopped()
            await going
        else:
            await self._tail_until_stopped()
        await self._cancel_calls()
        close_database()

    async def _tail_until_stopped(self) -> None:
        tail = EventTail()
        unsubscribe = bus.subscribe(lambda _event: tail.wake())
        while not self._stopping.is_set():
            try:
                events = tail.poll()
                if tail.has_moved:
                    self._hand_on(events)
            except DATABASE_ERRORS as error:
                # The disk or the file may be back with the next look; nothing is skipped.
                logger.warning("The event log could not be read: %s", error)
                tail.wake()
            try:
                await asyncio.wait_for(self._stopping.wait(), POLL_S)
            except TimeoutError:
                continue
        unsubscribe()

    def _hand_on(self, events: list[Event]) -> None:
        for follower in self._followers:
            follower(events)

    async def _cancel_calls(self) -> None:
        """Cancel the operations, and nothing of asyncio's own.

        A process whose pipes are being connected would be waited for for ever if the task that
        connects them were cancelled too.
        """
        calls = list(self._calls)
        for task in calls:
            task.cancel()
        await asyncio.gather(*calls, return_exceptions=True)


def _new_loop() -> asyncio.AbstractEventLoop:
    """Return a loop for another thread; the window goes on to hear the signals.

    On Windows a loop takes them for its own when it is made on the main thread.
    """
    if not WINDOWS or threading.current_thread() is not threading.main_thread():
        return asyncio.new_event_loop()
    before = signal.set_wakeup_fd(-1)
    try:
        return asyncio.new_event_loop()
    finally:
        signal.set_wakeup_fd(before, warn_on_full_buffer=False)
