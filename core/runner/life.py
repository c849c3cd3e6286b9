"""One run from the start of its agent to the last of its processes."""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from core.agents.driver import DriverUnavailable, LaunchSpec
from core.agents.driver_table import DRIVERS
from core.agents.environment import RUN_MARK, agent_environment, passed_on
from core.domain.run import RunStatus
from core.errors import EnvironmentFault, IllegalTransition
from core.git.command import GitPlace
from core.git.refs import HEADS, resolve
from core.paths import run_folder
from core.processes.identity import ProcessIdentity, own_identity
from core.processes.memory import give_back
from core.processes.tree import Ladder, ProcessTree, adopt_orphans, reap_orphans
from core.queue import facts, progress
from core.runner.acts import Acts
from core.runner.asking import Asking
from core.runner.budget import Budget
from core.runner.disk import DiskRoom
from core.runner.door import Door
from core.runner.errands import Errands
from core.runner.fence import fence_in
from core.runner.order import PROMPT_FILE
from core.runner.reach import mcp_server, program_folder, with_weft
from core.runner.sandboxing import sandbox_words
from core.runner.standing import Standing
from core.runner.tally import Tally
from core.runner.turns import Turns
from core.runner.verdict import Evidence, Verdict, judge
from core.runner.watch import Watch, worktree_deleted
from core.runner.words import Words
from core.store.connection import DATABASE_ERRORS
from core.worktrees.guard import require_worktree

if TYPE_CHECKING:
    from core.agents.driver import AgentDriver
    from core.clock import Clock
    from core.domain.agent_event import TurnEnded
    from core.runner.database_thread import DatabaseThread
    from core.runner.records import Assignment
    from core.runner.speech import Speech

logger = logging.getLogger(__name__)
_LADDER: Final = Ladder(interrupt_s=2.0, terminate_s=2.0, kill_s=5.0)
_AFTER_END: Final = Ladder(interrupt_s=0.0, terminate_s=1.0, kill_s=5.0)
"""For what an agent leaves running after its own end: nobody listens to an interrupt there."""
_CANCEL_S: Final = 3.0
"""How long an agent may take to end a turn that it was asked to break off."""
_CLOSE_S: Final = 5.0
"""How long an agent that has nothing more to do may take to end by itself."""


