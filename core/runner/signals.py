"""Signals as calls on the loop."""

from __future__ import annotations

import asyncio
import signal
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.processes.identity import WINDOWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def signals_as(act: Callable[[], None], *numbers: signal.Signals) -> Iterator[None]:
    """Call *act* on the running loop for each signal of these that arrives; not on Windows.

    `loop.add_signal_handler` would do the same, but loads `inspect` and what that needs, 1 MB in
    each runner, to make sure that *act* is no coroutine.
    """
    loop = asyncio.get_running_loop()
    woken, waker = socket.socketpair()
    with woken, waker:
        woken.setblocking(False)
        waker.setblocking(False)
        loop.add_reader(woken, woken.recv, 4096)
        # Python's own handler runs in the main thread, which may sleep in the loop while another
        # thread is given the signal: the byte wakes it.
        older = signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        kept = {
            number: signal.signal(number, lambda *_: loop.call_soon_threadsafe(act))
            for number in numbers
        }
        if not WINDOWS:
            for number in numbers:
                signal.siginterrupt(number, False)  # what a child was asked goes on
        try:
            yield
        finally:
            for number, handler in kept.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(older)
            loop.remove_reader(woken)
