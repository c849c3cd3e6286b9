"""What psutil answers and does where there is no /proc: asked here of whatever system this is."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from core.processes import portable
from core.processes.identity import identify, resume, suspend
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """A process that sleeps; it is ended after the test."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as found:
        yield found
        found.kill()


def is_stopped(pid: int) -> bool:
    seen = portable.look(pid)
    return seen is not None and seen.is_stopped


def test_a_suspended_process_lives_and_goes_on(child: subprocess.Popen[bytes]) -> None:
    portable.suspend(child.pid)
    wait_until(lambda: is_stopped(child.pid))
    portable.resume(child.pid)
    wait_until(lambda: not is_stopped(child.pid))

    assert child.poll() is None


def test_exactly_the_process_that_is_meant_is_suspended(child: subprocess.Popen[bytes]) -> None:
    me = identify(child.pid)
    assert me is not None

    assert suspend(me)
    wait_until(lambda: is_stopped(child.pid))
    assert resume(me)
    wait_until(lambda: not is_stopped(child.pid))
    assert child.poll() is None


def test_one_that_is_gone_is_said_to_be(child: subprocess.Popen[bytes]) -> None:
    me = identify(child.pid)
    assert me is not None
    portable.end(child.pid)
    child.wait()

    with pytest.raises(ProcessLookupError):
        portable.suspend(child.pid)
    assert not suspend(me)
    assert not resume(me)
