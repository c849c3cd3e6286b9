"""Processes that race: each task is done once, a lock has one holder, nobody sees an error."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from core.locks import leases
from tests.races.claiming import done_counts, registered, run_crowd

_ROOT: Final = Path(__file__).parents[2]
RACERS: Final = 50


def test_while_processes_are_killed_each_task_is_done_exactly_once(
    store: Path, tmp_path: Path
) -> None:
    repo = registered(120, 4, files=True)

    crowd = run_crowd(repo, tmp_path, workers=4, kill_every_s=0.7)

    assert done_counts(repo) == [1] * 120
    assert crowd.said == ""
    assert leases.list_locks(repo) == ()


def test_of_many_processes_that_want_one_glob_exactly_one_holds_it(
    store: Path, tmp_path: Path
) -> None:
    repo = registered(RACERS, RACERS)
    words = [sys.executable, "-m", "tests.races.locking", str(repo.id), str(repo.path)]
    gate = tmp_path / "go"

    racers = [
        subprocess.Popen(
            [*words, f"agent-{number}", f"task-{number + 1}", str(gate)],
            cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for number in range(RACERS)
    ]  # fmt: skip
    gate.touch()
    answers = [racer.communicate() for racer in racers]

    assert [said for _, said in answers] == [""] * RACERS
    told = sorted(out.strip() for out, _ in answers)
    assert told.count("held") == 1
    (holder,) = {lock.worker for lock in leases.held(repo, now=datetime.now(UTC))}
    task = f"task-{int(holder.removeprefix('agent-')) + 1}"
    assert set(told) - {"held"} == {f"src/**/*.py is held by {holder} for {task}"}
