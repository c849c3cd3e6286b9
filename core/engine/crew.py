"""Register and retire the dispatcher's agents, and pause a worker that is idle."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from core.dispatch.capacity import hold_back
from core.dispatch.scaling import Crew, change
from core.domain.worker import Worker, WorkerType
from core.engine import assignment, workers
from core.engine.choosing import is_idle, ready
from core.errors import EngineError, Refused
from core.events import log
from core.store.transactions import transaction
from core.workers import registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.domain.task import Task
    from core.engine.context import Engine

_NO_LIMIT: Final = 1_000_000


def scale(engine: Engine) -> str:
    """Register or retire agents as the work asks for; return why, or nothing for no change."""
    settings = engine.settings()
    profile = settings.text("agents_profile")
    if not profile:
        return ""
    everybody = workers.worker_list(engine)
    waiting = _not_takeable(ready(engine), everybody)
    found = change(
        Crew(
            agents=tuple(one for one in everybody if is_scaled(one, profile)),
            floor=settings.whole("agents_floor"),
            ceiling=settings.whole("agents_ceiling"),
            runs=settings.whole("max_workers"),
            ready=len(waiting),
            holds=machine_holds(engine),
        ),
        engine.now(),
    )
    for number in range(found.add):
        skills = waiting[number].skills if number < len(waiting) else ()
        _register(engine, profile, skills, found.why)
    for name in found.retire:
        _retire(engine, name, found.why)
    return found.why if found.add or found.retire else ""


def is_scaled(worker: Worker, profile: str) -> bool:
    """Return whether the dispatcher may retire *worker*: it bears the name that it gives."""
    named = re.fullmatch(rf"agent-{re.escape(profile)}-\d+", worker.name)
    return worker.type is WorkerType.AGENT and worker.agent == profile and named is not None


def machine_holds(engine: Engine) -> str:
    """Return why the machine bears no further agent, or nothing."""
    settings = engine.settings()
    return hold_back(
        engine.repo,
        max_workers=_NO_LIMIT,
        min_free_memory_mb=settings.whole("min_free_memory_mb"),
        max_load=settings.number("max_load"),
    )


def pause_worker(engine: Engine, name: str, *, paused: bool) -> str:
    """Have a worker that has no run take nothing new, or something again; return the sentence.

    Raises:
        NotFound: Unknown worker.
        Refused: It is so already.
    """
    registry.set_paused(engine.repo, name, paused=paused, now=engine.now(), actor=engine.actor)
    worker = workers.get(engine, name)
    if not paused:
        return f"{worker.name} takes tasks again."
    return f"{worker.name} takes nothing new until it is resumed."


def _not_takeable(tasks: Sequence[Task], everybody: Sequence[Worker]) -> list[Task]:
    """Return the tasks for which no idle agent is left over once each has taken one."""
    idle = [one for one in everybody if one.is_driven and is_idle(one)]
    left = []
    for task in tasks:
        taker = next((one for one in idle if set(task.skills) <= set(one.skills)), None)
        if taker is None:
            left.append(task)
        else:
            idle.remove(taker)
    return left


def _register(engine: Engine, profile: str, skills: tuple[str, ...], why: str) -> None:
    try:
        made = assignment.register_agent(engine, profile, skills=skills)
    except EngineError as error:
        raise Refused(f"No agent of {profile} can be added: {error.message}") from error
    _tell(engine, made.name, "added", why)


def _retire(engine: Engine, name: str, why: str) -> None:
    try:
        registry.remove_worker(engine.repo, name, now=engine.now(), actor="weft")
    except Refused:
        return  # it has just claimed something
    _tell(engine, name, "retired", why)


def _tell(engine: Engine, name: str, what: str, why: str) -> None:
    with transaction():
        log.record(
            "worker.scaled",
            engine.now(),
            actor="weft",
            repo=str(engine.repo.path),
            worker=name,
            what=what,
            why=why,
        )
