"""Trees of real processes: sessions of their own, daemons, and forks do not escape."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from core.processes import tree as tree_module
from core.processes.identity import (
    ProcessIdentity,
    Seen,
    environment_has,
    identify,
    is_alive,
    look,
    look_around,
    own_identity,
    send,
)
from core.processes.tree import Ladder, ProcessTree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

QUICK = Ladder(interrupt_s=0.2, terminate_s=0.2, kill_s=5)
MARK = ("WEFT_RUN", "run-of-this-test")
FAMILY = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
def child(daemon):
    if os.fork() == 0:
        os.setsid()
        if daemon and os.fork() != 0:
            os._exit(0)
        open(sys.argv[1], "a").write(f"{os.getpid()}\\n")
        while True:
            time.sleep(0.01)
child(False)
child(True)
open(sys.argv[1], "a").write(f"{os.getpid()}\\n")
while True:
    time.sleep(0.01)
"""


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.005)


@pytest.fixture
def family(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], list[ProcessIdentity]]]:
    """A parent, a child in a session of its own and a daemon, all deaf to INT and TERM."""
    notes = tmp_path / "pids"
    notes.touch()
    parent = subprocess.Popen(
        [sys.executable, "-c", FAMILY, str(notes)], env={**os.environ, MARK[0]: MARK[1]}
    )
    wait_for(lambda: len(notes.read_text().splitlines()) == 3)
    members = [found for pid in notes.read_text().split() if (found := identify(int(pid)))]
    yield parent, members
    for member in members:
        send(member, signal.SIGKILL)
    parent.wait()


async def test_who_was_a_member_once_is_ended_although_nothing_tells_it_any_more(
    family: tuple[subprocess.Popen[bytes], list[ProcessIdentity]], monkeypatch: pytest.MonkeyPatch
) -> None:
    parent, members = family
    looks: list[None] = []

    def counted() -> tuple[Seen, ...]:
        looks.append(None)
        return look_around()

    def told_once(pid: int, name: str, value: str) -> bool:  # as while it executes a program
        return len(looks) == 1 and environment_has(pid, name, value)

    monkeypatch.setattr(tree_module, "look_around", counted)
    monkeypatch.setattr(tree_module, "environment_has", told_once)

    assert await ProcessTree(identify(parent.pid), MARK).end(QUICK)

    assert not any(is_alive(member) for member in members)


async def test_ending_a_tree_leaves_nobody_not_even_a_daemon(
    family: tuple[subprocess.Popen[bytes], list[ProcessIdentity]],
) -> None:
    parent, members = family
    tree = ProcessTree(identify(parent.pid), MARK)

    assert set(tree.members()) == set(members)
    assert await tree.end(QUICK)

    assert not any(is_alive(member) for member in members)


def test_a_suspended_tree_stands_still_and_runs_on(
    family: tuple[subprocess.Popen[bytes], list[ProcessIdentity]],
) -> None:
    parent, members = family
    tree = ProcessTree(identify(parent.pid), MARK)

    assert tree.suspend()
    states = [seen.state for member in members if (seen := look(member.pid))]
    assert states == ["T", "T", "T"]

    tree.resume()
    wait_for(lambda: all(not seen.is_stopped for seen in tree.seen()))


def test_a_reused_pid_is_a_stranger_and_gets_no_signal() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    real = identify(child.pid)
    assert real is not None
    stranger = ProcessIdentity(real.pid, real.started_ms - 10)

    assert not is_alive(stranger)
    assert not send(stranger, signal.SIGKILL)

    assert child.poll() is None
    child.communicate(b"\n")


def test_a_dead_child_that_waits_to_be_reaped_is_not_alive() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    wait_for(lambda: (seen := look(child.pid)) is not None and not seen.is_alive)

    assert identify(child.pid) is None
    child.wait()


def test_a_tree_never_holds_the_process_that_asks() -> None:
    assert own_identity() not in ProcessTree(own_identity()).members()


def test_a_process_that_keeps_its_environment_private_starts_others_that_do_not() -> None:
    ask = "import ctypes; print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), flush=True)"
    code = (
        "import subprocess, sys; from core.processes.tree import keep_private;"
        f"assert keep_private(); {ask}; subprocess.run([sys.executable, '-c', {ask!r}], check=True)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["0", "1"]
