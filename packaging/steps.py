"""Steps of a check: run, timed, shown; several at once where they are quiet."""

from __future__ import annotations

import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent

_running: list[subprocess.Popen[bytes]] = []
"""The process of every step that was begun."""


class Step(NamedTuple):
    """One check that ran."""

    name: str
    began: float
    seconds: float
    passed: bool


def run_step(
    name: str,
    words: Sequence[str],
    *,
    shown: bool = False,
    environ: Mapping[str, str] | None = None,
    fine: Sequence[int] = (0,),
) -> Step:
    """Run one check in the repository and time it; its output is *shown*, or kept for a failure."""
    say(f"{name} ...")
    started = time.monotonic()
    pipe = None if shown else subprocess.PIPE
    child = subprocess.Popen(
        words, cwd=ROOT, env=os.environ | (environ or {}), stdout=pipe, stderr=subprocess.STDOUT
    )
    _running.append(child)
    output = wait_for(child)
    passed = child.returncode in fine
    if output and not passed:
        say(output.decode(errors="replace").rstrip())
    return Step(name, started, time.monotonic() - started, passed)


def run_steps(checks: Mapping[str, Sequence[str]], *, at_once: int) -> list[Step]:
    """Run some checks, named by their keys, *at_once* of them; what they print is kept."""
    with ThreadPoolExecutor(at_once) as threads:
        try:
            return list(threads.map(run_step, checks, checks.values()))
        except KeyboardInterrupt:  # it reached the checks too, but mypy takes its time to hear it
            for check in _running:
                check.terminate()
            raise


def wait_for(child: subprocess.Popen[bytes]) -> bytes | None:
    """Wait for a child; when interrupted let it end by itself first."""
    try:
        return child.communicate()[0]
    except BaseException as error:
        if not isinstance(error, KeyboardInterrupt):  # Ctrl-C reached the child as well
            child.terminate()
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        raise


def summarise(steps: Sequence[Step]) -> int:
    """Print one line per step and return the exit status."""
    say("")
    for step in steps:
        say(f"  {step.name:<20}{step.seconds:8.1f} s  {'ok' if step.passed else 'FAILED'}")
    failed = [step.name for step in steps if not step.passed]
    # Some ran at once: from the first one's beginning to the last one's end.
    total = max(one.began + one.seconds for one in steps) - min(one.began for one in steps)
    say(f"{'failed: ' + ', '.join(failed) if failed else 'all passed'} ({total:.0f} s)")
    return 1 if failed else 0


def say(text: str) -> None:
    """Print a line at once, so that it stands before what a child prints."""
    print(text, flush=True)
