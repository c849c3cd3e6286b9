"""What is going on: the board at one look, the status, the log."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from core.dispatch import autopilot
from core.dispatch.leader import is_led, loops_of
from core.dispatch.live import has_dead_runner
from core.dispatch.proposals import proposed
from core.domain.dispatch import DispatchMode
from core.domain.overview import BoardView, StatusView, Waiting
from core.domain.reason import ReasonCode
from core.domain.run import LIVE, Run
from core.domain.task import OPEN, Task, TaskStatus
from core.engine import choosing, workers
from core.engine.claim_terms import base_sha
from core.engine.launching import recover
from core.engine.locking import situation
from core.engine.notices import notices
from core.engine.staging import gates
from core.engine.starting import why_no_place
from core.errors import NotFound
from core.events import log as event_log
from core.locks.leases import held
from core.locks.touched import warnings
from core.processes.memory import free_memory_mb
from core.queue import outcomes, stages
from core.queue.questions import open_questions
from core.queue.waiting import Takers, waiting_of
from core.tasks import board as tasks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.domain.event import Event
    from core.domain.question import Question
    from core.domain.worker import Worker
    from core.engine.context import Engine

_RECENT_RUNS = 100
_CAPACITY: Final = ReasonCode.CAPACITY.value


async def status(engine: Engine) -> StatusView:
    """Return who works on what, how many tasks wait, and why.

    A run whose runner died is put right first: nothing is told as alive that is not.
    """
    if has_dead_runner(engine.repo):
        await recover(engine)
    return status_view(engine)


def status_view(engine: Engine) -> StatusView:
    """Return the status as the database has it, for loops that recover by themselves."""
    view = board(engine)
    queue = Counter(task.status.value for task in view.tasks)
    return StatusView(
        workers=view.workers,
        runs=tuple(run for run in view.runs if run.status in LIVE),
        queue={state.value: queue[state.value] for state in TaskStatus},
        waiting=view.waiting,
    )


def board(engine: Engine) -> BoardView:
    """Return everything that the board shows, read at one moment."""
    last_event = event_log.last_id()
    all_tasks = tasks.list_tasks(engine.repo, rules=engine.approval())
    all_workers = workers.worker_list(engine)
    runs = outcomes.list_runs(engine.repo, limit=_RECENT_RUNS)
    max_workers = engine.settings().whole("max_workers")
    asked = open_questions(engine.repo)
    return BoardView(
        repo=engine.repo,
        tasks=all_tasks,
        workers=all_workers,
        runs=_shown_runs(runs),
        waiting=(*_waiting(engine, all_tasks, all_workers, runs), *_asking(asked)),
        last_event=last_event,
        max_workers=max_workers,
        free_memory_mb=free_memory_mb(),
        questions=asked,
        locks=held(engine.repo, now=engine.now()),
        stages=stages.of_repo(engine.repo),
        proposals=proposed(engine.repo),
        warnings=warnings(engine.repo, now=engine.now()),
    )


def why_waits(engine: Engine, key: str) -> tuple[str, ...]:
    """Return why a task waits, in the words of its card; empty when it does not."""
    all_tasks = tasks.list_tasks(engine.repo, rules=engine.approval())
    runs = outcomes.list_runs(engine.repo, live_only=True)
    found = _waiting(engine, all_tasks, workers.worker_list(engine), runs)
    return next((one.reasons for one in found if one.task == key), ())


def log(engine: Engine, key: str, *, limit: int | None = None) -> tuple[Event, ...]:
    """Return what happened to a task, oldest first; at most the newest *limit* events."""
    task = tasks.get_task(engine.repo, key)
    found = event_log.read(
        repo=str(engine.repo.path), task=task.key, limit=limit or event_log.PAGE, newest=True
    )
    return tuple(found)


def events(
    engine: Engine, *, since: int | None = None, limit: int | None = None
) -> tuple[Event, ...]:
    """Return the audit trail after *since*; without it the newest *limit* (100) events."""
    repo = str(engine.repo.path)
    if since is None:
        return tuple(event_log.read(repo=repo, limit=limit or 100, newest=True))
    return tuple(event_log.read(repo=repo, since=since, limit=limit or event_log.PAGE))


def _asking(asked: Sequence[Question]) -> tuple[Waiting, ...]:
    """Return whose agents wait for a person; they are at work all the same."""
    return tuple(Waiting(one.task, (f"Asks: {one.title}",), blocks=False) for one in asked)


def _shown_runs(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Return the live runs and the newest ended one of each worker."""
    seen: set[str] = set()
    shown = []
    for run in runs:
        if run.status in LIVE or run.worker not in seen:
            shown.append(run)
        seen.add(run.worker)
    return tuple(shown)


