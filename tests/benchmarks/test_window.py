"""Start to first paint, and a board of ten thousand cards; offscreen, one process each."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from tests.benchmarks.conftest import Report

pytestmark = pytest.mark.benchmark

ROUNDS: Final = 7
ROOT: Final = Path(__file__).parents[2]
PROCESS: Final = Path(__file__).with_name("window_process.py")


def measured(*words: str) -> dict[str, float]:
    """Return what a window's process tells, with the moment of its start."""
    environ = {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, str(PROCESS), *words],
        env=os.environ | environ,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, float] = json.loads(done.stdout)
    return {**found, "began": began}


def start_to_paint(what: str) -> float:
    """Return the seconds from starting the process to its first paint."""
    found = measured(what)
    return found["painted"] - found["began"]


def test_start_to_first_paint_against_a_bare_window(report: Report) -> None:
    start_to_paint("weft")  # compiles the modules, as an installation does
    bare, weft = [], []
    for _ in range(ROUNDS):
        bare.append(start_to_paint("bare"))
        weft.append(start_to_paint("weft"))

    ours, theirs = statistics.median(weft), statistics.median(bare)
    report(
        "start to first paint",
        ours / theirs,
        f"Weft {ours * 1e3:.0f} ms, bare QMainWindow {theirs * 1e3:.0f} ms, median of {ROUNDS}",
    )
    assert ours < 10


def test_a_board_of_10000_cards_against_100(report: Report) -> None:
    few = [measured("board", "100") for _ in range(3)]
    many = [measured("board", "10000") for _ in range(3)]

    for name, key, unit, scale in (
        ("first paint", "shown", "ms", 1e3),
        ("all laid out", "settled", "ms", 1e3),
        ("move of a card", "moved", "ms", 1e3),
    ):
        small, large = (statistics.median(found[key] for found in group) for group in (few, many))
        figures = f"{large * scale:.1f} {unit} against {small * scale:.1f} {unit}"
        report(f"board of 10,000 cards, {name}", large / small, figures)
    small, large = (statistics.median(found["used"] for found in group) for group in (few, many))
    report(
        "board of 10,000 cards, memory of the view",
        large / max(small, 1),
        f"{large / 1e6:.1f} MB against {small / 1e6:.1f} MB",
    )
    assert statistics.median(found["shown"] for found in many) < 20
