"""Stacked tasks: begin on work that waits in review, and wait while it cannot be put together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from core.conflicts.stacking import Below, HeadsConflict, stacked_start
from core.domain.task import TaskStatus
from core.engine.claim_terms import base_sha
from core.git.command import GitPlace
from core.git.refs import HEADS, is_ancestor, list_refs
from core.queue import stacks
from core.tasks import board

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.domain.claim import Claim
    from core.domain.task import Task
    from core.engine.context import Engine

_MOST: Final = 200
_known: dict[tuple[str, tuple[Below, ...]], str] = {}
"""(base, heads) → why they cannot be put together, empty when they can: commits do not change."""


def are_stacked(engine: Engine) -> bool:
    """Whether dependents begin before what they depend on has landed."""
    return engine.rules().satisfied_by is TaskStatus.REVIEW


async def look_at_stacks(engine: Engine) -> None:
    """Find out which tasks wait because the work below them conflicts; each is then told so.

    Called by the leader, and before a claim.
    """
    if not are_stacked(engine):
        return
    backlog = board.list_tasks(engine.repo, status=(TaskStatus.BACKLOG,))
    review = {task.key: task for task in board.list_tasks(engine.repo, status=(TaskStatus.REVIEW,))}
    if not review:
        stacks.note_problems(engine.repo, {}, now=engine.now())
        return
    base, heads = base_sha(engine), await _heads(engine, review)
    found = {}
    for task in backlog:
        below = _below(task, review, heads)
        if below and (problem := await _problem(engine, base, below)):
            found[task.key] = problem
    stacks.note_problems(engine.repo, found, now=engine.now())


async def begun_on_stack(engine: Engine, made: Claim) -> Claim:
    """Return *made* beginning from the base with the unlanded work below it merged in.

    Raises:
        HeadsConflict: That work conflicts.
    """
    if not are_stacked(engine):
        return made
    task = board.get_task(engine.repo, made.task)
    review = {
        key: other
        for key in task.depends_on
        if (other := board.get_task(engine.repo, key)).status is TaskStatus.REVIEW
    }
    below = _below(task, review, await _heads(engine, review)) if review else ()
    if not below or await _holds(engine, made.base_sha, below):
        return made
    start = await stacked_start(engine.merge_repo(), base_sha(engine), below)
    stacks.note_start(engine.repo, made.task, made.fence, start)
    return replace(made, base_sha=start)


async def _problem(engine: Engine, base: str, below: tuple[Below, ...]) -> str:
    if (base, below) not in _known:
        if len(_known) > _MOST:
            _known.clear()
        try:
            await stacked_start(engine.merge_repo(), base, below, keep=False)
            _known[base, below] = ""
        except HeadsConflict as conflict:
            _known[base, below] = conflict.message
    return _known[base, below]


async def _heads(engine: Engine, tasks: Mapping[str, Task]) -> dict[str, str]:
    refs = [HEADS + task.branch for task in tasks.values() if task.branch]
    return await list_refs(GitPlace(engine.repo.git_dir), *refs) if refs else {}


def _below(task: Task, review: Mapping[str, Task], heads: Mapping[str, str]) -> tuple[Below, ...]:
    return tuple(
        Below(key, heads[ref])
        for key in task.depends_on
        if key in review and (ref := f"{HEADS}{review[key].branch}") in heads
    )


async def _holds(engine: Engine, commit: str, below: tuple[Below, ...]) -> bool:
    place = GitPlace(engine.repo.git_dir)
    return bool(commit) and all([await is_ancestor(place, one.head, commit) for one in below])
