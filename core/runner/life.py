"""One run from the start of its agent to the last of its processes."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Final

from core.agents.driver import DriverUnavailable, LaunchSpec
from core.agents.driver_table import DRIVERS
from core.agents.environment import RUN_MARK, agent_environment, passed_on
from core.domain.agent_event import TurnEnded
from core.domain.run import RunStatus
from core.errors import EnvironmentFault, IllegalTransition
from core.git.command import GitPlace
from core.git.refs import resolve
from core.paths import run_folder
from core.processes.identity import own_identity
from core.processes.tree import Ladder, ProcessTree, adopt_orphans, reap_orphans
from core.queue import outcomes
from core.runner.order import PROMPT_FILE
from core.runner.sandboxing import sandbox_words
from core.runner.verdict import Verdict
from core.runner.watch import Watch, worktree_deleted
from core.worktrees.guard import require_worktree

if TYPE_CHECKING:
    from core.agents.driver import AgentSession
    from core.clock import Clock
    from core.runner.database_thread import DatabaseThread
    from core.runner.records import Assignment
    from core.runner.speech import Speech

_LADDER: Final = Ladder(interrupt_s=2.0, terminate_s=2.0, kill_s=5.0)
_AFTER_END: Final = Ladder(interrupt_s=0.0, terminate_s=1.0, kill_s=5.0)
"""For what an agent leaves running after its own end: nobody listens to an interrupt there."""


class RunLife:
    """Owns the agent of one run."""

    def __init__(
        self, mine: Assignment, speech: Speech, database: DatabaseThread, clock: Clock
    ) -> None:
        self._mine = mine
        self._speech = speech
        self._database = database
        self._clock = clock
        # All that descends from this process is the agent's: it starts nothing else meanwhile.
        self._tree = ProcessTree(own_identity(), (RUN_MARK, mine.run))
        self._base_sha = ""
        self._watch = Watch(mine, self._tree, speech, database, clock)

    def ask_to_leave(self) -> None:
        """Stop the run: the system told the runner to end."""
        self._watch.ask_to_leave()

    async def live(self) -> Verdict:
        """Start the agent, watch it to its end, and leave no process of it behind."""
        adopt_orphans()
        try:
            session = await self._start()
        except (DriverUnavailable, EnvironmentFault) as error:
            return Verdict(RunStatus.FAILED, str(error))
        try:
            return await self._watched(session)
        except IllegalTransition as error:  # somebody ended the run while its agent started
            return Verdict(RunStatus.LOST, str(error))
        finally:
            await self._leave_nothing(session)

    async def _start(self) -> AgentSession:
        mine, order = self._mine, self._mine.order
        driver = DRIVERS.get(order.driver)
        if driver is None:
            raise DriverUnavailable(f"This Weft has no driver {order.driver!r}.")
        prompt = (run_folder(mine.run) / PROMPT_FILE).read_text(encoding="utf-8")
        environment = self._environment()
        require_worktree(mine.repo.path, mine.repo.git_dir, mine.worktree)
        base = await resolve(GitPlace(mine.repo.git_dir), mine.repo.base_ref)
        self._base_sha = base or ""
        spec = LaunchSpec(
            mine.task,
            mine.worktree,
            order.command,
            prompt,
            environment,
            permissions=order.permissions,
            wrap=sandbox_words(mine, environment, scratch=run_folder(mine.run) / "scratch"),
        )
        return await driver.start(spec)

    def _environment(self) -> dict[str, str]:
        mine, order = self._mine, self._mine.order
        name, email = order.identity
        return agent_environment(
            passed_on(order.passed, os.environ),
            order.env,
            {
                "GIT_AUTHOR_NAME": name,
                "GIT_AUTHOR_EMAIL": email,
                "GIT_COMMITTER_NAME": name,
                "GIT_COMMITTER_EMAIL": email,
            },
            repo=mine.repo.path,
            task=mine.task,
            worker=mine.worker,
            run=mine.run,
        )

    async def _watched(self, session: AgentSession) -> Verdict:
        agent = session.agent
        pump = asyncio.create_task(self._pump(session))
        try:
            await self._database.call(
                outcomes.run_working,
                self._mine.repo,
                self._mine.run,
                pid=agent.pid,
                pid_started_ms=agent.started_ms,
                base_sha=self._base_sha,
                now=self._clock.now(),
            )
            self._speech.tell("state", f"The agent runs as process {agent.pid}.")
            watch = asyncio.create_task(self._watch.until_stop(agent.pid))
            await asyncio.wait({pump, watch}, return_when=asyncio.FIRST_COMPLETED)
            if pump.done():
                watch.cancel()
                await asyncio.gather(watch, return_exceptions=True)
                return self._judged(pump.result())
            verdict = watch.result()
            await self._tree.end(_LADDER)
            await asyncio.wait({pump}, timeout=_LADDER.kill_s)  # its last words
            return verdict
        finally:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)

    def _judged(self, end: TurnEnded) -> Verdict:
        """Return the verdict of the agent's own end; a lost worktree is the better reason."""
        verdict = Verdict.of(end)
        if verdict.status is RunStatus.FAILED and not self._mine.worktree.is_dir():
            return worktree_deleted(self._mine.worktree)
        return verdict

    async def _pump(self, session: AgentSession) -> TurnEnded:
        """Bring what the agent says into the transcript; return how its turn ended."""
        async for event in session.events():
            if isinstance(event, TurnEnded):
                return event
            self._speech.write(event)
        raise RuntimeError("the driver's events ended without TurnEnded")

    async def _leave_nothing(self, session: AgentSession) -> None:
        """End whatever is left of the tree, and collect the dead."""
        if not await self._tree.end(_AFTER_END):
            left = ", ".join(str(member.pid) for member in self._tree.members())
            self._speech.tell("error", f"Processes that could not be ended: {left}")
        await session.close()
        reap_orphans()