class RunLife:
    """Owns the agent of one run."""

    def __init__(
        self, mine: Assignment, speech: Speech, database: DatabaseThread, clock: Clock
    ) -> None:
        self._mine = mine
        self._speech = speech
        self._database = database
        self._clock = clock
        self._errands: set[ProcessIdentity] = set()
        # All that descends from this process is the agent's, but for errands of its own.
        self._tree = ProcessTree(
            own_identity(), (RUN_MARK, mine.run), self._errands, group=fence_in(mine.run)
        )
        self._base_sha = self._tip_sha = ""
        order = mine.order
        hint = order.program or order.agent or order.driver
        self._tally = Tally(speech, hint=hint, session=order.session)
        self._standing = Standing(mine, self._tree, speech, database, clock)
        self._words = Words(mine, speech, self._standing, database, clock)
        self._asking = Asking(mine, speech, self._standing, self._words, database, clock)
        self._acts = Acts(
            mine,
            speech=speech,
            standing=self._standing,
            asking=self._asking,
            tally=self._tally,
            errands=Errands(mine, self._errands),
            database=database,
            clock=clock,
        )
        self._door = Door(mine.run, self._acts)
        self._budget = Budget(mine, self._standing, self._asking, database, clock)
        self._watch = Watch(
            mine,
            standing=self._standing,
            asking=self._asking,
            words=self._words,
            tally=self._tally,
            budget=self._budget,
            disk=DiskRoom(speech, self._standing, self._tally),
            database=database,
            clock=clock,
        )

    def ask_to_leave(self) -> None:
        """Stop the run: the system told the runner to end."""
        self._watch.ask_to_leave()

    async def live(self) -> Verdict:
        """Start the agent, watch it to its end, and leave no process of it behind."""
        adopt_orphans()
        try:
            await self._door.open()
            turns = await self._start()
        except (DriverUnavailable, EnvironmentFault) as error:
            await self._door.close()
            return Verdict(RunStatus.FAILED, str(error))
        try:
            ended = await self._watched(turns)
        except IllegalTransition as error:  # somebody ended the run while its agent started
            ended = Verdict(RunStatus.LOST, str(error))
        finally:
            self._budget.stop()
            await self._leave_nothing(turns)
            await self._door.close()
        await self._watch.hear_the_last()
        await self._watch.keep_last_facts()
        return ended if isinstance(ended, Verdict) else await self._judged(ended)

    async def _start(self) -> Turns:
        mine, order = self._mine, self._mine.order
        driver = DRIVERS.get(order.driver)
        if driver is None:
            raise DriverUnavailable(f"This Weft has no driver {order.driver!r}.")
        turns = self._turns(driver, await self._spec())
        place = GitPlace(mine.repo.git_dir)
        self._base_sha = await resolve(place, mine.repo.base_ref) or ""
        self._tip_sha = await resolve(place, HEADS + mine.branch) or ""
        if order.session:
            self._tally.paid_before = await self._database.call(
                facts.paid_in, order.session, but=mine.run
            )
        await turns.start()
        return turns

    async def _spec(self) -> LaunchSpec:
        mine, order = self._mine, self._mine.order
        folder = run_folder(mine.run)
        scratch = folder / "scratch"
        scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        program = program_folder()
        environment = with_weft(self._environment(), program)
        require_worktree(mine.repo.path, mine.repo.git_dir, mine.worktree)
        return LaunchSpec(
            mine.task,
            mine.worktree,
            order.command,
            (folder / PROMPT_FILE).read_text(encoding="utf-8"),
            environment,
            permissions=order.permissions,
            session=order.session,
            mcp=mcp_server(environment, program),
            wrap=sandbox_words(
                mine,
                environment,
                scratch=scratch,
                writable=(self._door.folder,) if self._door.folder else (),
            ),
            scratch=scratch,
            program=order.program,
        )

    def _turns(self, driver: AgentDriver, spec: LaunchSpec) -> Turns:
        return Turns(
            self._mine,
            driver,
            spec,
            speech=self._speech,
            tally=self._tally,
            asking=self._asking,
            words=self._words,
            database=self._database,
            clock=self._clock,
        )

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
            socket=self._door.address,
        )

    async def _watched(self, turns: Turns) -> Verdict | TurnEnded:
        """Return how the agent's last turn ended, or why it had to be stopped."""
        agent = turns.session.agent
        await self._database.call(
            progress.run_working,
            self._mine.repo,
            self._mine.run,
            pid=agent.pid,
            pid_started_ms=agent.started_ms,
            base_sha=self._base_sha,
            now=self._clock.now(),
        )
        self._speech.tell("state", f"The agent runs as process {agent.pid}.")
        give_back()
        walk = asyncio.create_task(turns.walk(self._watch.hear))
        watch = asyncio.create_task(self._watch.until_stop())
        try:
            await asyncio.wait({walk, watch}, return_when=asyncio.FIRST_COMPLETED)
            if walk.done():
                return walk.result()
            telling = asyncio.create_task(self._tell_stopping(watch))
            await self._stop(turns, walk)
            await telling
            return watch.result()
        finally:
            for task in (walk, watch):
                task.cancel()
            await asyncio.gather(walk, watch, return_exceptions=True)

    async def _tell_stopping(self, watch: asyncio.Task[Verdict]) -> None:
        """Have everybody see why the run is stopped: its agent may take seconds to end."""
        mine, why = self._mine, (await watch).reason
        self._speech.tell("state", f"Being stopped. {why}")
        try:
            await self._database.call(
                progress.run_stopping, mine.repo, mine.run, why, now=self._clock.now()
            )
        except (EnvironmentFault, *DATABASE_ERRORS) as error:
            logger.warning("that %s is being stopped could not be recorded: %s", mine.run, error)

    async def _stop(self, turns: Turns, walk: asyncio.Task[TurnEnded]) -> None:
        """Break the turn off: by protocol, by interrupt, by force; hear the last words."""
        self._tree.resume()  # one that is suspended would hear nothing
        with suppress(TimeoutError):  # it may be stuck
            async with asyncio.timeout(_CANCEL_S):
                if await turns.session.cancel():
                    await asyncio.wait({walk})
                    return  # it broke off by itself: it can end as after any turn
        await self._tree.end(_LADDER)
        await asyncio.wait({walk}, timeout=_LADDER.kill_s)

    async def _judged(self, end: TurnEnded) -> Verdict:
        """Return the verdict of the agent's own end; a lost worktree is the better reason."""
        if not self._mine.worktree.is_dir():
            return worktree_deleted(self._mine.worktree)
        denied, completed = (*end.denied, *self._asking.denied), self._acts.completed
        try:
            changed = await self._has_changed()
        except EnvironmentFault as error:
            said = f"What it left could not be looked at: {error}"
            return Verdict(RunStatus.FAILED, said, end.exit_code)
        return judge(Evidence(end, denied, changed, completed))

    async def _has_changed(self) -> bool:
        """Whether the run left commits, or changes that are not committed."""
        mine = self._mine
        tip = await resolve(GitPlace(mine.repo.git_dir), HEADS + mine.branch)
        if (tip or "") != self._tip_sha:
            return True
        from core.git.config import filters_off  # seldom needed
        from core.git.status import worktree_status

        place = require_worktree(mine.repo.path, mine.repo.git_dir, mine.worktree)
        return not (await worktree_status(await filters_off(place))).is_clean

    async def _leave_nothing(self, turns: Turns) -> None:
        """Let the agent end, end whatever is left of the tree, and collect the dead."""
        closing = asyncio.create_task(turns.session.close())
        await asyncio.wait({closing}, timeout=_CLOSE_S)
        if not await self._tree.end(_AFTER_END):
            left = ", ".join(str(member.pid) for member in self._tree.members())
            self._speech.tell("error", f"Processes that could not be ended: {left}")
        await closing
        reap_orphans()
