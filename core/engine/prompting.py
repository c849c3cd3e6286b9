"""What an agent will be told, before it is; and which agent programs there are."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from core.agents.profiles import all_profiles, available_profiles, learn_version
from core.dispatch.prompting import prompt_for
from core.domain.claim import Claim
from core.domain.overview import PromptView
from core.domain.worker import Worker, WorkerStatus, WorkerType
from core.engine import workers
from core.engine.claim_terms import base_sha, terms
from core.errors import NotFound
from core.tasks import board

if TYPE_CHECKING:
    from core.domain.overview import AgentChoice
    from core.domain.task import Task
    from core.engine.context import Engine

_SOMEBODY = "agent"
"""Whose name stands in a prompt of a task that nobody owns, where no agent is registered."""


async def prompt(engine: Engine, key: str, *, worker: str | None = None) -> PromptView:
    """Return the first message that an agent of a task would get now; nothing is sent.

    Args:
        engine: The engine.
        key: The task.
        worker: Who would do it; its owner if left out, else the first agent.

    Raises:
        NotFound: There is no such task or worker.
        BadPrompt: The repository's own template cannot be filled.
    """
    task = board.get_task(engine.repo, key, rules=engine.approval())
    template = engine.settings().text("prompt_file")
    claim = _as_if_claimed(engine, task, _taker(engine, task, worker))
    text = await prompt_for(engine.repo, task, claim, template_file=template)
    return PromptView(task.key, claim.worker, template, text)


async def agents(engine: Engine) -> tuple[AgentChoice, ...]:
    """Return every agent profile, its program asked for its version where that is not known.

    All are asked at once; one that does not answer in time stays without a version.
    """
    profiles = all_profiles(engine.settings())
    found = await asyncio.gather(*(learn_version(profile) for profile in profiles.values()))
    installed = dict(zip(profiles, found, strict=True))
    return tuple(
        replace(choice, program=there.file, version=there.version)
        if (there := installed[choice.name])
        else choice
        for choice in available_profiles(engine.settings(), engine.repo)
    )


def _taker(engine: Engine, task: Task, name: str | None) -> Worker:
    if name or task.worker:
        try:
            return workers.get(engine, name or task.worker or "")
        except NotFound:
            if name:
                raise
    agents_here = [one for one in workers.worker_list(engine) if one.type is WorkerType.AGENT]
    return agents_here[0] if agents_here else _somebody(engine)


def _somebody(engine: Engine) -> Worker:
    return Worker(
        _SOMEBODY,
        WorkerType.AGENT,
        WorkerStatus.AVAILABLE,
        skills=(),
        agent=None,
        task=None,
        last_heartbeat=None,
        registered_at=engine.now(),
    )


def _as_if_claimed(engine: Engine, task: Task, worker: Worker) -> Claim:
    branch, folder = terms(engine).place(task, worker)
    if task.worker == worker.name and task.branch and task.worktree:
        branch, folder = task.branch, task.worktree
    base = engine.repo.base
    return Claim(task.key, worker.name, branch, folder, base, base_sha(engine), 0)
