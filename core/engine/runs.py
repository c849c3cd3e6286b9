"""Launch agents, follow and control their runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.agents.transcript import read_page
from core.dispatch import control
from core.domain.names import fold
from core.domain.run import ControlVerb, Run
from core.engine import crew, workers
from core.engine.claiming import claim_and_provision
from core.engine.launching import recover
from core.engine.starting import left_by_agents, start_claimed
from core.errors import EngineError, NotFound, Refused, UsageError
from core.queue import outcomes
from core.tasks import board
from core.workers import registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.domain.claim import Claim
    from core.domain.task import Task
    from core.domain.transcript import TranscriptPage
    from core.domain.worker import Worker
    from core.engine.context import Engine


async def claim(engine: Engine, key: str | None = None, *, worker: str) -> Claim:
    """Claim a task and make its worktree; an agent's claim does not start it."""
    return await claim_and_provision(engine, key, worker)


async def assign(engine: Engine, key: str, worker: str) -> Run | Claim:
    """Do what dropping a card on a worker means: a person claims, an agent claims and starts.

    An agent for which there is no place now has claimed the task and starts later.

    Raises:
        Refused: The task cannot be claimed, or the agent's program cannot run.
    """
    taker = workers.get(engine, worker)
    made = await claim_and_provision(engine, key, worker)
    if not taker.is_driven:
        return made
    try:
        await start_claimed(engine)
    except EngineError:
        if outcomes.owner_of(engine.repo, made.task) != taker.name:
            raise  # it was this one that could not be started: it is back in the backlog
    live = outcomes.list_runs(engine.repo, live_only=True)
    return next((run for run in live if run.task == made.task), made)


async def pause(
    engine: Engine,
    target: str | None = None,
    *,
    worker: str | None = None,
    all: bool = False,  # noqa: A002
) -> tuple[str, ...]:
    """Suspend runs with all their processes; returns what was asked of whom.

    A worker without a run takes nothing new until it is resumed.
    """
    resting = _resting(engine, target, worker, everyone=all)
    if resting is not None:
        return (crew.pause_worker(engine, resting.name, paused=True),)
    return _ask(engine, ControlVerb.PAUSE, targets(engine, target, worker, everyone=all))


async def resume(
    engine: Engine,
    target: str | None = None,
    *,
    worker: str | None = None,
    all: bool = False,  # noqa: A002
) -> tuple[str, ...]:
    """Let paused runs go on, and a paused worker take tasks again."""
    resting = _resting(engine, target, worker, everyone=all)
    if resting is not None:
        return (crew.pause_worker(engine, resting.name, paused=False),)
    return _ask(engine, ControlVerb.RESUME, targets(engine, target, worker, everyone=all))


async def abort(
    engine: Engine,
    target: str | None = None,
    *,
    worker: str | None = None,
    all: bool = False,  # noqa: A002
) -> tuple[str, ...]:
    """End runs; a task that an agent owns and nobody is at work on goes back at once.

    Nobody takes what was ended by itself: a person gives it to somebody, or retries it.
    """
    await recover(engine)
    waiting = _waiting_for_a_place(engine, target, worker, everyone=all)
    for task in waiting:
        outcomes.give_back(
            engine.repo,
            task.key,
            why="aborted",
            now=engine.now(),
            actor=engine.actor,
            stopped=True,
        )
    said = tuple(
        f"{task.key} is back in the backlog; nobody was at work on it." for task in waiting
    )
    if waiting and not all:
        return said
    found = targets(engine, target, worker, everyone=all, may_be_none=bool(waiting))
    return said + _ask(engine, ControlVerb.ABORT, found)


def transcript(engine: Engine, run_id: str, *, offset: int = 0, limit: int = 500) -> TranscriptPage:
    """Return what an agent said, from a byte offset on.

    Raises:
        NotFound: Unknown run.
    """
    del engine
    return read_page(Path(outcomes.get_run(run_id).transcript), offset=offset, limit=limit)


def _resting(
    engine: Engine, target: str | None, worker: str | None, *, everyone: bool
) -> Worker | None:
    """Return the worker that is meant if it has no run under way; None for anything else."""
    if everyone or (worker is None and (target is None or _as_key(engine, target) is not None)):
        return None
    found = _worker(engine, target, worker)
    live = outcomes.list_runs(engine.repo, live_only=True)
    return None if any(run.worker == found.name for run in live) else found


def _ask(engine: Engine, verb: ControlVerb, targets: Sequence[Run]) -> tuple[str, ...]:
    said = []
    problems = []
    for one in targets:
        try:
            control.ask(engine.repo, one.id, verb, now=engine.now(), actor=engine.actor)
        except EngineError as error:
            problems.append(error)
        else:
            said.append(f"{verb.value.capitalize()} asked of {one.worker} on {one.task}.")
    if problems and not said:
        raise problems[0]
    return tuple(said)


def targets(
    engine: Engine,
    target: str | None,
    worker: str | None,
    *,
    everyone: bool,
    may_be_none: bool = False,
) -> tuple[Run, ...]:
    """Return the live runs that a task's key or a worker's name means, or all of them.

    Raises:
        UsageError: Nothing is named.
        Refused: No run is under way there.
    """
    live = outcomes.list_runs(engine.repo, live_only=True)
    if everyone:
        if not live and not may_be_none:
            raise Refused("No run is under way.")
        return live
    if worker is None and target is None:
        raise UsageError("Name a task or a worker, or use --all.")
    key = None if worker is not None else _as_key(engine, target or "")
    name = worker or target or ""
    if key is None:
        name = _worker(engine, target, worker).name
    found = tuple(one for one in live if (one.task == key if key else one.worker == name))
    if not found:
        raise Refused(
            f"No run is under way on {key}." if key else f"{name} has no run under way.",
            hint="`weft status` shows what runs.",
        )
    return found


def _waiting_for_a_place(
    engine: Engine, target: str | None, worker: str | None, *, everyone: bool
) -> tuple[Task, ...]:
    named = {fold(name) for name in (target, worker) if name}
    return tuple(
        task
        for task in left_by_agents(engine)
        if everyone or fold(task.key) in named or fold(task.worker or "") in named
    )


def is_task_or_worker(engine: Engine, name: str) -> bool:
    """Whether there is a task with that key or a worker with that name."""
    if _as_key(engine, name) is not None:
        return True
    return registry.find_row(engine.repo, name) is not None


def _worker(engine: Engine, target: str | None, worker: str | None) -> Worker:
    """Return the worker that is meant.

    Raises:
        NotFound: There is none, nor a task of that name if only *target* was given.
    """
    if worker is None and target and registry.find_row(engine.repo, target) is None:
        raise NotFound(
            f"There is no task and no worker {target!r} in {engine.repo.name}.",
            hint="`weft status` shows what there is.",
        )
    return workers.get(engine, worker or target or "")


def _as_key(engine: Engine, name: str) -> str | None:
    """Return the key that *name* is, or None when it is no task; a key wins over a worker."""
    try:
        return board.get_task(engine.repo, name).key
    except NotFound:
        return None
