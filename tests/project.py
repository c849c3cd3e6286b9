"""A registered repository with tasks, workers and claims: what the engine's inner parts need."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

from core.clock import SystemClock, to_ms
from core.domain.repo import Repo as RepoRecord
from core.domain.repo import WorktreeLayout
from core.domain.task import NewTask, Task
from core.domain.worker import WorkerType
from core.queue.claims import ClaimTerms, claim_task
from core.queue.eligibility import Rules
from core.store.schema import RepoRow
from core.tasks import board
from core.tasks.records import NO_RULES
from core.workers.registry import add_worker
from core.worktrees.naming import Templates, place
from core.worktrees.provision import Furnishing, provision

if TYPE_CHECKING:
    from core.domain.claim import Claim
    from core.domain.worker import Worker
    from core.domain.worktree import Worktree
    from tests.scenarios import Repo

LEASE = timedelta(minutes=10)


@dataclass(slots=True)
class Project:
    """The repository on disk, its record, and short words for what tests do with it."""

    disk: Repo
    repo: RepoRecord
    templates: Templates = field(default_factory=Templates)
    clock: SystemClock = field(default_factory=SystemClock)

    @classmethod
    def register(cls, disk: Repo, layout: WorktreeLayout = WorktreeLayout.SIBLING) -> Self:
        """Register *disk* in the open database."""
        row = RepoRow.create(
            name=disk.path.name,
            path=str(disk.path),
            git_dir=str(disk.path / ".git"),
            base="main",
            layout=layout.value,
            registered_ms=to_ms(datetime.now(UTC)),
        )
        record = RepoRecord(row.id, disk.path.name, disk.path, disk.path / ".git", "main", layout)
        return cls(disk, record)

    def add_task(self, title: str = "Say hello", description: str = "") -> Task:
        """Add a task."""
        new = NewTask(title, description)
        return board.add_task(self.repo, new, now=self.clock.now(), actor="person")

    def task(self, key: str) -> Task:
        """Read a task back."""
        return board.get_task(self.repo, key)

    def add_agent(self, name: str = "agent-1", profile: str = "quick") -> None:
        """Register an agent."""
        add_worker(
            self.repo,
            name,
            WorkerType.AGENT,
            agent=profile,
            now=self.clock.now(),
            actor="person",
        )

    def claim(self, key: str, worker: str = "agent-1", *, lease: timedelta = LEASE) -> Claim:
        """Claim a task; the worker is registered if need be."""

        def named(task: Task, by: Worker) -> tuple[str, str]:
            found = place(self.repo, task, by, self.templates)
            return found.branch, str(found.path)

        terms = ClaimTerms(
            rules=Rules(),
            approval=NO_RULES,
            lease=lease,
            stale_after=timedelta(minutes=2),
            base_sha=self.disk.head("main"),
            place=named,
        )
        now = self.clock.now()
        return claim_task(self.repo, key, worker, terms, now=now, actor="person")

    async def provisioned(
        self, key: str, worker: str = "agent-1", furnishing: Furnishing | None = None
    ) -> Worktree:
        """Claim a task and make its worktree."""
        return await self.provision(self.claim(key, worker), furnishing)

    async def provision(self, claim: Claim, furnishing: Furnishing | None = None) -> Worktree:
        """Make the worktree of a claim."""
        return await provision(self.repo, claim, furnishing or Furnishing(), clock=self.clock)
