"""Start the runs of agents that have claimed a task, or whose task's next stage is due."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from core.agents.profiles import find_profile
from core.dispatch.capacity import hold_back
from core.dispatch.launch import LaunchTerms, launch_run
from core.dispatch.live import count_live
from core.domain.stage import StageKind, StageStatus
from core.domain.task import OPEN, TaskStatus
from core.engine import staging, workers
from core.engine.claiming import furnish
from core.errors import EngineError, NotFound
from core.queue import outcomes, stages
from core.queue.outcomes import Overtaken
from core.tasks import board

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.agents.profiles import AgentProfile
    from core.domain.claim import Claim
    from core.domain.run import Run
    from core.domain.task import Task
    from core.engine.context import Engine

_LOOK_AGAIN_S: Final = 0.01


@dataclass(frozen=True, slots=True)
class Problem:
    """A task whose run could not be started: it is back in the backlog."""

    task: str
    worker: str
    error: EngineError


async def start_claimed(engine: Engine, *, limit: int | None = None) -> tuple[Run, ...]:
    """Start what agents have claimed, as far as there is a place.

    A task whose run cannot be started goes back to the backlog with the reason; the others still
    start.

    Raises:
        EngineError: What kept the first of them from starting, after all others were started.
    """
    started, problems = await start_all(engine, limit=limit)
    if problems:
        raise problems[0].error
    return started


async def start_all(
    engine: Engine,
    *,
    limit: int | None = None,
    on_problem: Callable[[Problem], None] = lambda _problem: None,
) -> tuple[tuple[Run, ...], tuple[Problem, ...]]:
    """Like `start_claimed`, with the problems as a value.

    Runs come up side by side: the next start waits only until the run before is on record, so
    that the places are counted right, and not until its agent works. *on_problem* hears of one
    before anybody could claim its task anew.
    """
    going: list[asyncio.Task[Run | Problem | None]] = []
    try:
        for task in to_start(engine):
            if why_no_place(engine, limit):
                break
            if why_no_place(engine, limit, task=task):
                continue  # its profile has its own cap; another one's may start
            start = asyncio.create_task(_tried(engine, task, on_problem))
            going.append(start)
            while not start.done() and not _is_at_work(engine, task):
                await asyncio.wait({start}, timeout=_LOOK_AGAIN_S)
        ended = await asyncio.gather(*going)
    finally:
        for start in going:
            start.cancel()
    problems = tuple(one for one in ended if isinstance(one, Problem))
    return tuple(one for one in ended if one and not isinstance(one, Problem)), problems


async def _tried(
    engine: Engine, task: Task, on_problem: Callable[[Problem], None]
) -> Run | Problem | None:
    """Start one run; if that fails, the task goes back with the reason."""
    try:
        return await _start_one(engine, task)
    except EngineError as error:
        if isinstance(error, Overtaken) or _is_at_work(engine, task):
            return None  # another process started it a moment before
        found = Problem(task.key, task.worker or "", error)
        on_problem(found)
        outcomes.give_back(engine.repo, task.key, why=error.message, now=engine.now(), actor="weft")
        return found


def _is_at_work(engine: Engine, task: Task) -> bool:
    return any(run.task == task.key for run in outcomes.list_runs(engine.repo, live_only=True))


async def _start_one(engine: Engine, task: Task) -> Run | None:
    """Start one run; None when a person's word is waited for."""
    made = await _claimed(engine, task)
    part = staging.part_of(engine, task, made)
    if part is None:
        return None
    taker = workers.get(engine, made.worker)
    name = staging.profile_for(engine, part, taker.agent or "")
    profile = find_profile(name, engine.settings())
    terms = launch_terms(engine)
    if part.kind is not StageKind.BUILD:
        terms = replace(terms, commit_leftovers=False)
    newest = board.get_task(engine.repo, task.key, rules=engine.approval())
    return await launch_run(
        engine.repo,
        newest,
        made,
        profile,
        terms,
        clock=engine.clock,
        actor=engine.actor,
        part=part,
    )


async def _claimed(engine: Engine, task: Task) -> Claim:
    """Return the claim on a task with its worktree ready."""
    made = stages.current_claim(engine.repo, task.key)
    if made is None or made.worker != task.worker:
        raise Overtaken(f"{task.worker} no longer owns {task.key}.")
    await furnish(engine, made)
    return stages.current_claim(engine.repo, task.key) or made  # its start may have moved


def launch_terms(engine: Engine) -> LaunchTerms:
    """Return what runs are started under here."""
    settings = engine.settings()
    return LaunchTerms(
        lease=engine.lease(),
        stale_after=engine.stale_after(),
        limit=timedelta(minutes=settings.number("run_minutes")),
        max_attempts=settings.whole("max_attempts"),
        commit_leftovers=settings.flag("commit_leftovers"),
        run_filters=engine.is_repo_trusted(),
        prompt_file=settings.text("prompt_file"),
        idle=timedelta(minutes=settings.number("idle_minutes")),
        budget_task_usd=settings.number("budget_task_usd"),
        budget_day_usd=settings.number("budget_day_usd"),
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


def free_places(engine: Engine, most: int | None = None) -> int:
    """Return how many more tasks may be claimed to be started at once; 0 while starts wait."""
    if why_no_place(engine, most):
        return 0
    allowed = most or engine.settings().whole("max_workers")
    return max(0, allowed - count_live(engine.repo) - len(to_start(engine)))


def _profile_of(engine: Engine, task: Task) -> AgentProfile | None:
    try:
        taker = workers.get(engine, task.worker or "")
        return find_profile(taker.agent or "", engine.settings())
    except NotFound:
        return None  # the start itself will say so


def to_start(engine: Engine) -> tuple[Task, ...]:
    """Return what an agent is to begin: next stages that are due, then claims, the oldest first.

    What a paused worker has claimed waits until it is resumed.
    """
    among = (*staging.due(engine), *claimed_by_agents(engine))
    if not among:
        return ()
    paused = {one.name for one in workers.worker_list(engine) if one.paused}
    held = {stage.task for stage in stages.of_repo(engine.repo) if stage.status is StageStatus.GATE}
    return tuple(task for task in among if task.worker not in paused and task.key not in held)


def claimed_by_agents(engine: Engine) -> tuple[Task, ...]:
    """Return tasks that an agent has claimed and that have no live run, the oldest claim first."""
    return _left(engine, (TaskStatus.CLAIMED,))


def left_by_agents(engine: Engine) -> tuple[Task, ...]:
    """Return tasks that an agent owns and nobody works on: not begun, or between two stages."""
    return _left(engine, tuple(sorted(OPEN)))


def _left(engine: Engine, status: tuple[TaskStatus, ...]) -> tuple[Task, ...]:
    among = board.list_tasks(engine.repo, status=status)
    if not among:
        return ()
    live = {run.task for run in outcomes.list_runs(engine.repo, live_only=True)}
    found = [
        task
        for task in among
        if task.key not in live and outcomes.is_agent(engine.repo, task.worker)
    ]
    return tuple(sorted(found, key=lambda task: (str(task.claimed_at), task.key)))
