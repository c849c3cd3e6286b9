"""A claim with its reasons, lease and event, against a bare `UPDATE … RETURNING`."""

from __future__ import annotations

import sqlite3
import statistics
import time
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pytest

from core.domain.repo import Repo, WorktreeLayout
from core.domain.task import NewTask
from core.domain.worker import WorkerType
from core.queue.claims import claim_task
from core.store.connection import close_database, open_database
from core.store.schema import RepoRow
from core.store.transactions import transaction
from core.tasks.board import add_task
from core.workers.registry import add_worker
from tests.core.conftest import terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.benchmarks.conftest import Report

pytestmark = pytest.mark.benchmark

TASKS: Final = (100, 1_000)
CLAIMS: Final = 60
BARE: Final = """\
UPDATE task SET status = 'claimed', worker = ?
WHERE id = (SELECT id FROM task WHERE status = 'backlog' ORDER BY rank, id LIMIT 1) RETURNING id
"""


@pytest.fixture
def crowd(tmp_path: Path) -> Iterator[Callable[[int], Repo]]:
    """Makes a repository with so many tasks, and a person for each claim."""

    def make(tasks: int) -> Repo:
        now = datetime.now(UTC)
        open_database(tmp_path / f"{tasks}.db")
        path = tmp_path / "shop"
        row = RepoRow.create(
            name="shop", path=str(path), git_dir=str(path), base="main", layout="sibling",
            registered_ms=1,
        )  # fmt: skip
        repo = Repo(row.id, "shop", path, path, "main", WorktreeLayout.SIBLING)
        with transaction():
            for number in range(tasks):
                add_task(repo, NewTask(f"Task {number}"), now=now, actor="person")
            for number in range(CLAIMS):
                add_worker(repo, f"p-{number}", WorkerType.HUMAN, now=now, actor="person")
        return repo

    yield make
    close_database()


@pytest.mark.parametrize("tasks", TASKS)
def test_a_claim_against_a_bare_update(
    crowd: Callable[[int], Repo], tmp_path: Path, report: Report, tasks: int
) -> None:
    repo = crowd(tasks)
    mine, bare = [], []
    with closing(bare_table(tmp_path / "bare.db", tasks)) as table:
        for number in range(CLAIMS):
            mine.append(taken(lambda n=number: claim(repo, f"p-{n}")))  # type: ignore[misc]
            bare.append(taken(lambda n=number: update(table, f"p-{n}")))  # type: ignore[misc]

    ours, theirs = statistics.median(mine), statistics.median(bare)
    report(
        f"claim, {tasks} tasks",
        ours / theirs,
        f"claim {ours * 1e3:.2f} ms, UPDATE … RETURNING {theirs * 1e3:.2f} ms, median of {CLAIMS}",
    )
    assert ours < 0.5


def claim(repo: Repo, worker: str) -> None:
    claim_task(repo, None, worker, terms(), now=datetime.now(UTC), actor=worker)


def bare_table(file: Path, tasks: int) -> sqlite3.Connection:
    """Return a database with one table, as durable as Weft's."""
    table = sqlite3.connect(file, isolation_level=None)
    table.execute("PRAGMA journal_mode = WAL")
    table.execute("PRAGMA synchronous = FULL")
    table.execute("CREATE TABLE task (id INTEGER PRIMARY KEY, status, rank, worker, title)")
    table.execute("CREATE INDEX ready ON task (rank, id) WHERE status = 'backlog'")
    rows = [("backlog", 1, f"Task {number}") for number in range(tasks)]
    table.executemany("INSERT INTO task (status, rank, title) VALUES (?, ?, ?)", rows)
    return table


def update(table: sqlite3.Connection, worker: str) -> None:
    assert table.execute(BARE, (worker,)).fetchall()


def taken(act: Callable[[], None]) -> float:
    """Return the seconds that *act* takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
