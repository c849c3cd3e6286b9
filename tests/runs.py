"""A project whose agents are scripted: launch a script on a task, look at what it left."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from core.agents.profiles import AgentProfile
from core.agents.transcript import read_page
from core.dispatch.launch import LaunchTerms, collect_ended_runners, launch_run
from core.dispatch.live import live_rows, run_record, runner_of, settled
from core.domain.run import ENDED, Run
from core.processes.group import group_pids, remove_group
from core.processes.identity import identify, is_alive, send
from core.processes.tree import ProcessTree
from core.runner.fence import fence_of
from tests.killing import KILL
from tests.project import Project
from tests.waiting import wait_until

QUICK = LaunchTerms(lease=timedelta(seconds=20), stale_after=timedelta(seconds=1))
LIMIT_S = 60.0
Step = dict[str, Any]


def shell(line: str, then: str = "") -> str:
    """Return Python for an agent that has a shell do *line*, and then does *then*."""
    return f"import os; assert os.system({line!r}) == 0; {then}"


@dataclass(slots=True)
class RunProject(Project):
    """Adds runs to a project."""

    _scripts: int = field(default=0)

    def script(self, *steps: Step) -> AgentProfile:
        """Return a profile that follows *steps*."""
        self._scripts += 1
        file = self.disk.path.parent / f"script-{self._scripts}.json"
        file.write_text(json.dumps({"steps": steps}), encoding="utf-8")
        return AgentProfile("script", "Script", "scripted", (str(file),), {})

    def python(self, code: str, *words: str) -> AgentProfile:
        """Return a profile that runs a piece of Python by the command driver."""
        return AgentProfile("py", "Python", "command", (sys.executable, "-c", code, *words), {})

    async def launch(
        self,
        profile: AgentProfile,
        *,
        terms: LaunchTerms = QUICK,
        key: str | None = None,
        worker: str = "agent-1",
    ) -> Run:
        """Launch a run of *worker* on a new task, or on *key*."""
        key = key or self.add_task().key
        claim = self.claim(key, worker, lease=terms.lease)
        await self.provision(claim)
        return await launch_run(
            self.repo, self.task(key), claim, profile, terms, clock=self.clock, actor="person"
        )

    async def run_through(self, *steps: Step, terms: LaunchTerms = QUICK) -> Run:
        """Launch a script and return the run when it has ended."""
        run = await self.launch(self.script(*steps), terms=terms)
        return await self.ended(run)

    async def ended(self, run: Run) -> Run:
        """Wait for the end of *run*."""
        found = await settled(run.id, ENDED, limit_s=LIMIT_S)
        assert found.status in ENDED, self.said(found)
        return found

    def said(self, run: Run, kind: str | None = None) -> list[str]:
        """Return the transcript's lines, of one kind or all."""
        lines = read_page(Path(run.transcript), limit=100_000).lines
        return [line.text for line in lines if kind in (None, line.kind)]

    def worktree(self, run: Run) -> Path:
        """Return the folder that the run's task is worked on in."""
        return Path(self.task(run.task).worktree or "")

    def note(self, name: str) -> Path:
        """Return a file beside the repository, for an agent and a test to meet at."""
        return self.disk.path.parent / name

    def members(self, run: Run) -> tuple[int, ...]:
        """Return the pids of every process that belongs to *run* and lives."""
        return tuple(m.pid for m in ProcessTree(None, ("WEFT_RUN", run.id)).members())

    def kill_runner(self, run: Run) -> None:
        """Kill the runner as a crash would; return once it is dead."""
        pid = run_record(run.id).runner_pid
        assert pid is not None
        os.kill(pid, KILL)
        wait_until(lambda: identify(pid) is None)

    def end_all(self) -> None:
        """End whatever a failing test left."""
        for row in live_rows(self.repo):
            for identity in (runner_of(row), identify(row.pid) if row.pid else None):
                if identity is not None and is_alive(identity):
                    send(identity, KILL)
            group = fence_of(row.id)
            for member in ProcessTree(None, ("WEFT_RUN", row.id), group=group).members():
                send(member, KILL)
            wait_until(lambda group=group: not group_pids(group))  # type: ignore[misc]
            remove_group(group)
        wait_until(lambda: not collect_ended_runners())
