"""Launch agents: on named tasks, or keep claiming until nothing fits any more."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from core.agents.profiles import find_profile
from core.dispatch.capacity import hold_back
from core.dispatch.launch import LaunchTerms, launch_run
from core.dispatch.recovery import LeaseWatch
from core.dispatch.recovery import recover as recover_runs
from core.domain.task import TaskStatus
from core.engine import assignment, workers
from core.engine.claiming import claim_and_provision, claim_best, furnish
from core.errors import EngineError, NotFound, Refused, UsageError, UserError
from core.queue import outcomes
from core.tasks import board

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.agents.profiles import AgentProfile
    from core.domain.claim import Claim
    from core.domain.run import Run
    from core.domain.task import Task
    from core.domain.worker import Worker
    from core.engine.context import Engine

    Progress = Callable[[str], None]

_LOOK_S: Final = 0.2


async def run(
    engine: Engine,
    keys: tuple[str, ...] = (),
    *,
    all: bool = False,  # noqa: A002  the word of the contract
    workers: int | None = None,
    agent: str | None = None,
    wait: bool = False,
    progress: Progress | None = None,
) -> tuple[Run, ...]:
    """Launch agents on the named tasks, or with *all* on whatever fits until nothing does.

    Args:
        engine: The engine.
        keys: Tasks to run, each by an idle agent.
        all: Keep claiming until nothing is eligible; ends when that is so.
        workers: Runs at once; the settings decide if left out.
        agent: Profile of the agents; one is registered if there is none.
        wait: Return only when each run has ended.
        progress: Told a sentence for each thing that happens.

    Returns:
        The runs that were started, as they are at the end.

    Raises:
        UsageError: Neither keys nor *all*, or fewer than one worker.
        Refused: A task cannot be claimed; those before it have started.
    """
    if not keys and not all:
        raise UsageError("Nothing to run.", hint="Name tasks, or: weft run --all")
    if workers is not None and workers < 1:
        raise UsageError("--workers wants at least 1.")
    await recover(engine)
    launch = _Launch(engine, agent, workers, progress or _nobody)
    watch = LeaseWatch()
    for key in keys:
        await launch.claim_for_agent(board.get_task(engine.repo, key, rules=engine.approval()))
    while await launch.go_on(keep_claiming=all, wait=wait):
        await asyncio.sleep(_LOOK_S)
        await recover(engine, watch)
    return launch.runs()


class _Launch:
    """One `run` command: what it claimed and started, and whether it goes on."""

    def __init__(
        self, engine: Engine, profile: str | None, most: int | None, tell: Progress
    ) -> None:
        self._engine = engine
        self._profile = profile
        self._most = most
        self._tell = tell
        self._keys: list[str] = []
        self._started: list[str] = []
        self._failed: dict[tuple[str, str], EngineError] = {}
        self._told_ended: set[str] = set()

    async def claim_for_agent(self, task: Task) -> None:
        if not _is_claimed_by_agent(self._engine, task):
            taker = assignment.agent_for(self._engine, task, self._profile)
            await claim_and_provision(self._engine, task.key, taker.name)
            self._tell(f"{taker.name} claims {task.key}.")
        self._keys.append(task.key)

    async def go_on(self, *, keep_claiming: bool, wait: bool) -> bool:
        """Start and claim what can be; return whether there is something to wait for."""
        await self._start()
        while keep_claiming and await self._claim_another():
            await self._start()
        live = {run.id for run in outcomes.list_runs(self._engine.repo, live_only=True)}
        self._tell_ended(live)
        not_started = [task.key for task in claimed_by_agents(self._engine)]
        if keep_claiming and (live or not_started):
            return wait or assignment.may_become_free(self._engine)
        return wait and bool(live & set(self._started) or set(not_started) & set(self._keys))

    def runs(self) -> tuple[Run, ...]:
        if self._failed and not self._started:
            raise next(iter(self._failed.values()))
        return tuple(outcomes.get_run(run_id) for run_id in self._started)

    async def _start(self) -> None:
        for started in await start_claimed(self._engine, limit=self._most):
            self._started.append(started.id)
            self._tell(f"{started.worker} works on {started.task} ({started.id}).")

    async def _claim_another(self) -> bool:
        """Let one idle agent claim the best task that fits it, if a place is free."""
        if why_no_place(self._engine, self._most):
            return False
        for taker in self._idle():
            failed = [key for name, key in self._failed if name == taker.name]
            try:
                made = claim_best(self._engine, taker.name, without=failed)
            except Refused:
                continue  # nothing fits this one, or another process was quicker
            self._keys.append(made.task)
            await self._furnish(made)
            return True
        return False

    async def _furnish(self, made: Claim) -> None:
        """Make the worktree; a task that cannot have one holds up no other."""
        try:
            await furnish(self._engine, made)
        except EngineError as error:
            self._failed[made.worker, made.task] = error
            self._tell(f"{made.worker} cannot begin {made.task}: {error.message}")
        else:
            self._tell(f"{made.worker} claims {made.task}.")

    def _idle(self) -> Sequence[Worker]:
        idle = assignment.idle_agents(self._engine, self._profile)
        if idle or self._profile is None:
            return idle
        if not assignment.may_become_free(self._engine):
            return ()
        return (assignment.register_agent(self._engine, self._profile),)

    def _tell_ended(self, live: set[str]) -> None:
        for run_id in self._started:
            if run_id not in live and run_id not in self._told_ended:
                self._told_ended.add(run_id)
                ended = outcomes.get_run(run_id)
                why = f": {ended.reason}" if ended.reason else ""
                self._tell(f"{ended.worker} ended {ended.task} {ended.status.value}{why}")


async def start_claimed(engine: Engine, *, limit: int | None = None) -> tuple[Run, ...]:
    """Start the runs of agents that have claimed a task, as far as there is a place.

    A task whose run cannot be started goes back to the backlog with the reason; the others still
    start.

    Raises:
        UserError: What kept the first of them from starting, after all others were started.
    """
    started: list[Run] = []
    problems: list[UserError] = []
    for task in claimed_by_agents(engine):
        if why_no_place(engine, limit):
            break
        if why_no_place(engine, limit, task=task):
            continue  # its profile has its own cap; another one's may start
        try:
            started.append(await _start_one(engine, task))
        except UserError as error:
            if _is_at_work(engine, task):
                continue  # another turn or another process started it a moment before
            problems.append(error)
            outcomes.give_back(
                engine.repo, task.key, why=error.message, now=engine.now(), actor="weft"
            )
    if problems:
        raise problems[0]
    return tuple(started)


def _is_at_work(engine: Engine, task: Task) -> bool:
    return any(run.task == task.key for run in outcomes.list_runs(engine.repo, live_only=True))


async def _start_one(engine: Engine, task: Task) -> Run:
    settings = engine.settings()
    taker = workers.get(engine, task.worker or "")
    profile = find_profile(taker.agent or "", settings)
    made = await claim_and_provision(engine, task.key, taker.name)
    return await launch_run(
        engine.repo, task, made, profile, _terms(engine), clock=engine.clock, actor=engine.actor
    )


def _terms(engine: Engine) -> LaunchTerms:
    settings = engine.settings()
    return LaunchTerms(
        lease=engine.lease(),
        stale_after=engine.stale_after(),
        limit=timedelta(minutes=settings.number("run_minutes")),
        max_attempts=settings.whole("max_attempts"),
        commit_leftovers=settings.flag("commit_leftovers"),
        run_filters=engine.is_repo_trusted(),
    )


def why_no_place(engine: Engine, most: int | None = None, *, task: Task | None = None) -> str:
    """Return the sentence that a start waits with, or nothing when there is a place.

    With *task*, which an agent has claimed, the cap of that agent's profile counts too.
    """
    settings = engine.settings()
    profile = None if task is None else _profile_of(engine, task)
    return hold_back(
        engine.repo,
        max_workers=most or settings.whole("max_workers"),
        min_free_memory_mb=settings.whole("min_free_memory_mb"),
        max_load=settings.number("max_load"),
        profile=profile.name if profile else "",
        most=profile.most if profile else 0,
    )


def _profile_of(engine: Engine, task: Task) -> AgentProfile | None:
    try:
        taker = workers.get(engine, task.worker or "")
        return find_profile(taker.agent or "", engine.settings())
    except NotFound:
        return None  # the start itself will say so


def claimed_by_agents(engine: Engine) -> tuple[Task, ...]:
    """Return tasks that an agent has claimed and that have no live run, the oldest claim first."""
    live = {run.task for run in outcomes.list_runs(engine.repo, live_only=True)}
    found = [
        task
        for task in board.list_tasks(engine.repo, status=(TaskStatus.CLAIMED,))
        if task.key not in live and outcomes.is_agent(engine.repo, task.worker)
    ]
    return tuple(sorted(found, key=lambda task: (str(task.claimed_at), task.key)))


def _is_claimed_by_agent(engine: Engine, task: Task) -> bool:
    return any(task.key == other.key for other in claimed_by_agents(engine))


async def recover(engine: Engine, watch: LeaseWatch | None = None) -> tuple[str, ...]:
    """Put right what died since; return a sentence for each thing.

    A caller that looks again and again keeps a *watch* (see `core.dispatch.recovery`).
    """
    return await recover_runs(
        engine.repo,
        clock=engine.clock,
        max_attempts=engine.settings().whole("max_attempts"),
        watch=watch,
    )


def _nobody(_sentence: str) -> None:
    """Take progress that nobody asked for."""
