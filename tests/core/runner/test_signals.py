"""Signals become calls on the loop."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading

import pytest

from core.runner.signals import signals_as

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


@pytest.mark.parametrize("to", ["the process", "another thread"])
async def test_a_signal_wakes_the_loop_wherever_it_arrives(to: str) -> None:
    came: asyncio.Queue[int] = asyncio.Queue()
    end = threading.Event()
    other = threading.Thread(target=end.wait)
    other.start()

    with signals_as(lambda: came.put_nowait(threading.get_ident()), signal.SIGUSR1, signal.SIGUSR2):
        for number in (signal.SIGUSR1, signal.SIGUSR2):
            if to == "the process":
                os.kill(os.getpid(), number)
            else:
                signal.pthread_kill(other.ident or 0, number)
            # Nothing else wakes the loop meanwhile.
            assert await asyncio.wait_for(came.get(), 60) == threading.get_ident()

    end.set()
    other.join()


async def test_afterwards_signals_are_handled_as_before() -> None:
    before = signal.getsignal(signal.SIGUSR1)

    with signals_as(lambda: None, signal.SIGUSR1):
        assert signal.getsignal(signal.SIGUSR1) is not before

    assert signal.getsignal(signal.SIGUSR1) is before
    assert signal.set_wakeup_fd(-1) == -1
