"""Claims, leases and locks against a plain model: two connections, restarts, time that jumps."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from core.clock import to_ms
from core.dispatch.recovery import recover
from core.domain.lock import LockRules
from core.domain.repo import Repo, WorktreeLayout
from core.domain.task import NewTask
from core.domain.worker import WorkerType
from core.errors import Refused
from core.locks import leases
from core.locks.patterns import may_meet
from core.queue import claims
from core.queue.eligibility import Rules
from core.store.connection import close_database, open_database
from core.store.plain import select
from core.store.schema import RepoRow
from core.tasks import board
from core.workers.registry import add_worker
from tests.core.conftest import SteadyClock, terms

if TYPE_CHECKING:
    from collections.abc import Callable

PATHS: Final = ("x.py", "src/a.py", "src/*.py", "src", "sp ace ü.py")
WORKERS: Final = ("agent-1", "agent-2", "agent-3")
LEASE: Final = timedelta(minutes=10)
RESERVED: Final = timedelta(minutes=7)


@dataclass
class ModelTask:
    files: tuple[str, ...]
    position: int
    status: str = "backlog"
    worker: str = ""
    fence: int = 0
    until: int = 0
    locks: dict[str, int] = field(default_factory=dict)
    """Pattern → when it ends; 0 with the claim."""


class Machine(RuleBasedStateMachine):
    """Every act is done by one of two threads, each with a connection of its own."""

    taken = Bundle("taken")

    @initialize(target=taken)
    def start(self) -> Any:
        self.folder = Path(tempfile.mkdtemp())
        self.clock = SteadyClock()
        self.model: dict[str, ModelTask] = {}
        self.apps = [ThreadPoolExecutor(1) for _ in range(2)]
        for app in range(2):
            self.do(app, open_database, self.folder / "weft.db")
        self.repo = self.do(0, self.make_board)
        for files in (("x.py",), ("src/*.py", "x.py"), ("src/a.py",), ()):
            self.add(0, set(files))
        return self.claim(0, WORKERS[0])

    def make_board(self) -> Repo:
        path = self.folder / "shop"
        row = RepoRow.create(
            name="shop", path=str(path), git_dir=str(path / ".git"), base="main",
            layout="sibling", registered_ms=1,
        )  # fmt: skip
        repo = Repo(row.id, "shop", path, path / ".git", "main", WorktreeLayout.SIBLING)
        for name in WORKERS:
            add_worker(repo, name, WorkerType.AGENT, now=self.clock.now(), actor="person")
        return repo

    def do(self, app: int, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return self.apps[app].submit(call, *args, **kwargs).result()

    def now_ms(self) -> int:
        return to_ms(self.clock.now())

    def holding(self, key: str) -> list[str]:
        """Return the patterns that hold for a task now."""
        locks = self.model[key].locks
        return [path for path, until in locks.items() if not until or until > self.now_ms()]

    def in_the_way(self, key: str, paths: tuple[str, ...]) -> bool:
        return any(
            may_meet(mine, theirs)
            for other in self.model
            if other != key
            for theirs in self.holding(other)
            for mine in paths
        )

    @rule(app=st.integers(0, 1), files=st.sets(st.sampled_from(PATHS), max_size=2))
    def add(self, app: int, files: set[str]) -> None:
        new = NewTask(f"Task {len(self.model)}", files=tuple(sorted(files)))
        task = self.do(app, board.add_task, self.repo, new, now=self.clock.now(), actor="p")
        self.model[task.key] = ModelTask(task.files, task.position)

    @rule(minutes=st.integers(-3, 12))
    def tick(self, minutes: int) -> None:
        self.clock.pass_(timedelta(minutes=minutes))

    @rule(target=taken, app=st.integers(0, 1), worker=st.sampled_from(WORKERS))
    def claim(self, app: int, worker: str) -> tuple[str, int] | None:
        free = [
            key
            for key, task in self.model.items()
            if task.status == "backlog" and not self.in_the_way(key, task.files)
        ]
        free.sort(key=lambda key: (self.model[key].position, int(key.removeprefix("task-"))))
        busy = any(task.worker == worker for task in self.model.values())
        try:
            made = self.do(
                app, claims.claim_task, self.repo, None, worker, terms(Rules(overlap="wait")),
                now=self.clock.now(), actor=worker,
            )  # fmt: skip
        except Refused:
            assert busy or not free
            return None
        assert not busy
        task = self.model[made.task]
        assert (made.task, made.fence) == (free[0], task.fence + 1)
        task.status, task.worker, task.fence = "claimed", worker, made.fence
        task.until = to_ms(self.clock.now() + LEASE)
        task.locks |= dict.fromkeys(task.files, 0)
        return made.task, made.fence

    @rule(app=st.integers(0, 1), minutes=st.integers(0, 12), claim=taken)
    def extend(self, app: int, minutes: int, claim: tuple[str, int] | None) -> None:
        self.clock.pass_(timedelta(minutes=minutes))
        worker = self.model[claim[0]].worker if claim else WORKERS[0]
        worker = worker or WORKERS[0]
        owned = [task for task in self.model.values() if task.worker == worker]
        now = self.clock.now()
        assert self.do(app, claims.extend, self.repo, worker, now=now, lease=LEASE) == bool(owned)
        for task in owned:
            task.until = to_ms(now + LEASE)

    @rule(app=st.integers(0, 1), claim=taken)
    def finish(self, app: int, claim: tuple[str, int] | None) -> None:
        if claim is None:
            return
        key, fence = claim
        task = self.model[key]
        owns = task.status == "claimed" and task.fence == fence
        try:
            self.do(
                app, claims.finish, self.repo, key, now=self.clock.now(), actor="w", fence=fence
            )
        except Refused:
            assert not owns
            return
        assert owns
        task.status, task.worker, task.locks = "review", "", {}

    @rule(app=st.integers(0, 1))
    def reap(self, app: int) -> None:
        self.do(app, lambda: asyncio.run(recover(self.repo, clock=self.clock, max_attempts=99)))
        for task in self.model.values():
            if task.status == "claimed" and task.until < self.now_ms():
                task.status, task.worker, task.locks = "backlog", "", {}

    @rule(app=st.integers(0, 1), worker=st.sampled_from(WORKERS), path=st.sampled_from(PATHS),
          data=st.data())  # fmt: skip
    def lock(self, app: int, worker: str, path: str, data: st.DataObject) -> None:
        if not self.model:
            return
        key = data.draw(st.sampled_from(sorted(self.model)))
        task = self.model[key]
        may = task.worker in ("", worker) and task.status != "review"
        may = may and not self.in_the_way(key, (path,))
        now = self.clock.now()
        try:
            self.do(
                app, leases.acquire, self.repo, key, worker, [path], rules=LockRules(),
                duration=None if task.worker else RESERVED, now=now, actor=worker,
            )  # fmt: skip
        except Refused:
            assert not may
            return
        assert may
        task.locks[path] = 0 if task.worker else to_ms(now + RESERVED)

    @rule(app=st.integers(0, 1))
    def restart(self, app: int) -> None:
        self.do(app, close_database)
        self.do(app, open_database, self.folder / "weft.db")

    @invariant()
    def both_connections_see_what_the_model_says(self) -> None:
        if not hasattr(self, "repo"):
            return
        now = self.clock.now()
        for app in range(2):
            rows = self.do(app, select, "SELECT key, status, fence FROM task")
            assert {key: (status, fence) for key, status, fence in rows} == {
                key: (task.status, task.fence) for key, task in self.model.items()
            }
            held = self.do(app, leases.held, self.repo, now=now)
            assert {(lock.task, lock.path) for lock in held} == {
                (key, path) for key in self.model for path in self.holding(key)
            }

    @invariant()
    def lease_locks_and_claims_belong_together(self) -> None:
        if hasattr(self, "repo"):
            assert self.do(0, select, _ORPHANS) == []

    def teardown(self) -> None:
        for app in range(2):
            self.do(app, close_database)
            self.apps[app].shutdown()
        shutil.rmtree(self.folder)


_ORPHANS: Final = """\
SELECT lock.pattern FROM path_lock AS lock LEFT JOIN claim
ON claim.task_id = lock.task_id AND claim.fence = lock.fence
AND claim.lease_expires_ms = lock.expires_ms WHERE lock.fence <> 0 AND claim.task_id IS NULL
"""

TestLeaseModel = Machine.TestCase
TestLeaseModel.settings = settings(
    max_examples=8,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
