"""Go on with what an agent began: new words in its session, its own interface, its folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.agents.profiles import find_profile, problem_of
from core.agents.programs import attach_command
from core.agents.stage_prompt import Word
from core.dispatch.launch import Part, launch_run
from core.domain.run import LIVE
from core.domain.session import Attachment
from core.domain.task import TaskStatus
from core.domain.worker import WorkerType
from core.engine import workers
from core.engine.claim_terms import terms
from core.engine.claiming import furnish
from core.engine.starting import launch_terms, why_no_place
from core.engine.talking import latest_run
from core.errors import EngineError, Refused, UsageError
from core.events import log
from core.queue import claims, outcomes
from core.runner.order import RunOrder
from core.store.transactions import transaction
from core.tasks import board

if TYPE_CHECKING:
    from core.agents.profiles import AgentProfile
    from core.domain.claim import Claim
    from core.domain.run import Run
    from core.domain.task import Task
    from core.engine.context import Engine

_FROM = frozenset({TaskStatus.REVIEW, TaskStatus.BACKLOG})


async def continue_task(engine: Engine, key: str, text: str) -> Run:
    """Have the agent of an ended run go on in its session, with new words such as a review's.

    A task in review, or one that came back to the backlog, goes to the same worker again. An
    agent whose session is not known gets the whole task with the words below it.

    Raises:
        NotFound: Unknown task.
        UsageError: There are no words.
        Refused: A run is under way, nobody has worked on it, its worker is busy or cannot run,
            there is no place for a run now, or the task is done.
    """
    words = text.strip()
    if not words:
        raise UsageError("There is nothing to go on with.", hint="weft continue KEY TEXT")
    task = board.get_task(engine.repo, key, rules=engine.approval())
    last = latest_run(engine, task.key)
    profile = _profile_to_go_on(engine, task, last)
    part = Part(words=(Word(engine.actor, words),))
    if last.session:
        part = Part(session=last.session, prompt=words)
    claim = _claim_again(engine, task, last, words)
    try:
        await furnish(engine, claim)
        return await launch_run(
            engine.repo,
            board.get_task(engine.repo, task.key, rules=engine.approval()),
            claim,
            profile,
            launch_terms(engine),
            clock=engine.clock,
            actor=engine.actor,
            part=part,
        )
    except EngineError as error:
        outcomes.give_back(
            engine.repo, task.key, why=error.message, now=engine.now(), actor=engine.actor
        )
        raise


def _profile_to_go_on(engine: Engine, task: Task, last: Run) -> AgentProfile:
    if last.status in LIVE:
        raise Refused(
            f"{last.worker} is at work on {task.key}.", hint=f"Tell it: weft say {task.key} TEXT"
        )
    if task.status not in _FROM:
        raise Refused(f"{task.key} is {task.status.words}: its agent cannot go on.")
    worker = workers.get(engine, last.worker)
    if worker.type is not WorkerType.AGENT:
        raise Refused(f"{worker.name} is no agent.")
    if worker.task not in (None, task.key):
        raise Refused(f"{worker.name} is busy with {worker.task}.")
    profile = find_profile(last.agent, engine.settings())
    problem = problem_of(profile, repo=engine.repo) or why_no_place(engine)
    if problem:
        raise Refused(f"{worker.name} cannot go on with {task.key} now: {problem}")
    return profile


def _claim_again(engine: Engine, task: Task, last: Run, words: str) -> Claim:
    """Give the task to its last worker again, in one transaction with why."""
    now = engine.now()
    with transaction():  # a claim that is refused must not leave the task in the backlog
        log.record(
            "task.continued",
            now,
            actor=engine.actor,
            repo=str(engine.repo.path),
            task=task.key,
            worker=last.worker,
            run=last.id,
            text=words,
        )
        if task.status is TaskStatus.REVIEW or task.escalated:
            board.retry(engine.repo, task.key, now=now, actor=engine.actor)
        return claims.claim_task(
            engine.repo, task.key, last.worker, terms(engine), now=now, actor=engine.actor
        )


def attach(engine: Engine, key: str) -> Attachment:
    """Return how the session of a task's last run is opened in the agent's own interface.

    Raises:
        NotFound: Unknown task.
        Refused: A run is at work in it, its session is not known, or its program has no such way.
    """
    last = latest_run(engine, key)
    if last.status in LIVE:
        raise Refused(
            f"{last.worker} is at work in that session.",
            hint=f"Talk to it: weft say {last.task} TEXT; or end the run: weft abort {last.task}",
        )
    order = RunOrder.parse(outcomes.run_row(last.id).profile)
    words = attach_command(order.program, last.session or "")
    if not words:
        why = "has no interface that could open it" if last.session else "named no session"
        raise Refused(f"{last.agent} {why}, so there is nothing to attach to.")
    return Attachment(
        task=last.task,
        session=last.session or "",
        command=words,
        folder=outcomes.run_row(last.id).worktree,
        environment=dict(order.env),
    )
