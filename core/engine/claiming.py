"""Claim a task and make its worktree ready: the journal from the claim row to `ready`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from core.agents.profiles import profile_problem
from core.conflicts.stacking import HeadsConflict
from core.engine import workers
from core.engine.choosing import claim_ranked
from core.engine.claim_terms import templates_of, terms
from core.engine.guarding import guard_worktree
from core.engine.locking import situation
from core.engine.stacking import begun_on_stack, look_at_stacks
from core.errors import EngineError, Refused
from core.events import log
from core.queue import claims, outcomes
from core.queue.eligibility import reasons_against
from core.store.transactions import transaction
from core.tasks import board
from core.tasks.records import row_of
from core.workers import registry
from core.worktrees.provision import Furnishing, provision

if TYPE_CHECKING:
    from core.domain.claim import Claim
    from core.engine.context import Engine

REFUSED: Final = "task.refused"


async def claim_and_provision(engine: Engine, key: str | None, worker: str) -> Claim:
    """Claim *key*, or the best task that fits, and return with its worktree ready.

    What a kill leaves between the steps, the next claim or the doctor takes up. If the worktree
    cannot be made the task goes back, and the error says why.

    Raises:
        Refused: Every reason is in `reasons`.
        EngineError: The worktree cannot be made.
    """
    await look_at_stacks(engine)
    made = claim_ranked(engine, worker) if key is None else claim_named(engine, key, worker)
    return await furnish(engine, made)


def claim_named(engine: Engine, key: str, worker: str) -> Claim:
    """Claim *key*; its worktree is not made.

    Raises:
        Refused: Every reason is in `reasons`.
    """
    try:
        _refuse_without_program(engine, key, worker)
        return claims.claim_task(
            engine.repo, key, worker, terms(engine), now=engine.now(), actor=engine.actor
        )
    except Refused as refused:
        if refused.reasons:
            _note_refusal(engine, key, worker, refused)
        raise


def _refuse_without_program(engine: Engine, key: str, worker: str) -> None:
    """Refuse an agent whose program cannot run here: its claim would never be begun."""
    taker = workers.get(engine, worker)
    problem = profile_problem(taker.agent, engine.settings(), engine.repo) if taker.agent else ""
    if not problem:
        return
    rules = engine.approval()
    task = board.get_task(engine.repo, key, rules=rules)
    whole = situation(engine, board.around(engine.repo, (task,), rules=rules))
    reasons = reasons_against(task, replace(taker, note=problem), whole)
    raise Refused(f"{taker.name} cannot claim {task.key}.", reasons=reasons)


def _note_refusal(engine: Engine, key: str, worker: str, refused: Refused) -> None:
    """Write down who could not claim what and why; who tries again and again is told of once."""
    repo, reasons = str(engine.repo.path), list(refused.reasons)
    task, named = row_of(engine.repo, key).key, registry.row_of(engine.repo, worker).name
    with transaction():
        for last in log.read(repo=repo, task=task, limit=1, newest=True):
            told = (last.kind, last.worker, last.data.get("reasons"))
            if told == (REFUSED, named, reasons):
                return
        log.record(
            REFUSED,
            engine.now(),
            actor=engine.actor,
            repo=repo,
            task=task,
            worker=named,
            sentence=reasons[0],
            reasons=reasons,
        )


async def furnish(engine: Engine, made: Claim) -> Claim:
    """Make the worktree of a claim ready; if it cannot be, the task goes back with the reason.

    Returns:
        The claim with the commit that its branch begins from.

    Raises:
        EngineError: The worktree cannot be made.
    """
    try:
        made = await begun_on_stack(engine, made)
        of_agent = outcomes.is_agent(engine.repo, made.worker)
        gets = replace(furnishing(engine), may_renew=of_agent)
        worktree = await provision(engine.repo, made, gets, clock=engine.clock)
        await guard_worktree(engine, worktree.path)
    except EngineError as error:
        outcomes.give_back(
            engine.repo, made.task, why=error.message, now=engine.now(), actor="weft"
        )
        if isinstance(error, HeadsConflict):
            await look_at_stacks(engine)
        raise
    return made


def furnishing(engine: Engine) -> Furnishing:
    """Return what a new worktree gets here."""
    settings = engine.settings()
    return Furnishing(
        copy=settings.lines("copy"),
        setup=settings.text("setup"),
        run_filters=engine.is_repo_trusted(),
        may_leave_parent=templates_of(engine).may_leave_parent,
    )
