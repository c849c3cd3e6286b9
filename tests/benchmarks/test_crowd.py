"""Eight processes claim ten thousand tasks while some are killed: how fast, and each done once."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Final

import pytest

from core.paths import database_file
from core.store.connection import close_database, open_database
from core.store.plain import select
from core.store.schema import database
from tests.races.claiming import claims_a_second, done_counts, registered, run_crowd

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.conftest import Tally

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(1800)]

TASKS: Final = 10_000
WORKERS: Final = 8
ALONE: Final = 2_000


def test_ten_thousand_tasks_eight_processes_some_killed(
    home: Path, tmp_path: Path, tally: Tally
) -> None:
    open_database(database_file())
    assert database.pragma("synchronous") == 2, "FULL"
    repo = registered(TASKS, WORKERS)
    before = bare_commit_ms(tmp_path / "bare.db")

    crowd = run_crowd(repo, tmp_path, workers=WORKERS, kill_every_s=2.0)

    tally(
        f"{TASKS} tasks, {WORKERS} processes, {crowd.kills} killed: {TASKS / crowd.seconds:.0f}"
        f" claims/s, each with its end; a claim p50 {crowd.percentile(0.5):.1f} ms,"
        f" p99 {crowd.percentile(0.99):.1f} ms, longest {max(crowd.latencies):.0f} ms"
        f" (a bare commit {before:.2f} ms before, {bare_commit_ms(tmp_path / 'bare.db'):.2f} after)"
    )
    assert done_counts(repo) == [1] * TASKS
    assert crowd.said == ""
    close_database()


def test_claims_of_eight_processes_and_nothing_else(
    home: Path, tmp_path: Path, tally: Tally
) -> None:
    open_database(database_file())
    repo = registered(2 * ALONE, ALONE)

    rate = claims_a_second(repo, processes=WORKERS, each=ALONE // WORKERS)

    tally(
        f"{ALONE} claims by {WORKERS} processes: {rate:.0f} claims/s (goal: 500; a bare commit"
        f" {bare_commit_ms(tmp_path / 'bare.db'):.2f} ms)"
    )
    owners = select("SELECT count(DISTINCT worker_id), count(*) FROM claim")
    assert owners == [(ALONE, ALONE)]
    close_database()


def bare_commit_ms(file: Path) -> float:
    """Return what one commit of one small row costs on this disk now."""
    with closing(sqlite3.connect(file, isolation_level=None)) as bare:
        bare.execute("PRAGMA journal_mode = WAL")
        bare.execute("PRAGMA synchronous = FULL")
        bare.execute("CREATE TABLE IF NOT EXISTS small (value)")
        began = time.perf_counter()
        for number in range(200):
            bare.execute("INSERT INTO small VALUES (?)", (number,))
        return (time.perf_counter() - began) / 200 * 1e3
