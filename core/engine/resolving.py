"""Resolve conflicts: by decisions, in the person's merge tool, on the branch that pays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.agents.profiles import find_profile, problem_of
from core.domain.plan import Strategy
from core.domain.resolution import Brought, Decision, Dispute, FileDecision, Take
from core.domain.task import TaskStatus
from core.domain.worker import WorkerType
from core.engine import workers
from core.engine.claim_terms import terms
from core.engine.claiming import furnish
from core.engine.curing import held_still, spot_of, take_back
from core.engine.starting import start_claimed
from core.errors import EngineError, Refused, UsageError
from core.merging import merge_tool
from core.merging import resolve as by_hand
from core.merging.half_done import recover_branches
from core.merging.hand_over import begin_in_worktree
from core.queue import claims, outcomes
from core.store.transactions import transaction
from core.tasks import board

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.domain.claim import Claim
    from core.domain.run import Run
    from core.domain.task import Task
    from core.engine.context import Engine

_EVERY = "."


async def dispute(engine: Engine, key: str, other: str | None = None) -> Dispute:
    """Return what is to be decided between a task's branch and the base, or another's branch.

    Raises:
        NotFound: Unknown task, or a branch is gone.
        Refused: A task has no branch under way, or one of a pair conflicts with the base itself.
    """
    mine = spot_of(engine, key)
    theirs = None if other is None else spot_of(engine, other)
    if theirs is not None and theirs.task == mine.task:
        raise UsageError("A task does not collide with itself.")
    await recover_branches(engine.repo)
    opened = await by_hand.lay_open(engine.merge_repo(), mine, theirs)
    strategy = Strategy(engine.settings().text("strategy"))
    notes = (opened.note, _of_strategy(strategy, pair=theirs is not None))
    return replace(opened, note=" ".join(filter(None, notes)))


def _of_strategy(strategy: Strategy, *, pair: bool) -> str:
    """Return what one should know of the way in which branches land here."""
    if strategy is Strategy.REBASE:
        return "A rebase cannot carry a resolution: land this task by merge or squash."
    if strategy is Strategy.SQUASH and pair:
        return "By squash, land the two in one run: later the same lines would collide again."
    return ""


async def resolve_decided(
    engine: Engine, opened: Dispute, decisions: Sequence[FileDecision]
) -> Brought:
    """Commit decisions on the branch that pays; see `core.merging.resolve`."""
    spot = spot_of(engine, opened.task)
    async with held_still(engine, spot.task):
        return await by_hand.resolve(
            engine.merge_repo(),
            opened,
            spot,
            decisions,
            now=engine.now(),
            run_filters=engine.is_repo_trusted(),
        )


async def resolve_by_tool(engine: Engine, opened: Dispute) -> Brought:
    """Open a conflict in the merge tool of the person's git; see `core.merging.merge_tool`."""
    spot = spot_of(engine, opened.task)
    async with held_still(engine, spot.task):
        return await merge_tool.resolve_with_tool(
            engine.merge_repo(),
            opened,
            spot,
            now=engine.now(),
            run_filters=engine.is_repo_trusted(),
        )


async def ask_agent(engine: Engine, key: str, other: str | None = None) -> Run | Claim:
    """Give a conflict to the branch's own agent, as a new run with exactly these stretches.

    The merge is begun in its worktree; the run's end commits it if no marker is left, else the
    run has failed and the task goes back. With no place for a run now it starts later.

    Raises:
        Refused: Nothing collides, the branch is a person's, its agent is busy or cannot run, or
            the worktree has uncommitted changes.
    """
    opened = await dispute(engine, key, other)
    spot = spot_of(engine, opened.task)
    if not opened.files:
        raise Refused(f"{opened.task} and {opened.right_name} do not collide (any more).")
    task = board.get_task(engine.repo, spot.task)
    _refuse_unless_agent_can(engine, task)
    await by_hand.refuse_unless_clean(engine.repo, spot)
    with transaction():  # a claim that is refused must not leave the task in the backlog
        if task.status is TaskStatus.REVIEW:
            board.retry(engine.repo, task.key, now=engine.now(), actor=engine.actor)
        claim = claims.claim_task(
            engine.repo,
            task.key,
            task.worker or "",
            terms(engine),
            now=engine.now(),
            actor=engine.actor,
        )
    await furnish(engine, claim)
    try:
        await begin_in_worktree(
            engine.merge_repo(),
            replace(opened, title=task.title),
            spot,
            claim,
            run_filters=engine.is_repo_trusted(),
        )
    except EngineError as error:
        outcomes.give_back(
            engine.repo, task.key, why=str(error), now=engine.now(), actor=engine.actor
        )
        raise
    started = await start_claimed(engine)
    return next((run for run in started if run.task == task.key), claim)


def _refuse_unless_agent_can(engine: Engine, task: Task) -> None:
    worker = workers.get(engine, task.worker or "")
    if worker.type is not WorkerType.AGENT:
        raise Refused(
            f"{task.key} is {worker.name}'s, who is no agent.",
            hint=f"Resolve it yourself: weft resolve {task.key}",
        )
    problem = problem_of(find_profile(worker.agent or "", engine.settings()), repo=engine.repo)
    if problem:
        raise Refused(f"{worker.name} cannot work: {problem}")
    if outcomes.list_runs(engine.repo, live_only=True, task=task.key):
        raise Refused(
            f"{worker.name} is at work on {task.key}.",
            hint="Ask again when its run has ended: it is given the conflict as a new run.",
        )
    if worker.task not in (None, task.key):
        raise Refused(f"{worker.name} is busy with {worker.task}.")


async def resolve(
    engine: Engine,
    key: str,
    *,
    other: str | None = None,
    left: tuple[str, ...] = (),
    right: tuple[str, ...] = (),
    both: tuple[str, ...] = (),
    tool: bool = False,
    agent: bool = False,
    undo: bool = False,
) -> Dispute | Brought | Run | Claim:
    """Show a conflict, or resolve it: whole files by side, or in the merge tool.

    Args:
        engine: The engine.
        key: Whose branch pays.
        other: The other task; the base if left out.
        left: Files to take as the branch has them in every conflicting stretch.
        right: Files to take as the other side has them there.
        both: Files to take both in, left first.
        tool: Open the merge tool.
        agent: Give it to the branch's own agent.
        undo: Take back what was resolved, or brought in, last.

    Raises:
        UsageError: A file is named twice, unknown, or not decided.
    """
    if undo:
        return await take_back(engine, key)
    if agent:
        return await ask_agent(engine, key, other)
    opened = await dispute(engine, key, other)
    if not opened.files:
        return opened
    if tool:
        return await resolve_by_tool(engine, opened)
    chosen = {Take.LEFT: left, Take.RIGHT: right, Take.BOTH: both}
    if not any(chosen.values()):
        return opened
    decisions = [
        decision for take, paths in chosen.items() for decision in _for_paths(opened, take, paths)
    ]
    twice = {one.path for one in decisions if sum(d.path == one.path for d in decisions) > 1}
    if twice:
        raise UsageError(f"{min(twice)} is decided twice.")
    return await resolve_decided(engine, opened, decisions)


def _for_paths(opened: Dispute, take: Take, paths: tuple[str, ...]) -> list[FileDecision]:
    known = {file.path: file for file in opened.files}
    wanted = tuple(known) if _EVERY in paths else paths
    found = []
    for path in dict.fromkeys(wanted):
        file = known.get(path)
        if file is not None and file.stretches:
            found.append(FileDecision(path, (Decision(take),) * len(file.stretches)))
        else:
            found.append(FileDecision(path, whole=Decision(take)))
    return found
