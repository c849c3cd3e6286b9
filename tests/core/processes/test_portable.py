"""What psutil answers and does where there is no /proc: asked here of whatever system this is."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import psutil
import pytest

from core.processes import portable, tree
from core.processes.identity import ProcessIdentity, Seen, identify, resume, suspend
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


def test_a_process_stays_who_it_is_when_the_clock_is_set(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = portable.look(child.pid)
    real = psutil.Process.create_time

    # As psutil does on macOS, where it follows the clock.
    monkeypatch.setattr(psutil.Process, "create_time", lambda self: real(self) + 7.0)

    assert before is not None
    assert portable.look(child.pid) == before


def test_a_pid_that_is_used_again_is_another_process(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    # What `process_iter` has seen once it keeps, whoever has the pid by now.
    stale = psutil.Process()
    monkeypatch.setattr(stale, "_pid", child.pid)
    monkeypatch.setattr(psutil, "process_iter", lambda: iter([stale]))

    seen = {one.identity.pid: one for one in portable.look_around()}

    assert seen[child.pid] == portable.look(child.pid)


def test_on_windows_parents_are_asked_for_once(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portable, "WINDOWS", True)
    monkeypatch.setattr(psutil.Process, "ppid", _too_dear)
    monkeypatch.setattr(psutil.Process, "status", _too_dear)
    monkeypatch.setattr(psutil, "_ppid_map", lambda: {child.pid: os.getpid()})

    (seen,) = portable.look_around()

    assert seen.identity == identity_of(child)
    assert seen.parent == os.getpid()


def _too_dear(self: psutil.Process) -> None:
    raise AssertionError("on Windows that costs a look at all threads")


def identity_of(child: subprocess.Popen[bytes]) -> ProcessIdentity:
    _, began = vars(psutil.Process(child.pid))["_ident"]
    return ProcessIdentity(child.pid, int(began * 1000))


def test_on_windows_who_has_the_pid_of_a_parent_that_is_gone_is_no_parent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    agent = Seen(ProcessIdentity(40, 2000), 1, "S")
    tool = Seen(ProcessIdentity(41, 2001), 40, "S")
    desktop = Seen(ProcessIdentity(42, 1000), 40, "S")  # whoever started it had 40 before
    of_the_desktop = Seen(ProcessIdentity(43, 3000), 42, "S")
    monkeypatch.setattr(tree, "WINDOWS", True)
    monkeypatch.setattr(tree, "look_around", lambda: (agent, tool, desktop, of_the_desktop))

    assert tree.ProcessTree(agent.identity).seen() == (agent, tool)


def test_on_windows_a_tree_is_suspended_by_looks_of_its_own(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "WINDOWS", True)
    me = identify(child.pid)
    assert me is not None
    monkeypatch.setattr(tree, "look_around", lambda: (Seen(me, os.getpid(), "S"),))

    wait_until(tree.ProcessTree(me).suspend)

    assert is_stopped(child.pid)
