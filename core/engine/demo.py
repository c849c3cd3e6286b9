"""`weft demo`: the whole way on the sample repository, told step by step."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from core.domain.task import TaskStatus
from core.engine import conflicts, launching, merging, overview
from core.engine.sample import make_sample, remove_sample
from core.events.tail import EventTail
from core.git.commits import read_commits

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.domain.conflict import ConflictMatrix
    from core.domain.event import Event
    from core.domain.plan import MergePlan, MergeResult
    from core.domain.repo import Repo
    from core.engine.context import Engine

    Say = Callable[[str], None]

_LOOK_S: Final = 0.4
_SHOWN_COMMITS: Final = 12


async def make_demo(engine: Engine) -> Repo:
    """Make the sample repository, register and choose it; its agents are started by the person."""
    return (await make_sample(engine)).repo


async def run_demo(engine: Engine, *, keep: bool = False, say: Say) -> bool:
    """Go the whole way without a window: claim, work, conflicts, plan, merge.

    Args:
        engine: Any engine; the sample becomes its chosen repository.
        keep: Leave the sample in place and say where.
        say: Takes each line of the story.

    Returns:
        True when the work of at least two agents landed and the conflict was seen before.
    """
    sample = await make_sample(engine)
    say(f"A sample repository: {sample.repo.path}")
    queue = overview.status_view(engine).queue
    say(f"{queue['backlog']} tasks in the backlog; agent-ada, agent-bo and agent-cy are idle.")
    say("")
    seen = await _work(engine, say)
    result = await _merge(engine, say)
    _tell_what_waits(engine, result, say)
    say("")
    if keep:
        say(f"Kept: {sample.repo.path}")
        say(f'Look at it: weft --repo "{sample.repo.path}"')
    else:
        remove_sample(engine, sample)
        say("The sample repository is removed; --keep leaves it in place.")
    landed = {task.task for task in result.merged}
    return len(landed) >= 2 and seen


async def _work(engine: Engine, say: Say) -> bool:
    """Let the agents work, and tell of the first conflict while they do."""
    tail = EventTail()
    working = asyncio.create_task(launching.run(engine, all=True, wait=True))
    told: set[frozenset[str]] = set()
    try:
        while not working.done():
            await asyncio.wait({working}, timeout=_LOOK_S)
            tail.wake()
            _tell_events(tail.poll(), say)
            _tell_conflicts(await conflicts.conflicts(engine), told, say)
        await working
    finally:
        working.cancel()
    tail.wake()
    _tell_events(tail.poll(), say)
    _tell_conflicts(await conflicts.conflicts(engine), told, say)
    return bool(told)


def _tell_events(events: list[Event], say: Say) -> None:
    for event in events:
        match event.kind:
            case "task.claimed":
                say(f"{event.worker} claims {event.task}.")
            case "task.review":
                say(f"{event.worker} is done with {event.task}: it waits for review.")
            case "run.ended" if event.data.get("status") != "done":
                say(f"{event.worker} ended {event.task}: {event.data.get('reason')}")


def _tell_conflicts(matrix: ConflictMatrix, told: set[frozenset[str]], say: Say) -> None:
    for pair in matrix.pairs:
        both = frozenset((pair.a, pair.b))
        if not pair.conflict or both in told:
            continue
        told.add(both)
        files = ", ".join(f"{file.path} ({file.kind})" for file in pair.files)
        dirty = {branch.task for branch in matrix.branches if branch.dirty}
        early = ", seen while it is not even committed" if dirty & both else ""
        say(f"  conflict: {pair.a} and {pair.b} collide in {files}{early}.")


async def _merge(engine: Engine, say: Say) -> MergeResult:
    plan = await merging.merge_plan(engine)
    say("")
    _tell_plan(plan, say)
    say("")
    say(f"Merging; each tree is checked first: {engine.settings().text('check')}")
    result = await merging.merge_run(engine)
    for merged in result.merged:
        say(f"  merged {merged.task} as {merged.commit[:10]}")
    for aside in result.put_aside:
        say(f"  put aside {aside.task}: {aside.reason}")
    for note in result.notes:
        say(f"  {note}")
    say(f"{result.base}: {result.before[:10]} → {result.after[:10]}; kept as {result.backup_ref}")
    say("")
    say(f"On {result.base} now:")
    for commit in await read_commits(engine.place, result.after, limit=_SHOWN_COMMITS):
        say(f"  {commit.oid[:10]} {commit.subject}")
    return result


def _tell_plan(plan: MergePlan, say: Say) -> None:
    say(f"The plan onto {plan.base}, simulated, nothing is touched:")
    for step in plan.steps:
        say(f"  {step.position}. {step.task}  {step.outcome.value:<8}  {step.why}")
    compared = ", ".join(
        f"{rule.replace('_', ' ')} {count}" for rule, count in plan.compared.items()
    )
    say(f"  Conflicting steps by order: {compared}.")


def _tell_what_waits(engine: Engine, result: MergeResult, say: Say) -> None:
    say("")
    say("What waits for a person:")
    status = overview.status_view(engine)
    for aside in result.put_aside:
        say(f"  {aside.task} is in review: resolve its conflict, or give it a new attempt.")
    for waiting in status.waiting:
        say(f"  {waiting.task}: {' '.join(waiting.reasons)}")
    ready = overview.board(engine)
    waits = {waiting.task for waiting in status.waiting}
    for task in ready.tasks:
        if task.status is TaskStatus.BACKLOG and task.key not in waits:
            say(f"  {task.key} can start now: weft run {task.key}")
