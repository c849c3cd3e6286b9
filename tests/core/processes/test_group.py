"""A control group holds what clears its environment and loses its parent."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from core.processes.group import (
    enter_group,
    group_pids,
    leave_group,
    make_group,
    remove_group,
    remove_left_groups,
)
from core.processes.identity import identify
from core.processes.tree import Ladder, ProcessTree
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execve("/bin/sleep", ["sleep", "600"], {})
    os._exit(0)
os.wait()
"""


@pytest.fixture
def group() -> Iterator[Path]:
    """A group of this test's."""
    found = make_group(f"weft-test-{os.getpid()}")
    if found is None:
        pytest.skip("this system gives no control group to divide")
    yield found
    assert remove_group(found)


def start_daemon(group: Path) -> None:
    assert enter_group(group)
    try:
        subprocess.run([sys.executable, "-c", DAEMON], check=True)
    finally:
        assert leave_group(group)


async def test_a_daemon_without_mark_and_parent_is_found_and_ended(group: Path) -> None:
    start_daemon(group)
    tree = ProcessTree(None, ("WEFT_RUN", "none-such"), group=group)
    wait_until(lambda: len(group_pids(group)) == 1)

    assert {member.pid for member in tree.members()} == group_pids(group)
    assert not remove_group(group)
    assert await tree.end(Ladder(0.2, 0.2, 5.0))
    wait_until(lambda: not group_pids(group))


async def test_an_errand_is_no_member_though_it_was_born_in_the_group(group: Path) -> None:
    start_daemon(group)
    (pid,) = group_pids(group)
    errand = identify(pid)
    assert errand is not None

    assert ProcessTree(None, None, (errand,), group).members() == ()
    assert await ProcessTree(None, None, (), group).end(Ladder(0.0, 0.2, 5.0))


def test_an_empty_group_that_was_left_goes_and_one_in_use_stays(group: Path) -> None:
    assert enter_group(group)
    try:
        left = make_group(f"{group.name}-left")
        assert remove_left_groups(group.name) == 0
        assert remove_left_groups(group.name, older_s=0.0) == 1
    finally:
        assert leave_group(group)
    assert left is not None
    assert not left.exists()


def test_without_a_group_everything_is_as_ever(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    assert not enter_group(None)
    assert not enter_group(gone)
    assert group_pids(None) == frozenset()
    assert remove_group(gone)
