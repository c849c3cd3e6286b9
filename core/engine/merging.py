"""Plan, dry-run, execute and undo merges of the board's tasks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.domain.plan import MergePlan, MergeResult, Strategy
from core.domain.task import TaskStatus
from core.engine.approving import held_back, holds
from core.engine.conflicts import contenders
from core.errors import Refused, UserError
from core.merging.execute import MergeOrder, run_merge
from core.merging.inputs import plan_stamp
from core.merging.journal_entry import last_landed
from core.merging.past import LISTED, past_merges
from core.merging.plan import make_plan
from core.merging.publish import left_on_remote, push_base
from core.merging.tidy import landed_worktrees, tidy
from core.merging.undo import undo_merge
from core.tasks import board

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.domain.conflict import Contender
    from core.domain.landed import LandedWorktree
    from core.domain.merge_run import MergeProgress, PastMerge
    from core.engine.context import Engine

    Progress = Callable[[MergeProgress], None]


async def merge_plan(
    engine: Engine,
    keys: tuple[str, ...] = (),
    *,
    strategy: str | None = None,
    ordered: bool = False,
    progress: Progress | None = None,
) -> MergePlan:
    """Return the recommended order, dry-run; without keys of all tasks in review.

    Args:
        engine: The engine.
        keys: Tasks to plan; one that is not in review becomes a `blocked` step.
        strategy: How branches land; the settings decide if left out.
        ordered: Take *keys* in the order given.
        progress: Told of each step, on the engine's thread.
    """
    return await make_plan(
        engine.merge_repo(),
        await held_back(engine, _landing(engine, keys)),
        strategy=_strategy(engine, strategy),
        order=_order(engine, keys) if ordered else None,
        progress=progress,
    )


async def plan_inputs(
    engine: Engine,
    keys: tuple[str, ...] = (),
    *,
    strategy: str | None = None,
    ordered: bool = False,
) -> str:
    """Return a stamp of what `merge_plan` of the same arguments would look at.

    Take it before planning; while it is the same the plan is still true. It costs one git
    process (see `core.merging.inputs` for what it cannot see).
    """
    try:
        landing = _landing(engine, keys)
        order = _order(engine, keys) if ordered else None
    except UserError as error:
        return str(error)  # a task landed, went back or is gone: another stamp than any plan's
    how = _strategy(engine, strategy)
    return await plan_stamp(engine.merge_repo(), landing, strategy=how, order=order)


async def merge_run(
    engine: Engine,
    keys: tuple[str, ...] = (),
    *,
    strategy: str | None = None,
    check: str | None = None,
    ordered: bool = False,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> MergeResult:
    """Merge in the plan's order; the base moves once, to a tree that merged and passed.

    *check* None takes the settings' command; an empty text means none. *cancelled* is asked
    between steps: until the landing begins a run that is called off leaves the base where it was.
    """
    _refuse_if_protected(engine)
    settings = engine.settings()
    command = settings.text("check") if check is None else check
    wish = MergeOrder(
        contenders=await held_back(engine, _landing(engine, keys)),
        strategy=_strategy(engine, strategy),
        order=_order(engine, keys) if ordered else None,
        check=command or None,
        check_limit_s=settings.number("check_minutes") * 60,
        setup=settings.text("setup"),
        copy=settings.lines("copy"),
        run_filters=engine.is_repo_trusted(),
    )
    result = await run_merge(
        engine.merge_repo(),
        wish,
        actor=engine.actor,
        progress=progress,
        cancelled=cancelled,
        clock=engine.clock,
    )
    if not result.merged:
        return result
    if settings.text("push") == "after_merge":
        result = replace(result, notes=(*result.notes, await push_base(engine.repo, result.after)))
    return await _with_worktrees(engine, result)


def _refuse_if_protected(engine: Engine) -> None:
    if engine.settings().flag("protect_base"):
        raise Refused(
            f"{engine.repo.base} is protected: Weft plans merges, but does not move it.",
            hint="Land the branches where it moves, or set protect_base = false.",
        )


async def _with_worktrees(engine: Engine, result: MergeResult) -> MergeResult:
    """Do with the worktrees of landed tasks as the settings have it, and say so."""
    wish = engine.settings().text("remove_landed")
    if wish == "keep":
        return result
    found = await merge_tidy(engine, yes=wish == "auto")
    gone = [one.task for one in found if one.removed]
    could = [one.task for one in found if not one.removed and not one.kept_because]
    notes = list(result.notes)
    if gone:
        notes.append(f"Removed the worktrees of {', '.join(gone)}; their branches stay.")
    if could:
        worktrees = "worktree of a landed task" if len(could) == 1 else "worktrees of landed tasks"
        notes.append(f"{len(could)} {worktrees} could go: weft merge tidy --yes")
    return replace(result, notes=tuple(notes))


async def merge_tidy(engine: Engine, *, yes: bool = False) -> tuple[LandedWorktree, ...]:
    """Return the worktrees of landed tasks; with *yes* remove those that the base holds whole."""
    if yes:
        return await tidy(engine.repo, clock=engine.clock)
    return await landed_worktrees(engine.repo)


def last_merge(engine: Engine) -> MergeResult | None:
    """Return what the last merge run landed, unless it was taken back."""
    entry = last_landed(engine.repo)
    return None if entry is None or entry.undone else entry.result()


async def merge_log(engine: Engine, *, limit: int = LISTED) -> tuple[PastMerge, ...]:
    """Return the merge runs that have ended, newest first, and which can be taken back."""
    return await past_merges(engine.repo, limit=limit)


async def merge_undo(engine: Engine, run: str | None = None) -> MergeResult:
    """Put the base back to where it was before the last merge run, or before *run*.

    Raises:
        NotFound: No such run has landed anything.
        Refused: Something was built on it, or something of the person's is in the way.
    """
    _refuse_if_protected(engine)
    result = await undo_merge(
        engine.repo,
        run,
        actor=engine.actor,
        run_filters=engine.is_repo_trusted(),
        clock=engine.clock,
    )
    left = await left_on_remote(engine.repo, result.before)
    return replace(result, notes=(*result.notes, left)) if left else result


def _landing(engine: Engine, keys: Sequence[str]) -> tuple[Contender, ...]:
    if not keys:
        review = board.list_tasks(engine.repo, status=(TaskStatus.REVIEW,))
        keys = [task.key for task in review]
    return tuple(_held_back(engine, one) for one in contenders(engine, keys)) if keys else ()


def _held_back(engine: Engine, contender: Contender) -> Contender:
    """Note that a guardian said no, or that a yes is missing that is asked for before the merge.

    What the worktree really changed counts like what was declared.
    """
    hold = holds(engine, [contender.task]).get(contender.task, "")
    return replace(contender, hold=hold) if hold else contender


def _order(engine: Engine, keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(board.get_task(engine.repo, key).key for key in keys)


def _strategy(engine: Engine, named: str | None) -> Strategy:
    return Strategy(named or engine.settings().text("strategy"))
