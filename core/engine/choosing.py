"""Choose among what may be claimed: the best task for a worker, the best worker for a task."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Final

from core.dispatch.assigning import Choice, pairs
from core.domain.dispatch import DispatchMode
from core.domain.stage import Suggestion
from core.domain.task import TaskStatus
from core.engine import workers
from core.engine.claim_terms import terms
from core.engine.locking import situation
from core.errors import Refused
from core.queue import claims
from core.queue.assignment import best_tasks, fit
from core.queue.eligibility import reasons_against
from core.queue.outlook import pool, read_outlook
from core.tasks import board

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from core.domain.claim import Claim
    from core.domain.stage import Fit
    from core.domain.task import Task
    from core.domain.worker import Worker
    from core.engine.context import Engine
    from core.queue.assignment import Past
    from core.queue.claims import ClaimTerms
    from core.queue.eligibility import Board

POOL: Final = 64
"""So many tasks of the backlog are looked at, and more for many workers."""
_TRIES: Final = 8
_SHOWN: Final = 10


def mode(engine: Engine) -> DispatchMode:
    """Return who decides here."""
    return DispatchMode(engine.settings().text("dispatch"))


def claim_ranked(engine: Engine, worker: str, *, without: Collection[str] = ()) -> Claim:
    """Claim what suits *worker* best and is not one of *without*; its worktree is not made.

    The ranking is made outside the write lock; the claim itself looks at every reason again under
    it. In hybrid mode the order of the board stands above the ranking.

    Raises:
        Refused: Nothing fits.
    """
    under = terms(engine)
    for one in _ranked(engine, worker, without)[:_TRIES]:
        try:
            return claims.claim_task(
                engine.repo,
                one.task,
                worker,
                under,
                now=engine.now(),
                actor=engine.actor,
                auto=True,
            )
        except Refused:
            continue  # another was quicker
    return claims.claim_task(
        engine.repo, None, worker, under, now=engine.now(), actor=engine.actor, without=without
    )


def claim_for(
    engine: Engine,
    idle: Sequence[Worker],
    everybody: Sequence[Worker],
    under: ClaimTerms,
    *,
    most: int,
    barred: Collection[tuple[str, str]] = (),
    past: Sequence[Past] | None = None,
    deep: bool = True,
) -> list[Claim]:
    """Claim tasks for idle agents, the best pairs first, *most* of them; worktrees are not made.

    Args:
        engine: The engine.
        idle: Who may take something.
        everybody: All workers: what only one of them can do is kept for it.
        under: What claims are made under, looked up once for all of them.
        most: So many at most: places for runs.
        barred: Pairs (worker, task) that are not tried.
        past: Ended runs, if they are known.
        deep: Whether to look past the first stretch of the backlog when nothing in it fits.
    """
    made: list[Claim] = []
    for one in proposed_pairs(engine, idle, everybody, barred=barred, past=past, deep=deep):
        if len(made) >= most:
            break
        try:
            claim = claims.claim_task(
                engine.repo, one.task, one.worker, under, now=engine.now(), actor="weft", auto=True
            )
        except Refused:
            continue  # another process, or a lock that an earlier claim of this turn took
        made.append(claim)
    return made


def proposed_pairs(
    engine: Engine,
    idle: Sequence[Worker],
    everybody: Sequence[Worker],
    *,
    barred: Collection[tuple[str, str]] = (),
    past: Sequence[Past] | None = None,
    deep: bool = True,
) -> list[Fit]:
    """Return who of *idle* should take what, best first.

    A stretch of the backlog is looked at, and with *deep* the next ones too until something fits.
    """
    limit = max(POOL, 4 * len(idle))
    for offset in count(step=limit) if idle else ():
        tasks = _pool(engine, idle, limit=limit, offset=offset)
        choice = Choice(
            tasks=tasks,
            workers=idle,
            board=_board(engine, tasks),
            outlook=read_outlook(engine.repo, tasks, everybody, now=engine.now(), past=past),
            in_order=mode(engine) is DispatchMode.HYBRID,
            barred=barred,
        )
        found = pairs(choice) if tasks else []
        if found or not deep or len(tasks) < limit:
            return found
    return []


def suggest(
    engine: Engine, key: str | None = None, *, worker: str | None = None, limit: int | None = None
) -> tuple[Suggestion, ...]:
    """Return who should take a task, or what a worker should take, each with its reason.

    With a key every worker is listed, with what keeps it from claiming; with a worker the best
    tasks that it could claim; with neither the best pair for each idle worker.
    """
    everybody = workers.worker_list(engine)
    most = limit or _SHOWN
    if key is not None:
        task = board.get_task(engine.repo, key, rules=engine.approval())
        among = [one for one in everybody if worker is None or one.name == worker]
        return _for_task(engine, task, among, everybody)[:most]
    if worker is not None:
        fits = _ranked(engine, workers.get(engine, worker).name, ())
        return tuple(Suggestion(one.task, one.worker, one.score, one.why) for one in fits[:most])
    idle = [one for one in everybody if is_idle(one)]
    found = proposed_pairs(engine, idle, everybody)
    return tuple(Suggestion(one.task, one.worker, one.score, one.why) for one in found[:most])


def is_idle(worker: Worker) -> bool:
    """Return whether *worker* could take something now."""
    return worker.task is None and not worker.paused and not worker.note


def _for_task(
    engine: Engine, task: Task, among: Sequence[Worker], everybody: Sequence[Worker]
) -> tuple[Suggestion, ...]:
    whole = _board(engine, (task,))
    outlook = read_outlook(engine.repo, (task,), everybody, now=engine.now())
    found = []
    for one in among:
        scored = fit(task, one, outlook)
        reasons = reasons_against(task, one, whole)
        found.append(Suggestion(task.key, one.name, scored.score, scored.why, reasons))
    return tuple(sorted(found, key=lambda one: (bool(one.reasons), -one.score)))


def _ranked(engine: Engine, worker: str, without: Collection[str]) -> list[Fit]:
    everybody = workers.worker_list(engine)
    taker = next(one for one in everybody if one.name == workers.get(engine, worker).name)
    tasks = _pool(engine, (taker,), limit=POOL)
    whole = _board(engine, tasks)
    fitting = [
        task
        for task in tasks
        if task.key not in without and not reasons_against(task, taker, whole, auto=True)
    ]
    outlook = read_outlook(engine.repo, fitting, everybody, now=engine.now())
    if mode(engine) is DispatchMode.HYBRID:
        return [fit(task, taker, outlook) for task in fitting]
    return best_tasks(fitting, taker, outlook)


def _pool(
    engine: Engine, workers_: Sequence[Worker] | None, *, limit: int, offset: int = 0
) -> tuple[Task, ...]:
    skills = None if workers_ is None else {skill for one in workers_ for skill in one.skills}
    return pool(
        engine.repo,
        now=engine.now(),
        limit=limit,
        offset=offset,
        satisfied=engine.rules().satisfied_by,
        skills=skills,
        rules=engine.approval(),
        by_place=mode(engine) is DispatchMode.HYBRID,
    )


def _board(engine: Engine, tasks: Sequence[Task]) -> Board:
    among = board.around(engine.repo, tasks, rules=engine.approval())
    return situation(engine, among)


def ready(engine: Engine, *, most: int = POOL) -> tuple[Task, ...]:
    """Return tasks of the backlog that nothing holds back but the want of a worker."""
    tasks = _pool(engine, None, limit=most)
    whole = _board(engine, tasks)
    return tuple(
        task
        for task in tasks
        if task.status is TaskStatus.BACKLOG and not reasons_against(task, None, whole, auto=True)
    )
