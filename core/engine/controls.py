"""The dispatcher's controls: how it stands, pause and resume, its proposals."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from core.dispatch import autopilot
from core.dispatch import proposals as rows
from core.dispatch.leader import is_led, loops_of
from core.domain.dispatch import DispatchMode, DispatchView
from core.engine import choosing, crew, preferences, runs, workers
from core.engine.starting import why_no_place
from core.errors import EngineError, NotFound, Refused, UsageError

if TYPE_CHECKING:
    from core.domain.claim import Claim
    from core.domain.run import Run
    from core.domain.stage import Proposal
    from core.engine.context import Engine

_MOST_READY = 200
_VARIABLE = "WEFT_DISPATCH"


def dispatch_view(engine: Engine) -> DispatchView:
    """Return how the dispatcher stands."""
    settings = engine.settings()
    everybody = workers.worker_list(engine)
    profile = settings.text("agents_profile")
    return DispatchView(
        mode=choosing.mode(engine),
        paused_by=autopilot.paused_by(engine.repo),
        leads=is_led(loops_of(engine.repo), now=engine.now()),
        ready=len(choosing.ready(engine, most=_MOST_READY)),
        idle=sum(1 for one in everybody if one.is_driven and choosing.is_idle(one)),
        profile=profile,
        floor=min(settings.whole("agents_floor"), settings.whole("agents_ceiling")),
        ceiling=settings.whole("agents_ceiling"),
        agents=sum(1 for one in everybody if profile and crew.is_scaled(one, profile)),
        holds=why_no_place(engine),
    )


def dispatch_pause(engine: Engine) -> DispatchView:
    """Have the dispatcher claim and start nothing by itself; what runs goes on."""
    autopilot.pause(engine.repo, now=engine.now(), actor=engine.actor)
    return dispatch_view(engine)


def dispatch_resume(engine: Engine) -> DispatchView:
    """Let the dispatcher go on."""
    autopilot.resume(engine.repo, now=engine.now(), actor=engine.actor)
    return dispatch_view(engine)


def dispatch_mode(engine: Engine, mode: str) -> DispatchView:
    """Set who decides: the person's own setting, for every repository.

    Raises:
        Refused: A variable of the environment says otherwise and counts more.
    """
    named = os.environ.get(_VARIABLE, mode)
    if named != mode:
        raise Refused(
            f"{_VARIABLE} says {named}, and counts more than your settings.",
            hint="Unset it where Weft is started.",
        )
    preferences.set_preference(engine, "dispatch", DispatchMode(mode).value)
    return dispatch_view(engine)


def proposals(engine: Engine) -> tuple[Proposal, ...]:
    """Return what the dispatcher would assign, the best first.

    Without a process that runs the loops it is worked out here and now.
    """
    if not is_led(loops_of(engine.repo), now=engine.now()):
        everybody = workers.worker_list(engine)
        idle = [one for one in everybody if choosing.is_idle(one)]
        fits = choosing.proposed_pairs(engine, idle, everybody)
        rows.replace_proposals(engine.repo, fits, now=engine.now())
    return rows.proposed(engine.repo)


async def accept(
    engine: Engine,
    key: str | None = None,
    *,
    worker: str | None = None,
    all: bool = False,  # noqa: A002  the word of the contract
) -> tuple[Run | Claim, ...]:
    """Assign what is proposed: one by its task or its worker, or all.

    An agent claims and starts, a person claims.

    Raises:
        UsageError: Neither a task, nor a worker, nor all.
        NotFound: Nothing is proposed for it.
        EngineError: The first that could not be assigned, when none could.
    """
    if not all and key is None and worker is None:
        raise UsageError("Name a task or a worker, or use --all.", hint="weft proposals")
    wanted = [
        one
        for one in proposals(engine)
        if all or one.task == key or (key is None and one.worker == worker)
    ]
    if not wanted:
        raise NotFound(
            f"Nothing is proposed for {key or worker or 'anybody'}.",
            hint="See what is: weft proposals",
        )
    made: list[Run | Claim] = []
    problems: list[EngineError] = []
    for one in wanted:
        try:
            made.append(await runs.assign(engine, one.task, worker or one.worker))
        except EngineError as error:
            problems.append(error)
    if problems and not made:
        raise problems[0]
    return tuple(made)
