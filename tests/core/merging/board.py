"""Tasks in review with real branches, for tests of plans and merge runs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Self

from core.clock import to_ms
from core.domain.conflict import Contender
from core.domain.plan import Strategy
from core.domain.repo import Repo as Registered
from core.domain.repo import WorktreeLayout
from core.domain.task import NewTask, TaskStatus
from core.events.log import read
from core.merging.execute import MergeOrder, run_merge
from core.merging.plan import make_plan
from core.store.schema import RepoRow, TaskRow
from core.tasks.board import add_task, get_task
from tests.scenarios import SCENARIOS, Scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from core.domain.merge_run import MergeProgress
    from core.domain.plan import MergePlan, MergeResult
    from tests.scenarios import Repo

START: Final = datetime(2026, 1, 2, tzinfo=UTC)


@dataclass(slots=True)
class Board:
    """A registered repository, its git side, and one contender per task."""

    git: Repo
    repo: Registered
    contenders: dict[str, Contender] = field(default_factory=dict)

    @classmethod
    def register(cls, repo: Repo) -> Self:
        row = RepoRow.create(
            name=repo.path.name,
            path=str(repo.path),
            git_dir=str(repo.path / ".git"),
            base="main",
            layout=WorktreeLayout.SIBLING.value,
            registered_ms=to_ms(START),
        )
        return cls(
            repo,
            Registered(
                row.id, row.name, repo.path, repo.path / ".git", "main", WorktreeLayout.SIBLING
            ),
        )

    def review(
        self,
        key: str,
        branch: str | None = None,
        *,
        status: TaskStatus = TaskStatus.REVIEW,
        depends_on: tuple[str, ...] = (),
        **more: Any,
    ) -> Contender:
        """Add a task whose work is on *branch* (by default of the task's name)."""
        branch = branch or key
        add_task(
            self.repo,
            NewTask(f"Title of {key}", key=key, depends_on=depends_on),
            now=START,
            actor="person",
        )
        TaskRow.update(status=status.value, branch=branch, worker_name="agent-1").where(
            TaskRow.key == key
        ).execute()
        contender = Contender(
            task=key,
            title=f"Title of {key}",
            worker="agent-1",
            branch=branch,
            worktree=None,
            depends_on=depends_on,
            arrived_at=START + timedelta(minutes=len(self.contenders)),
            in_review=status is TaskStatus.REVIEW,
        )
        self.contenders[key] = replace(contender, **more)
        return self.contenders[key]

    def scenario(self, name: str) -> Scenario:
        """Build a named situation, each of its branches in review under its own name."""
        scenario = SCENARIOS[name](self.git)
        for branch in scenario.branches:
            self.review(branch)
        return scenario

    def branch(
        self, key: str, files: Mapping[str, str | None], *, at: str = "main", **more: Any
    ) -> Contender:
        """Make a branch with one commit and put its task in review; main is checked out after."""
        self.git.branch(key, at=at)
        self.git.commit(f"work of {key}", files)
        self.git.switch("main")
        return self.review(key, **more)

    @property
    def all(self) -> list[Contender]:
        return list(self.contenders.values())

    async def plan(
        self,
        *,
        strategy: Strategy = Strategy.MERGE,
        order: Sequence[str] | None = None,
    ) -> MergePlan:
        return await make_plan(self.repo, self.all, strategy=strategy, order=order)

    async def merge(
        self,
        *,
        strategy: Strategy = Strategy.MERGE,
        progress: Callable[[MergeProgress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        **wished: Any,
    ) -> MergeResult:
        return await run_merge(
            self.repo,
            MergeOrder(tuple(self.all), strategy, **wished),
            actor="person",
            progress=progress,
            cancelled=cancelled,
        )

    def event_kinds(self) -> list[str]:
        """Every kind of event but those of adding tasks, oldest first."""
        return [event.kind for event in read() if event.kind != "task.added"]

    def status(self, key: str) -> TaskStatus:
        return get_task(self.repo, key).status

    def tree_files(self, commit: str) -> dict[str, str]:
        """Return path → content of a commit or tree."""
        names = self.git.git("ls-tree", "-r", "-z", "--name-only", commit).split("\0")
        return {name: self.git.git("show", f"{commit}:{name}") for name in names if name}

    def object_count(self) -> int:
        """Count every file below the object folder, packs and loose objects alike."""
        return sum(1 for path in self.git_dir("objects").rglob("*") if path.is_file())

    def git_dir(self, *parts: str) -> Path:
        return self.repo.git_dir.joinpath(*parts)
