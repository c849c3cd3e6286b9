"""What a task waits for, as its card tells it, and the event when that becomes another thing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.clock import to_ms
from core.domain.overview import Waiting
from core.domain.reason import ReasonCode
from core.events import log
from core.locks.meeting import meeting
from core.queue.eligibility import overlaps, reasons_for, reasons_of, stop_reasons
from core.store.schema import TaskRow, as_tuples
from core.store.transactions import transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from core.domain.reason import Reason
    from core.domain.repo import Repo
    from core.domain.task import Task
    from core.domain.worker import Worker
    from core.queue.eligibility import Board

_PASSING: Final = frozenset({ReasonCode.WORKER_BUSY, ReasonCode.WORKER_OFFLINE})
"""These end by themselves: a run ends, and one that died is put right by the leader."""


def waiting_of(task: Task, board: Board, *, auto: bool = False) -> Waiting | None:
    """Return what a task of the backlog waits for, whoever comes; None when it is ready.

    Files that meet another's, which a person may agree to, do not block; nor does it that a
    person stopped the last run, which is for a person to take back.
    """
    reasons = reasons_for(task, None, board, auto=auto)
    if reasons:
        said = tuple(reason.sentence for reason in reasons)
        return Waiting(task.key, said, identity=reasons[0].identity)
    stopped = stop_reasons(task)
    if stopped:
        return Waiting(task.key, (stopped[0].sentence,), blocks=False, identity=stopped[0].identity)
    if board.rules.overlap == "ask":
        met = overlaps(task, board)
        if met:
            with_whom = meeting(board.locks, task.files, task.key)[0][1].task
            return Waiting(task.key, met, blocks=False, identity=f"meets {with_whom}")
    return None


class Takers:
    """The workers of a board: says of a task that is ready why none of them can take it."""

    def __init__(self, workers: Sequence[Worker], board: Board) -> None:
        self._workers = workers
        self._board = board
        self._known: dict[object, tuple[Reason, ...]] = {}

    def waiting_of(self, task: Task) -> Waiting | None:
        """Return why nobody can take *task*; None while somebody can, or soon will.

        Who is only busy will be free: what a person must put right is told, and a budget that is
        spent, because then no agent takes the task by itself.
        """
        alike = (task.skills, self._board.limits.budgets.get(task.key))
        if alike not in self._known:
            self._known[alike] = self._reasons(task)
        reasons = self._known[alike]
        if not reasons:
            return None
        said = tuple(dict.fromkeys(reason.sentence for reason in reasons))
        return Waiting(task.key, said, blocks=False, identity=reasons[0].identity)

    def _reasons(self, task: Task) -> tuple[Reason, ...]:
        found = [reasons_of(task, worker, self._board) for worker in self._workers]
        lasting = tuple(
            reason for reasons in found for reason in reasons if reason.code not in _PASSING
        )
        can = any(all(reason.code in _PASSING for reason in reasons) for reasons in found)
        return tuple(one for one in lasting if not can or one.code is ReasonCode.BUDGET)


def note_waits(repo: Repo, waiting: Iterable[Waiting], *, now: datetime) -> None:
    """Record `task.waits` for tasks whose first reason is another one, `task.ready` for none.

    Called by the leader with all that waits. The event carries the sentences that every face
    shows. A reason that stays the same but tells another time is not told again.
    """
    told = {one.task: one for one in waiting}
    changed = {}
    for key, before in _noted(repo):
        one = told.pop(key, None)
        after = "" if one is None else one.identity or one.reasons[0]
        if after != before:
            changed[key] = one
    changed |= told
    if not changed:
        return
    with transaction():
        for key, one in changed.items():
            _note(repo, key, one, now)


def _noted(repo: Repo) -> list[tuple[str, str]]:
    query = TaskRow.select(TaskRow.key, TaskRow.waits).where(
        TaskRow.repo == repo.id, TaskRow.waits != ""
    )
    return [(key, waits) for key, waits in as_tuples(query)]


def _note(repo: Repo, key: str, one: Waiting | None, now: datetime) -> None:
    row = TaskRow.get_or_none(TaskRow.repo == repo.id, TaskRow.key == key)
    if row is None:
        return  # it was removed in the meantime
    waits = "" if one is None else one.identity or one.reasons[0]
    ready = {} if one is not None else {"ready_ms": to_ms(now)}
    TaskRow.update(waits=waits, **ready).where(TaskRow.id == row.id).execute()
    if one is not None:
        log.record(
            "task.waits",
            now,
            actor="weft",
            repo=str(repo.path),
            task=key,
            sentence=one.reasons[0],
            reasons=one.reasons,
            code=one.identity.partition(" ")[0],
            blocks=one.blocks,
        )
    elif row.status == "backlog":
        log.record("task.ready", now, actor="weft", repo=str(repo.path), task=key)
