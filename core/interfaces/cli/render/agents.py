"""What agents do for themselves, and what is done with one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.interfaces.cli.blocks import Block, Remark, Span, Tone, fields, line, table
from core.interfaces.cli.render import merging
from core.interfaces.cli.render.words import NOTHING, count, listing, moment

if TYPE_CHECKING:
    from core.domain.agent_act import (
        Asked,
        Completed,
        MyTask,
        Spawned,
        WorkerMerge,
        WorkerState,
    )
    from core.domain.lock import Lock


def my_task(mine: MyTask) -> list[Block]:
    """Say what the worker has to do and where."""
    if mine.task is None:
        return [line(f"{mine.worker} owns no task."), Remark("Claim one: weft agent claim")]
    return [
        line(Span(mine.task.key, Tone.STRONG), "  ", mine.task.title),
        *fields(
            ("branch", mine.task.branch),
            ("worktree", mine.task.worktree),
            ("locked", ", ".join(lock.path for lock in mine.locks)),
        ),
        *(line(text) for text in mine.task.description.splitlines()),
    ]


def state(told: WorkerState) -> list[Block]:
    """Say whether to go on."""
    why = f": {told.reason}" if told.reason else ""
    return [line(f"{told.worker} {told.task or NOTHING} {told.status.value}{why}")]


def reserved(held: tuple[Lock, ...]) -> list[Block]:
    """One row for each lock."""
    rows = (
        (lock.path, "exclusive" if lock.exclusive else "shared", moment(lock.expires_at))
        for lock in held
    )
    return [table("PATH MODE UNTIL", *rows, flexible="PATH")]


def released(gone: tuple[Lock, ...]) -> list[Block]:
    """Say what is free again."""
    return [line(f"Released: {listing(tuple(lock.path for lock in gone))}")]


def asked(told: Asked) -> list[Block]:
    """Print the answer alone, so that a script can take it."""
    if not told.answered:
        return [Remark("No answer yet.")]
    return [line(told.answer)]


def completed(told: Completed) -> list[Block]:
    """Say where the task is now."""
    if told.status == "review":
        return [line(f"{told.task} is in review")]
    return [line(f"{told.task} goes to review when its run has ended")]


def spawned(told: Spawned) -> list[Block]:
    """Say who works on what, and where."""
    begun = f"works on {told.task} ({told.run})" if told.run else f"has claimed {told.task}"
    return [
        line(Span(told.worker, Tone.STRONG), f" {begun}"),
        *fields(("branch", told.branch), ("worktree", told.worktree)),
    ]


def merged(told: WorkerMerge) -> list[Block]:
    """Show what landed, or how it would."""
    head = line(f"{told.worker} has {count(len(told.tasks), 'task')} in review")
    if told.plan is not None:
        return [head, *merging.plan(told.plan)]
    assert told.merged is not None
    return [head, *merging.merged(told.merged)]


def served(_nothing: object) -> list[Block]:
    """Say nothing: a server tells by itself where it is."""
    return []
