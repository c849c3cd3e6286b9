"""Tasks that declare files, and workers, on a repository that exists in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.domain.task import NewTask
from core.domain.worker import WorkerType
from core.queue.claims import claim_task
from core.tasks import board
from core.workers import registry
from tests.core.conftest import SteadyClock, terms

if TYPE_CHECKING:
    from core.domain.claim import Claim
    from core.domain.repo import Repo
    from core.queue.eligibility import Rules


class Crew:
    """Short words for what tests of locks do."""

    def __init__(self, repo: Repo, clock: SteadyClock) -> None:
        self.repo = repo
        self.clock = clock
        for name in ("agent-1", "agent-2", "agent-3"):
            registry.add_worker(repo, name, WorkerType.AGENT, now=clock.now(), actor="person")
        registry.add_worker(repo, "human-ana", WorkerType.HUMAN, now=clock.now(), actor="person")

    def task(self, key: str, *files: str) -> None:
        """Add a task that declares *files*."""
        new = NewTask(key, key=key, files=files)
        board.add_task(self.repo, new, now=self.clock.now(), actor="person")

    def claim(
        self, key: str | None, worker: str, rules: Rules | None = None, *, auto: bool = False
    ) -> Claim:
        """Claim a task."""
        now = self.clock.now()
        return claim_task(self.repo, key, worker, terms(rules), now=now, actor=worker, auto=auto)


@pytest.fixture
def crew(board_repo: Repo, clock: SteadyClock) -> Crew:
    return Crew(board_repo, clock)
