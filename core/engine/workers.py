"""Register workers, list them, and say which agents can be had."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.agents.profiles import all_profiles, available_profiles, find_profile, profile_problem
from core.agents.programs import is_second_way
from core.domain.worker import Worker, WorkerType
from core.errors import NotFound
from core.queue import claims
from core.workers import registry

if TYPE_CHECKING:
    from core.domain.overview import AgentChoice
    from core.engine.context import Engine


def worker_add(
    engine: Engine,
    name: str,
    *,
    type: str,  # noqa: A002  the word of the contract
    skill: tuple[str, ...] = (),
    agent: str | None = None,
) -> Worker:
    """Register a person or an agent; an agent's profile must exist.

    Raises:
        UsageError: A name or profile that cannot be.
        UserError: The name is taken.
    """
    kind = WorkerType(type)
    if agent is not None:
        find_profile(agent, engine.settings())
    registry.add_worker(
        engine.repo, name, kind, skills=skill, agent=agent, now=engine.now(), actor=engine.actor
    )
    return get(engine, name)


def worker_list(engine: Engine) -> tuple[Worker, ...]:
    """Return the workers; `note` says why an idle agent could not work."""
    found = registry.list_workers(engine.repo, now=engine.now(), stale_after=engine.stale_after())
    settings = engine.settings()
    problems = {
        name: profile_problem(name, settings, engine.repo)
        for name in {worker.agent for worker in found if worker.agent}
    }
    profiles = all_profiles(settings)
    freedoms = {name: profiles[name].permissions for name in problems if name in profiles}
    return tuple(
        replace(worker, note=problems[worker.agent], permissions=freedoms.get(worker.agent, ""))
        if worker.agent
        else worker
        for worker in found
    )


def worker_remove(engine: Engine, name: str) -> Worker:
    """Remove a worker that owns nothing; return what it was."""
    if registry.find_row(engine.repo, name) is None:
        raise NotFound(
            f"There is no worker {name!r} in {engine.repo.name}.",
            hint="`weft worker list` shows the workers.",
        )
    worker = get(engine, name)
    registry.remove_worker(engine.repo, name, now=engine.now(), actor=engine.actor)
    return worker


def worker_heartbeat(engine: Engine, name: str) -> Worker:
    """Note a sign of life."""
    claims.extend(engine.repo, name, now=engine.now(), lease=engine.lease())
    return get(engine, name)


def agent_choices(engine: Engine) -> tuple[AgentChoice, ...]:
    """Return the profiles that can be chosen, those that can run first.

    Of a program that cannot run only its first way is told: one row says what is missing.
    """
    choices = available_profiles(engine.settings(), engine.repo if engine.has_repo else None)
    told = [one for one in choices if not (one.problem and is_second_way(one.name))]
    return tuple(sorted(told, key=lambda choice: bool(choice.problem)))


def get(engine: Engine, name: str) -> Worker:
    """Return one worker, its name taken in any case."""
    return registry.get_worker(
        engine.repo, name, now=engine.now(), stale_after=engine.stale_after()
    )
