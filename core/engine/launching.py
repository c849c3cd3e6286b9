"""Launch agents: on named tasks, or keep claiming until nothing fits any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.dispatch.leader import is_led, loops_of
from core.dispatch.recovery import LeaseWatch
from core.dispatch.recovery import recover as recover_runs
from core.engine import assignment, crew, staging
from core.engine.choosing import claim_for
from core.engine.claim_terms import terms
from core.engine.claiming import claim_and_provision
from core.engine.notices import steal
from core.engine.starting import free_places, start_all, to_start
from core.engine.waking import Wake
from core.engine.workers import worker_list as workers_of
from core.errors import EngineError, Refused, UsageError
from core.queue import outcomes
from core.tasks import board

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.domain.run import Run
    from core.domain.task import Task
    from core.domain.worker import Worker
    from core.engine.context import Engine

    Progress = Callable[[str], None]

_LOOK_S: Final = 1.0
"""How often to look at what no event tells of, such as memory that becomes free."""
_POLL_S: Final = 0.1
"""How often other processes' events are looked for: here nobody waits for each instant."""


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
        The runs that were started, or were at work on a named task already, as they are at the end.

    Raises:
        UsageError: Neither keys nor *all*, or fewer than one worker.
        Refused: A task cannot be claimed, or another profile is at work on it; those before it
            have started.
    """
    if not keys and not all:
        raise UsageError("Nothing to run.", hint="Name tasks, or: weft run --all")
    if workers is not None and workers < 1:
        raise UsageError("--workers wants at least 1.")
    await recover(engine)
    launch = _Launch(engine, agent, workers, progress or _nobody)
    watch = LeaseWatch()
    refused: EngineError | None = None
    for key in keys:
        try:
            await launch.claim_for_agent(board.get_task(engine.repo, key, rules=engine.approval()))
        except EngineError as error:
            refused = error
            break
    with Wake() as wake:
        while await launch.go_on(keep_claiming=all and refused is None, wait=wait):
            await wake.wait(_LOOK_S, poll_s=_POLL_S)
            await recover(engine, watch)
    if refused is not None:
        raise refused
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
        self._before: dict[str, str] = {}
        self._started: list[str] = []
        self._failed: dict[tuple[str, str], EngineError] = {}
        self._told_ended: set[str] = set()

    async def claim_for_agent(self, task: Task) -> None:
        self._judge()  # it may wait for its next stage, and then needs no claim
        if self._joins(task):
            return
        self._before[task.key] = self._newest(task.key)
        if not any(task.key == other.key for other in to_start(self._engine)):
            taker = assignment.agent_for(self._engine, task, self._profile)
            await claim_and_provision(self._engine, task.key, taker.name)
            self._tell(f"{taker.name} claims {task.key}.")
        self._keys.append(task.key)

    def _joins(self, task: Task) -> bool:
        """Take the run that is at work on *task* already as the one that was asked for, if any.

        Raises:
            Refused: It is of another profile than the one that was named.
        """
        live = outcomes.list_runs(self._engine.repo, task=task.key, live_only=True)
        for one in live:
            said = f"{one.worker} is at work on {task.key} already"
            if self._profile not in {None, one.agent}:
                raise Refused(
                    f"{said}, with {one.agent}.", hint=f"Stop it first: weft abort {task.key}"
                )
            self._tell(f"{said} ({one.id}).")
            self._started.append(one.id)
        return bool(live)

    async def go_on(self, *, keep_claiming: bool, wait: bool) -> bool:
        """Start and claim what can be; return whether there is something to wait for."""
        await self._start()
        while keep_claiming and self._claim_more():
            await self._start()
        live = self._live()
        while self._judge():  # of a run that has ended since the next stage may be due
            await self._start()
            live = self._live()
        self._tell_ended(live)
        not_started = {task.key for task in to_start(self._engine)}
        if keep_claiming and (live or not_started):
            return wait or assignment.may_become_free(self._engine)
        return wait and bool(live & set(self._started) or not_started & set(self._keys))

    def runs(self) -> tuple[Run, ...]:
        if self._failed and not self._started:
            raise next(iter(self._failed.values()))
        return tuple(outcomes.get_run(run_id) for run_id in self._started)

    def _live(self) -> set[str]:
        return {run.id for run in outcomes.list_runs(self._engine.repo, live_only=True)}

    def _judge(self) -> bool:
        """Judge the stages whose runs have ended; return whether one has moved."""
        said = staging.judge_ended(self._engine)
        for sentence in said:
            self._tell(sentence)
        return bool(said)

    async def _start(self) -> None:
        self._judge()
        runs, problems = await start_all(self._engine, limit=self._most)
        for started in runs:
            self._started.append(started.id)
            self._tell(f"{started.worker} works on {started.task} ({started.id}).")
        for problem in problems:
            self._failed[problem.worker, problem.task] = problem.error
            self._tell(f"{problem.worker} cannot begin {problem.task}: {problem.error.message}")
        self._join()

    def _join(self) -> None:
        """Take what a window or another command began on the named tasks as started here."""
        for key, before in self._before.items():
            newest = self._newest(key)
            if newest not in {"", before, *self._started}:
                self._started.append(newest)
                self._tell(f"{outcomes.get_run(newest).worker} works on {key} ({newest}).")

    def _newest(self, key: str) -> str:
        """Return the id of the newest run of a task, or nothing."""
        runs = outcomes.list_runs(self._engine.repo, task=key, limit=1)
        return runs[0].id if runs else ""

    def _claim_more(self) -> bool:
        """Let idle agents claim what suits them best, as far as places are free.

        While no other process runs the loops, agents are registered and tasks stolen here.
        """
        engine = self._engine
        alone = not is_led(loops_of(engine.repo), now=engine.now())
        if alone:
            crew.scale(engine)
        places = free_places(engine, self._most)
        if not places:
            return False
        idle, everybody, under = self._idle(), workers_of(engine), terms(engine)
        made = claim_for(engine, idle, everybody, under, most=places, barred=self._failed)
        if alone and idle and not made:
            steal(engine, idle, everybody)
        for claim in made:
            self._keys.append(claim.task)
            self._tell(f"{claim.worker} claims {claim.task}.")
        return bool(made)

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
