"""What dropping a card would do, foretold in words; the engine has the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.domain.reason import ReasonCode, status_reason, worker_reasons
from core.domain.task import MOVES, Task, TaskStatus
from core.domain.worker import Worker, WorkerStatus, WorkerType
from gui.task_drag import DropAnswer

if TYPE_CHECKING:
    from core.domain.overview import BoardView

_BY_ITS_RUN: Final = {
    TaskStatus.BACKLOG: "abort its run first",
    TaskStatus.REVIEW: "let its run end, or abort it first",
}
"""Where a task that an agent is at work on comes only by the end of its run."""


def drop_on_column(task: Task, status: TaskStatus, view: BoardView) -> DropAnswer:
    """Return what dropping *task* on the column *status* would do."""
    if task.status is status:
        return DropAnswer(accepts=True, words=f"Drop: {task.key} goes here")
    problem = _keeps_out(task, status, view)
    if problem:
        return DropAnswer(accepts=False, words=problem)
    match task.status, status:
        case TaskStatus.BACKLOG, TaskStatus.CLAIMED:
            return _drop_on_claimed(task, view)
        case TaskStatus.CLAIMED, TaskStatus.IN_PROGRESS if _is_agent(task.worker, view):
            return DropAnswer(accepts=True, words=f"Drop: {task.worker} starts", worker=task.worker)
        case TaskStatus.CLAIMED, TaskStatus.IN_PROGRESS:
            return DropAnswer(accepts=True, words=f"Drop: {task.worker} begins")
        case TaskStatus.REVIEW, TaskStatus.DONE:
            words = f"{task.key} is done when its branch has landed: use Merge"
            return DropAnswer(accepts=False, words=words)
        case TaskStatus.DONE, _:
            return DropAnswer(accepts=False, words=f"{task.key} has landed: undo the merge")
        case _, TaskStatus.BACKLOG:
            return DropAnswer(accepts=True, words=f"Drop: {task.key} goes back")
        case _, TaskStatus.REVIEW:
            return DropAnswer(accepts=True, words=f"Drop: {task.key} is ready for review")
        case _:
            return DropAnswer(accepts=True, words=f"Drop: changes are asked of {task.worker}")


def _keeps_out(task: Task, status: TaskStatus, view: BoardView) -> str:
    """Return why *task* cannot come to the column *status*, whoever wants it; or an empty text."""
    if status not in MOVES[task.status]:
        return f"{task.key} is {task.status.words} and cannot go to {status.label}"
    live = (run for run in view.runs if run.task == task.key and run.ended_at is None)
    run = next(live, None) if status in _BY_ITS_RUN else None
    return "" if run is None else f"{run.worker} is at work on {task.key}: {_BY_ITS_RUN[status]}"


def drop_on_worker(task: Task, worker: Worker, view: BoardView) -> DropAnswer:
    """Return what dropping *task* on the card of *worker* would do."""
    problem = _why_not(task, worker) or _what_blocks(task, view)
    if problem:
        return DropAnswer(accepts=False, words=problem)
    # The card has the worker's name above these words, and the task's key is on the pointer.
    words = "Drop to start it" if worker.type is WorkerType.AGENT else "Drop to hand it over"
    reason = reason_of(task.key, view)
    return DropAnswer(
        accepts=True, words=f"{words} · {reason}" if reason else words, worker=worker.name
    )


def reason_of(key: str, view: BoardView) -> str:
    """Return the first reason why a task waits, or an empty text.

    That a person stopped it is none here: the drop is what it waits for.
    """
    waiting = next((entry for entry in view.waiting if entry.task == key), None)
    if waiting is None or waiting.identity == ReasonCode.STOPPED:
        return ""
    return waiting.reasons[0] if waiting.reasons else ""


def next_taker(task: Task, view: BoardView) -> Worker | None:
    """Return the idle worker that would take *task*: agents first, with every skill it needs."""
    idle = [
        worker
        for worker in view.workers
        if worker.status is WorkerStatus.AVAILABLE
        and not worker.note
        and set(task.skills) <= set(worker.skills)
    ]
    idle.sort(key=lambda worker: worker.type is not WorkerType.AGENT)
    return idle[0] if idle else None


def _what_blocks(task: Task, view: BoardView) -> str:
    """Return what keeps everybody from claiming *task*, or an empty text."""
    waiting = next((entry for entry in view.waiting if entry.task == task.key), None)
    if waiting is None or not waiting.blocks or task.status is not TaskStatus.BACKLOG:
        return ""
    return waiting.reasons[0].rstrip(".")


def _drop_on_claimed(task: Task, view: BoardView) -> DropAnswer:
    blocked = _what_blocks(task, view)
    if blocked:
        return DropAnswer(accepts=False, words=f"{task.key}: {blocked}")
    taker = next_taker(task, view)
    if taker is None:
        return DropAnswer(accepts=False, words=f"Nobody is free to take {task.key}")
    words = f"Drop: {taker.name} takes {task.key}"
    reason = reason_of(task.key, view)
    return DropAnswer(
        accepts=True, words=f"{words} · {reason}" if reason else words, worker=taker.name
    )


def _why_not(task: Task, worker: Worker) -> str:
    if task.status is TaskStatus.CLAIMED and task.worker == worker.name:
        return worker.note
    elsewhere = status_reason(task, worker)
    reasons = worker_reasons(task, worker) if elsewhere is None else (elsewhere,)
    return reasons[0].sentence.rstrip(".") if reasons else ""


def _is_agent(name: str | None, view: BoardView) -> bool:
    return any(w.name == name and w.type is WorkerType.AGENT for w in view.workers)
