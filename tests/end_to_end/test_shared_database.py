"""Several windows and command lines on one database, and a database that cannot be written."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.black_box import ENDS_S, Weft, WindowProcess, command
from tests.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

TASKS = 18
WINDOWS = ("window-1", "window-2")
LINES = ("line-1", "line-2", "line-3", "line-4")


def work_by_command_line(weft: Weft, name: str) -> list[str]:
    """Claim and finish one task after the other; return whatever was said on standard error."""
    said = []
    while True:
        claimed = weft.tried("claim", "--worker", name, "--json")
        said.append(claimed.err)
        if claimed.status:
            said.append(claimed.out)
            return said
        said.append(weft("done", json.loads(claimed.out)["task"]).err)


@pytest.mark.timeout(180)
def test_two_windows_and_four_command_lines_claim_each_task_once(weft: Weft) -> None:
    plan = json.dumps([{"title": f"Task {number}"} for number in range(TASKS)])
    weft("task", "import", "-", stdin=plan)
    for name in (*WINDOWS, *LINES):
        weft("worker", "add", name, "--type", "human")

    with ExitStack() as stack:
        windows = [stack.enter_context(closing(WindowProcess(weft.folder))) for _ in WINDOWS]
        pool = stack.enter_context(ThreadPoolExecutor(len(LINES)))
        wait_until(lambda: all(window.of("board") for window in windows))
        for window, name in zip(windows, WINDOWS, strict=True):
            window.tell(f"work {name}")
        lines = [pool.submit(work_by_command_line, weft, name) for name in LINES]
        words = [word for line in lines for word in line.result(ENDS_S)]
        wait_until(lambda: all(window.of("end") for window in windows))
        wait_until(lambda: [claims_heard(window) for window in windows] == [TASKS, TASKS])

    assert not [word for word in words if "locked" in word or "database" in word], words
    assert all("nothing in the backlog" in window.of("end")[0] for window in windows)
    claims = [e for e in weft.json("events", "--limit", "1000") if e["kind"] == "task.claimed"]
    per_task = Counter(event["task"] for event in claims)
    assert per_task == dict.fromkeys((f"task-{n}" for n in range(1, TASKS + 1)), 1)
    assert {event["worker"] for event in claims} & set(WINDOWS)
    assert {event["worker"] for event in claims} & set(LINES)
    assert all(task["status"] == "review" for task in weft.json("task", "list"))


def claims_heard(window: WindowProcess) -> int:
    """Return how many claims a window has heard of, of whatever process."""
    return sum(event["kind"] == "task.claimed" for event in window.of("event"))


@pytest.mark.skipif(sys.platform != "linux", reason="how root is kept from writing")
def test_a_read_only_database_is_named_and_stays_as_it_is(weft: Weft, weft_home: Path) -> None:
    weft("task", "add", "Say hello")
    database = weft_home / "weft.db"
    before = database.read_bytes()
    for file in weft_home.glob("weft.db*"):
        file.chmod(0o444)
    weft_home.chmod(0o555)
    try:
        written = without_privilege(weft, "task", "add", "Another")
        read = without_privilege(weft, "task", "list")
    finally:
        weft_home.chmod(0o755)

    for said in (written, read):
        assert said.returncode == 1, said
        assert said.stderr.startswith("error: The database"), said.stderr
        assert "read-only" in said.stderr
        assert "WEFT_HOME" in said.stderr
    assert database.read_bytes() == before
    assert [task["key"] for task in weft.json("task", "list")] == ["task-1"]


def without_privilege(weft: Weft, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command without root's right to write everywhere; for others nothing changes."""

    def drop() -> None:
        libc = ctypes.CDLL(None)
        for capability in (1, 2, 3):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER
            libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP

    return subprocess.run(
        [*command(), *words],
        cwd=weft.folder,
        preexec_fn=drop if os.geteuid() == 0 else None,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=ENDS_S,
        check=False,
    )
