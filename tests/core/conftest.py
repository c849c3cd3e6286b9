"""An open database and registered repositories for tests of the engine's services."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from core.domain.repo import Repo, WorktreeLayout
from core.engine.context import Engine
from core.engine.repos import init
from core.paths import database_file
from core.queue.claims import ClaimTerms
from core.queue.eligibility import Rules
from core.store.connection import close_database
from core.store.schema import RepoRow
from core.tasks.records import NO_RULES
from tests.stores import open_blank

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.domain.task import Task
    from core.domain.worker import Worker
    from tests.scenarios import Repo as GitRepo


class SteadyClock:
    """Time that passes only when a test says so."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def pass_(self, duration: timedelta) -> None:
        self.moment += duration


@pytest.fixture
def clock() -> SteadyClock:
    return SteadyClock()


@pytest.fixture
def store(home: Path) -> Iterator[Path]:
    """The test's own database, open; its file."""
    file = database_file()
    open_blank(file)
    yield file
    close_database()


@pytest.fixture
def board_repo(store: Path, tmp_path: Path) -> Repo:
    """A registered repository that exists in the database only."""
    row = RepoRow.create(
        name="shop",
        path=str(tmp_path / "shop"),
        git_dir=str(tmp_path / "shop" / ".git"),
        base="main",
        layout="sibling",
        registered_ms=1,
    )
    return Repo(
        id=row.id,
        name="shop",
        path=tmp_path / "shop",
        git_dir=tmp_path / "shop" / ".git",
        base="main",
        layout=WorktreeLayout.SIBLING,
    )


@pytest.fixture
def engine(store: Path, repo: GitRepo, clock: SteadyClock) -> Engine:
    """An engine on a registered real repository."""
    engine = Engine(None, clock=clock)
    init(engine, str(repo.path))
    return engine


def _place(task: Task, worker: Worker) -> tuple[str, str]:
    return f"worker/{worker.name}/{task.key}", f"/nowhere/{worker.name}/{task.key}"


def terms(rules: Rules | None = None, approval: object = NO_RULES) -> ClaimTerms:
    """What a claim is made under when a test does not care."""
    return ClaimTerms(
        rules=rules or Rules(),
        approval=approval,  # type: ignore[arg-type]
        lease=timedelta(minutes=10),
        stale_after=timedelta(minutes=2),
        base_sha="0" * 40,
        place=_place,
    )
