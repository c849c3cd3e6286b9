"""A plain command against bare Python importing sqlite3 and json, in one run."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Final

import pytest

from tests.end_to_end.black_box import Weft, command

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.conftest import Report
    from tests.scenarios import Repo

pytestmark = pytest.mark.benchmark

ROUNDS: Final = 11
MOST: Final = 12.0
"""Ratio that the project promises."""
BARE: Final = (sys.executable, "-c", "import sqlite3, json")


def test_a_plain_command_answers_soon(repo: Repo, report: Report) -> None:
    weft = Weft(repo.path)
    weft("init")
    for number in range(20):
        weft("task", "add", f"Task {number}")
    listing = (*command(), "task", "list")

    bare, listed = _medians(repo.path, BARE, listing)

    figures = f"{listed * 1e3:.0f} ms, Python importing sqlite3 and json {bare * 1e3:.0f} ms"
    report("weft task list", listed / bare, f"{figures}; at most {MOST:.0f}")
    assert listed / bare <= MOST


def _medians(folder: Path, *commands: tuple[str, ...]) -> list[float]:
    """Return the median seconds of each command; rounds alternate, so that load hits all alike."""
    taken: list[list[float]] = [[] for _ in commands]
    for _ in range(ROUNDS):
        for times, words in zip(taken, commands, strict=True):
            start = time.perf_counter()
            subprocess.run(words, cwd=folder, stdout=subprocess.DEVNULL, check=True)
            times.append(time.perf_counter() - start)
    return [statistics.median(times) for times in taken]
