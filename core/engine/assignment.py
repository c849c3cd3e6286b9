"""Which idle agent takes which task, and new agents where there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.agents.profiles import find_profile, problem_of
from core.domain.reason import worker_reasons
from core.domain.task import TaskStatus
from core.domain.worker import Worker, WorkerStatus, WorkerType
from core.engine import workers
from core.engine.locking import situation
from core.errors import Refused
from core.queue.assignment import best_workers
from core.queue.eligibility import reasons_against
from core.queue.outlook import read_outlook
from core.tasks import board
from core.workers import registry

if TYPE_CHECKING:
    from core.domain.task import Task
    from core.engine.context import Engine


def idle_agents(engine: Engine, profile: str | None) -> tuple[Worker, ...]:
    """Return agents that could start now, of *profile* if one is named."""
    return tuple(
        worker
        for worker in workers.worker_list(engine)
        if worker.is_driven
        and worker.status is WorkerStatus.AVAILABLE
        and worker.task is None
        and not worker.note
        and profile in (None, worker.agent)
    )


def agent_for(engine: Engine, task: Task, profile: str | None) -> Worker:
    """Return an idle agent for *task*; with a profile and none idle, a new one is registered.

    Raises:
        Refused: Nobody could take it; the reasons say why each agent cannot.
    """
    skilled = [
        worker for worker in idle_agents(engine, profile) if set(task.skills) <= set(worker.skills)
    ]
    if skilled:
        everybody = workers.worker_list(engine)
        outlook = read_outlook(engine.repo, (task,), everybody, now=engine.now())
        best = best_workers(task, skilled, outlook)[0].worker
        return next(worker for worker in skilled if worker.name == best)
    if profile is not None:
        return register_agent(engine, profile, skills=task.skills)
    raise Refused(
        f"No idle agent can take {task.key}.",
        reasons=_why_nobody(engine, task),
        hint="Add one: weft worker add NAME --type agent --agent PROFILE",
    )


def register_agent(engine: Engine, profile: str, *, skills: tuple[str, ...] = ()) -> Worker:
    """Register `agent-<profile>-N` with the next free number.

    Raises:
        NotFound: No such profile.
        Refused: Its program cannot run here.
    """
    problem = problem_of(find_profile(profile, engine.settings()), repo=engine.repo)
    if problem:
        raise Refused(problem)
    number = 1
    while registry.find_row(engine.repo, f"agent-{profile}-{number}") is not None:
        number += 1
    return workers.worker_add(
        engine, f"agent-{profile}-{number}", type="agent", skill=skills, agent=profile
    )


def may_become_free(engine: Engine) -> bool:
    """Return whether a task of the backlog waits only for work that is under way now."""
    tasks = board.list_tasks(engine.repo, rules=engine.approval())
    whole = situation(engine, tasks)
    return any(
        task.status is TaskStatus.BACKLOG and not reasons_against(task, None, whole)
        for task in tasks
    )


def _why_nobody(engine: Engine, task: Task) -> tuple[str, ...]:
    agents = [w for w in workers.worker_list(engine) if w.type is WorkerType.AGENT]
    if not agents:
        return ("No agent is registered.",)
    return tuple(sentence for worker in agents for sentence in _why_not(worker, task))


def _why_not(worker: Worker, task: Task) -> tuple[str, ...]:
    reasons = tuple(reason.sentence for reason in worker_reasons(task, worker))
    return reasons or (f"{worker.name} is an agent that Weft cannot start.",)
