"""Claim a task and make its worktree ready: the journal from the claim row to `ready`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.errors import EngineError, NotFound
from core.git.command import run_git_now
from core.queue import claims, outcomes
from core.queue.claims import ClaimTerms
from core.worktrees.naming import Templates, place
from core.worktrees.provision import Furnishing, provision

if TYPE_CHECKING:
    from collections.abc import Collection

    from core.domain.claim import Claim
    from core.domain.task import Task
    from core.domain.worker import Worker
    from core.engine.context import Engine

_OF_PERSON = ("default", ".weft.toml")


async def claim_and_provision(engine: Engine, key: str | None, worker: str) -> Claim:
    """Claim *key*, or the best task that fits, and return with its worktree ready.

    What a kill leaves between the steps, the next claim or the doctor takes up. If the worktree
    cannot be made the task goes back, and the error says why.

    Raises:
        Refused: Every reason is in `reasons`.
        EngineError: The worktree cannot be made.
    """
    made = claims.claim_task(
        engine.repo, key, worker, terms(engine), now=engine.now(), actor=engine.actor
    )
    await furnish(engine, made)
    return made


def claim_best(engine: Engine, worker: str, *, without: Collection[str] = ()) -> Claim:
    """Claim the best task that fits and is not one of *without*; its worktree is not made.

    Raises:
        Refused: There is none.
    """
    return claims.claim_task(
        engine.repo,
        None,
        worker,
        terms(engine),
        now=engine.now(),
        actor=engine.actor,
        without=without,
    )


async def furnish(engine: Engine, made: Claim) -> None:
    """Make the worktree of a claim ready; if it cannot be, the task goes back with the reason.

    Raises:
        EngineError: The worktree cannot be made.
    """
    try:
        of_agent = outcomes.is_agent(engine.repo, made.worker)
        gets = replace(furnishing(engine), may_renew=of_agent)
        await provision(engine.repo, made, gets, clock=engine.clock)
    except EngineError as error:
        outcomes.give_back(
            engine.repo, made.task, why=error.message, now=engine.now(), actor="weft"
        )
        raise


def terms(engine: Engine) -> ClaimTerms:
    """Return what claims are made under here."""
    templates = _templates(engine)

    def where(task: Task, worker: Worker) -> tuple[str, str]:
        found = place(engine.repo, task, worker, templates)
        return found.branch, str(found.path)

    return ClaimTerms(
        rules=engine.rules(),
        approval=engine.approval(),
        lease=engine.lease(),
        stale_after=engine.stale_after(),
        base_sha=base_sha(engine),
        place=where,
        limits=engine.limits(),
    )


def base_sha(engine: Engine) -> str:
    """Return the commit of the base now.

    Raises:
        NotFound: The base branch is gone.
    """
    found = run_git_now(
        engine.place,
        "rev-parse",
        "--verify",
        "--quiet",
        f"{engine.repo.base_ref}^{{commit}}",
        ok=(0, 1),
    )
    if found.status:
        raise NotFound(
            f"There is no branch {engine.repo.base}, the base of {engine.repo.name}.",
            hint="Name another base: weft init --base BRANCH",
        )
    return found.text


def furnishing(engine: Engine) -> Furnishing:
    """Return what a new worktree gets here."""
    settings = engine.settings()
    return Furnishing(
        copy=settings.lines("copy"),
        setup=settings.text("setup"),
        run_filters=engine.is_repo_trusted(),
        may_leave_parent=_templates(engine).may_leave_parent,
    )


def _templates(engine: Engine) -> Templates:
    settings = engine.settings()
    return Templates(
        path=settings.text("worktree_path"),
        branch=settings.text("branch"),
        may_leave_parent=settings.source["worktree_path"] not in _OF_PERSON,
    )
