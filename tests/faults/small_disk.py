"""Weft's home on a disk of 2 MB, which a run fills; fixtures are taken over by import."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Final

import pytest

from core.dispatch.live import run_record
from core.domain.run import RunStatus
from core.events import log
from core.processes.identity import identify
from core.processes.tree import ProcessTree
from core.store.connection import quick_check
from tests.waiting import wait_until_async

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.runs import RunProject

LINES: Final = 4000
TALKS: Final = f"""
for number in range({LINES}):
    print(f"line {{number:05}} " + "x" * 600, flush=True)
open("done.txt", "w").write("done")
"""


@pytest.fixture
def weft_home(weft_home: Path) -> Iterator[Path]:
    """Weft's home on a disk of its own, of 2 MB."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounts a small disk, which only root may")
    weft_home.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(weft_home)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("no disk can be mounted here")
    yield weft_home
    subprocess.run(["umount", "--lazy", str(weft_home)], check=True)


async def fill_and_make_room(project: RunProject, weft_home: Path) -> float:
    """Let a run fill the disk, then make room; return how long it took to go on.

    Raises:
        AssertionError: A line, an event or the database was lost, or the run was not held.
    """
    run = await project.launch(project.python(TALKS))

    def held() -> bool:
        agents = ProcessTree(None, ("WEFT_RUN", run.id)).seen()
        return bool(agents) and all(seen.is_stopped for seen in agents)

    await wait_until_async(held)
    assert shutil.disk_usage(weft_home).free < 64 * 1024
    acknowledged = [event.id for event in log.read(limit=1000)]
    runner = run_record(run.id).runner_pid
    assert runner is not None
    assert identify(runner) is not None

    make_room(weft_home)
    began = time.monotonic()
    await wait_until_async(lambda: not held())
    took = time.monotonic() - began

    ended = await project.ended(run)
    assert ended.status is RunStatus.DONE, project.said(run)[-3:]
    numbers = [int(line.split()[1]) for line in project.said(run, "output")]
    assert numbers == list(range(LINES))
    assert any("The disk was full" in line for line in project.said(run, "state"))
    assert quick_check() == ""
    assert [event.id for event in log.read(limit=1000)][: len(acknowledged)] == acknowledged
    return took


def make_room(weft_home: Path) -> None:
    """Let the disk grow."""
    subprocess.run(["mount", "-o", "remount,size=64m", str(weft_home)], check=True)