def _waiting(
    engine: Engine,
    all_tasks: Sequence[Task],
    all_workers: Sequence[Worker],
    runs: Sequence[Run],
) -> tuple[Waiting, ...]:
    held = _held(engine)
    whole = situation(engine, all_tasks)
    agents = {worker.name: worker for worker in all_workers if worker.is_driven}
    live = {run.task for run in runs if run.status in LIVE}
    at_gates, noticed = gates(engine.repo), notices(engine)
    takers = Takers(all_workers, whole)
    led = is_led(loops_of(engine.repo), now=engine.now())
    next_ones = _next_ones(engine, all_workers) if held else 0
    found = []
    for task in all_tasks:
        one: Waiting | None = None
        if task.status is TaskStatus.BACKLOG:
            one = waiting_of(task, whole) or _told(task.key, at_gates) or takers.waiting_of(task)
            if one is None and held and next_ones > 0:
                next_ones -= 1
                one = Waiting(task.key, (held.sentence,), blocks=False, identity=held.code)
        elif task.key in at_gates and task.status in OPEN:
            one = _told(task.key, at_gates)
        elif task.status is TaskStatus.CLAIMED and task.worker in agents and task.key not in live:
            holds = held or _hold_of(engine, task, agents[task.worker])
            one = _not_begun(task.key, holds, noticed.get(task.key))
        elif task.key in noticed:
            one = _told(task.key, noticed)
        elif not led and task.status is TaskStatus.IN_PROGRESS and task.worker in agents:
            one = None if task.key in live else _between(task.key)
        if one is not None:
            found.append(one)
    return tuple(found)


class _Hold(NamedTuple):
    """What keeps agents from starting by themselves."""

    code: str
    sentence: str


def _held(engine: Engine) -> _Hold | None:
    """Return what keeps every agent from starting by itself, or None."""
    paused = autopilot.why_paused(engine.repo)
    if paused:
        return _Hold("dispatch_paused", paused)
    try:
        base_sha(engine)
    except NotFound as gone:
        return _Hold("no_base", f"{gone.message} {gone.hint}")
    no_place = why_no_place(engine)
    return _Hold(_CAPACITY, no_place) if no_place else None


def _hold_of(engine: Engine, task: Task, worker: Worker) -> _Hold:
    """Return what keeps one agent from beginning what it has claimed; an empty sentence if not."""
    if worker.paused:
        return _Hold(ReasonCode.WORKER_PAUSED.value, f"{worker.name} is paused.")
    return _Hold(_CAPACITY, why_no_place(engine, task=task))


def _next_ones(engine: Engine, all_workers: Sequence[Worker]) -> int:
    """Return how many tasks idle agents would take by themselves now, if nothing held them."""
    if choosing.mode(engine) is DispatchMode.SUPERVISOR:
        return 0
    return sum(1 for worker in all_workers if worker.is_driven and choosing.is_idle(worker))


def _not_begun(key: str, holds: _Hold, notice: str | None) -> Waiting:
    """Return why an agent's claim is not at work, and if it will be given away, when."""
    said = filter(None, (holds.sentence or "Claimed, not started: run it.", notice))
    return Waiting(key, tuple(said), identity=holds.code if holds.sentence else "not_started")


def _between(key: str) -> Waiting:
    """Return that the run of a stage has ended and no process runs the loops, which go on."""
    said = "Its run has ended; what comes next begins with Weft's window, or: weft run --all"
    return Waiting(key, (said,), blocks=False, identity="not_led")


def _told(key: str, told: Mapping[str, str]) -> Waiting | None:
    """Return that a task waits at the gate of a stage, or will go to another; None otherwise."""
    return Waiting(key, (told[key],), blocks=False, identity="notice") if key in told else None
