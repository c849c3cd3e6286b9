"""The line of writers: one inside, nobody waits for the dead, and who gives up blocks nobody."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from core.store.turnstile import SUFFIX, turnstile

LONG_S = 60.0
HOLDER = """\
import sys, time
from core.store.turnstile import turnstile
with turnstile(sys.argv[1], time.monotonic() + 60) as is_first:
    print(is_first, flush=True)
    sys.stdin.read()
"""


def in_time() -> float:
    return time.monotonic() + LONG_S


def holder(database: Path) -> subprocess.Popen[str]:
    """Start a process that is inside until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(database)],
        cwd=Path(__file__).parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "True\n"
    return process


def test_only_one_of_many_is_inside(tmp_path: Path) -> None:
    inside, most = 0, 0

    def write() -> None:
        nonlocal inside, most
        for _ in range(50):
            with turnstile(str(tmp_path / "db"), in_time()) as is_first:
                assert is_first
                inside += 1
                most = max(most, inside)
                inside -= 1

    writers = [threading.Thread(target=write) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert (inside, most) == (0, 1)


def test_who_waited_too_long_is_told_and_stands_in_nobodys_way(tmp_path: Path) -> None:
    process = holder(tmp_path / "db")

    with turnstile(str(tmp_path / "db"), time.monotonic() + 0.05) as is_first:
        assert not is_first
    process.communicate()

    with turnstile(str(tmp_path / "db"), in_time()) as is_first:
        assert is_first


def test_the_lock_ends_with_a_holder_that_is_killed(tmp_path: Path) -> None:
    process = holder(tmp_path / "db")
    killer = threading.Timer(0.0, process.kill)
    killer.start()

    with turnstile(str(tmp_path / "db"), in_time()) as is_first:
        assert is_first

    killer.join()
    process.communicate()


def test_an_exception_lets_the_next_one_in(tmp_path: Path) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        turnstile(str(tmp_path / "db"), in_time()),
    ):
        _ = 1 / 0

    process = holder(tmp_path / "db")
    process.communicate()


def test_threads_and_handles_do_not_pile_up(tmp_path: Path) -> None:
    def ushers() -> int:
        return sum(thread.name == "turnstile" for thread in threading.enumerate())

    before = ushers()
    process = holder(tmp_path / "db")
    for _ in range(5):
        with turnstile(str(tmp_path / "db"), time.monotonic() + 0.01) as is_first:
            assert not is_first
    process.communicate()
    with turnstile(str(tmp_path / "db"), in_time()) as is_first:
        assert is_first

    with turnstile(str(tmp_path / "other"), in_time()) as is_first:
        assert is_first  # the first place is let go of
    deadline = in_time()
    while ushers() > before:
        assert time.monotonic() < deadline


def test_without_a_file_nobody_stands_in_line(tmp_path: Path) -> None:
    missing = tmp_path / "missing" / "db"

    with (
        turnstile(str(missing), in_time()) as first,
        turnstile(str(missing), in_time()) as second,
    ):
        assert (first, second) == (True, True)
    assert not Path(f"{missing}{SUFFIX}").exists()
