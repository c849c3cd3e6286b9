"""Every step from the claim to the end of a run at which a process may be killed, and what holds.

A point of a window or a runner is `MODULE:NAME:before` or `…:after`, as
`tests.core.merging.killed_merge.arm` understands it: the product has no hooks for it. A step of
an agent is one of `working_agent.STEPS`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.dispatch import launch
from core.dispatch.live import LIVE_VALUES, live_rows, runner_of
from core.dispatch.recovery import LeaseWatch
from core.domain.task import TaskStatus
from core.domain.worktree import WorktreeState
from core.engine import launching
from core.engine.context import Engine
from core.paths import weft_home
from core.processes.identity import identify, is_alive
from core.store.schema import ClaimRow, RunRow, TaskRow
from core.worktrees import journal
from tests.faults import killed_real_window, killed_runner, killed_window, working_agent
from tests.killing import KILLED
from tests.loops import loops
from tests.waiting import wait_until, wait_until_async

if TYPE_CHECKING:
    from types import ModuleType

    import pytest

    from tests.runs import RunProject

ROOT: Final = Path(__file__).parents[2]
RECOVERY_S: Final = 5.0
"""From the next start on: by then every run is under way again, or back in the backlog."""


_OWN_LOCK: Final = "weft-worktrees.lock"
"""A file that processes lock and that stays."""
_CLAIMED: Final = TaskStatus.CLAIMED


def _both(module: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{module}:{name}:{when}" for name in names for when in ("before", "after"))


CLAIM_POINTS: Final = (
    *_both("core.engine.claiming:claims", "claim_task"),
    *_both("core.queue.claims", "shift"),
)
WORKTREE_POINTS: Final = (
    "core.engine.claiming:provision:before",
    *_both("core.worktrees.provision:journal", "begin"),
    *_both("core.worktrees.provision", "add_worktree"),
    "core.git.worktrees:run_git:before",
    "core.worktrees.provision:copy_named:after",
    *_both("core.worktrees.provision:journal", "mark"),
    "core.engine.claiming:guard_worktree:after",
)
LAUNCH_POINTS: Final = (
    *_both("core.dispatch.launch:outcomes", "run_created"),
    *_both("core.dispatch.launch", "_spawn"),
    "core.dispatch.launch:settled:after",
)
RUNNER_POINTS: Final = (
    *_both("core.runner.__main__", "take_run"),
    "core.runner.life:adopt_orphans:after",
    *_both("core.runner.life", "sandbox_words"),
    *_both("core.runner.turns:Turns", "start"),
    *_both("core.runner.life:progress", "run_working"),
)
END_POINTS: Final = (
    "core.runner.life:reap_orphans:before",
    *_both("core.runner.ending", "finish"),
    *_both("core.runner.ending", "commit_leftovers"),
    *_both("core.runner.ending:outcomes", "run_done"),
    "core.runner.__main__:take_down:before",
)
RECOVERY_POINTS: Final = (
    "core.dispatch.losing:preserve:before",
    "core.dispatch.losing:preserve:after",
    *_both("core.dispatch.losing:outcomes", "run_ended"),
)
REAL_WINDOW_POINTS: Final = (
    *_both("core.engine.claiming:claims", "claim_task"),
    "core.engine.claiming:provision:before",
    *_both("core.worktrees.provision", "add_worktree"),
    "core.engine.claiming:guard_worktree:after",
    "core.dispatch.launch:outcomes:run_created:after",
    "core.dispatch.launch:_spawn:after",
    "core.dispatch.launch:settled:after",
)
"""What a card that is dropped on a worker comes past, in the window with all its pages."""
WINDOW_POINTS: Final = CLAIM_POINTS + WORKTREE_POINTS + LAUNCH_POINTS
FEW: Final = (
    ("window's engine", "core.worktrees.provision:add_worktree:after"),
    ("window", "core.dispatch.launch:outcomes:run_created:after"),
    ("runner", "core.runner.turns:Turns:start:after"),
    ("runner", "core.runner.ending:commit_leftovers:after"),
    ("runner by agent", "committed"),
    ("agent", "locked"),
    ("recovery", "core.dispatch.losing:preserve:after"),
)
"""The points at which most can go wrong, for the quick suite."""
ALL: Final = (
    *(("window's engine", point) for point in WINDOW_POINTS),
    *(("window", point) for point in REAL_WINDOW_POINTS),
    *(("runner", point) for point in RUNNER_POINTS + END_POINTS),
    *(("runner by agent", step) for step in working_agent.STEPS),
    *(("agent", step) for step in working_agent.STEPS),
    *(("recovery", point) for point in RECOVERY_POINTS),
)


@dataclass(slots=True)
class Ordeal:
    """One task whose first attempt meets a kill."""

    project: RunProject
    monkeypatch: pytest.MonkeyPatch
    key: str = ""

    @property
    def ledger(self) -> Path:
        """Return the file in which the agent writes what it did."""
        return self.project.note(f"ledger-{self.key}.jsonl")

    async def survive(self, victim: str, point: str) -> float:
        """Go the whole way with one kill; return how many seconds the recovery took.

        Raises:
            AssertionError: A promise is broken.
        """
        self.key = self.project.add_task(f"{victim} at {point}").key
        by_agent = {"agent": "agent", "runner by agent": "runner"}.get(victim, "nobody")
        self._agent(by_agent, point)
        await self._kill(victim, point)

        engine = Engine(self.project.repo)
        took = await self._recover(engine)
        self._at_most_one_owner()
        await self._to_its_end(engine)
        self._nothing_lost_or_left()
        return took

    def _agent(self, victim: str, step: str) -> None:
        command = [sys.executable, working_agent.__file__, str(self.ledger), victim, step]
        (weft_home() / "config.toml").write_text(
            "max_attempts = 9\n[agents.quick]\n"
            f'driver = "command"\ncommand = {json.dumps(command)}\n',
            encoding="utf-8",
        )

    async def _kill(self, victim: str, point: str) -> None:
        """Let the first attempt go up to the kill."""
        if victim in ("window", "window's engine"):
            program = killed_real_window if victim == "window" else killed_window
            self._window(program, self.key, point)
            return
        with self.monkeypatch.context() as patch:
            if victim == "runner":
                command = [sys.executable, killed_runner.__file__, point]
                patch.setattr(launch, "runner_command", lambda run_id: [*command, run_id])
            if victim == "recovery":
                self._agent("runner", "committed")
            await launching.run(Engine(self.project.repo), (self.key,))
        if victim == "agent":
            wait_until(lambda: not live_rows(self.project.repo))
        else:
            wait_until(self._runner_is_dead)
        if victim == "recovery":
            self._window(killed_window, "recover", point)

    def _window(self, program: ModuleType, key: str, point: str) -> None:
        """Start a window, or a process as its engine is, that kills itself."""
        done = subprocess.run(
            [sys.executable, str(program.__file__), str(self.project.disk.path), key, point],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == KILLED, f"{point} is not passed: {done.stderr}"

    def _runner_is_dead(self) -> bool:
        """Whether the run has no runner any more, however it stands in the database."""
        launch.collect_ended_runners()
        rows = list(RunRow.select().join(TaskRow).where(TaskRow.key == self.key))
        live = [runner_of(row) for row in rows if row.status in LIVE_VALUES]
        return bool(rows) and all(runner is not None and not is_alive(runner) for runner in live)

    async def _recover(self, engine: Engine) -> float:
        """Start the loops, as a window does; return how long it took to put everything right."""
        began = time.monotonic()
        async with loops(engine):
            await wait_until_async(self._is_right)
            return time.monotonic() - began

    def _is_right(self) -> bool:
        """Whether the task is at work under a live runner, in review, or free again."""
        status = self.project.task(self.key).status
        runners = [runner_of(row) for row in live_rows(self.project.repo)]
        if any(runner is None or not is_alive(runner) for runner in runners):
            return False
        return bool(runners) if status is TaskStatus.IN_PROGRESS else status is not _CLAIMED

    def _at_most_one_owner(self) -> None:
        row = TaskRow.get(TaskRow.key == self.key)
        claims = ClaimRow.select().where(ClaimRow.task == row.id).count()
        live = [run for run in live_rows(self.project.repo) if run.task.key == self.key]
        assert len(live) <= claims <= 1

    async def _to_its_end(self, engine: Engine) -> None:
        """Run the task again as often as it takes; it must end in review, with its work."""
        wait_until(lambda: not live_rows(self.project.repo))
        await launching.recover(engine, LeaseWatch())
        if self.project.task(self.key).status is not TaskStatus.REVIEW:
            self._agent("nobody", "none")
            await launching.run(engine, (self.key,), wait=True)
        task = self.project.task(self.key)
        assert task.status is TaskStatus.REVIEW, task.last_error
        assert not ClaimRow.select().exists()

    def _nothing_lost_or_left(self) -> None:
        """Check every promise once the dust has settled."""
        git, task = self.project.disk, self.project.task(self.key)
        facts = [json.loads(line) for line in self.ledger.read_text(encoding="utf-8").splitlines()]
        assert not [fact for fact in facts if "two_at_once" in fact], facts

        worktree = Path(task.worktree or "")
        reachable = git.git("rev-list", "--objects", "--all")
        for fact in facts:
            if "text" in fact and not (worktree / fact["file"]).exists():
                blob = git.git("hash-object", "--stdin", stdin=fact["text"])
                assert blob in reachable, f"lost: {fact}"
        pids = [fact["pid"] for fact in facts if "pid" in fact]
        wait_until(lambda: not [pid for pid in pids if identify(pid)])

        standing = journal.standing(self.project.repo)
        assert {made.state for made in standing} == {WorktreeState.READY}, standing
        listed = git.git("worktree", "list", "--porcelain").count("worktree ")
        assert listed == 1 + len(standing), (listed, standing)
        locks = {file.name for file in (git.path / ".git").rglob("*.lock")} - {_OWN_LOCK}
        assert not locks, locks
        git.git("fsck", "--strict", "--no-dangling")
