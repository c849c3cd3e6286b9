"""What a card shows, built once from the engine's board."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from core.domain.run import LIVE, Run, RunStatus
from core.domain.task import Task, TaskStatus
from core.domain.worker import WorkerType
from gui.durations import MINUTE, ago, span, utc_now

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from core.domain.overview import BoardView
    from gui.board.badges import Badge


@dataclass(frozen=True, slots=True)
class Card:
    """A task as the board shows it.

    `reason` is the one reason why it waits and `reasons` all of them; `run` the status of its
    live run; `mark` the icon before the reason; `locks` how many it holds.
    """

    task: Task
    owner_is_agent: bool = True
    badges: tuple[Badge, ...] = ()
    reasons: tuple[str, ...] = ()
    mark: str = "wait"
    run: RunStatus | None = None
    locks: int = 0

    @property
    def key(self) -> str:
        """Return the task's key."""
        return self.task.key

    @property
    def reason(self) -> str:
        """Return the one reason that the card shows."""
        return self.reasons[0] if self.reasons else ""


NO_FORECASTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})
CardsByColumn: TypeAlias = "Mapping[TaskStatus, tuple[Card, ...]]"


def make_cards(
    view: BoardView,
    badges: Mapping[str, tuple[Badge, ...]],
    forecasts: Mapping[str, tuple[str, ...]] = NO_FORECASTS,
) -> CardsByColumn:
    """Return the cards of each column in the engine's order; in Done the last landed first.

    What a task of the backlog may meet comes after why it waits: its line when nothing else is.
    """
    agents = {worker.name for worker in view.workers if worker.type is WorkerType.AGENT}
    waiting = {entry.task: entry.reasons for entry in view.waiting}
    warned: dict[str, list[str]] = {}
    for warning in view.warnings:
        warned.setdefault(warning.task, []).append(warning.sentence)
    locked = Counter(lock.task for lock in view.locks)
    live = {run.task: run for run in view.runs if run.status in LIVE}
    columns: dict[TaskStatus, list[Card]] = {status: [] for status in TaskStatus}
    for task in view.tasks:
        reasons = waiting.get(task.key, ()) or _troubles(task)
        ahead = forecasts.get(task.key, ()) if task.status is TaskStatus.BACKLOG else ()
        ahead = (*warned.get(task.key, ()), *ahead)
        columns[task.status].append(
            Card(
                task=task,
                owner_is_agent=task.worker in agents,
                badges=badges.get(task.key, ()),
                reasons=(*reasons, *ahead),
                mark="warning" if ahead and not reasons else _mark(task, reasons),
                run=_status_of(live.get(task.key)),
                locks=locked[task.key],
            )
        )
    return {status: tuple(cards) for status, cards in columns.items()}


def meta_line(card: Card, now: datetime) -> str:
    """Return the small line under the title: how long, how much, in which state."""
    match card.task.status:
        case TaskStatus.BACKLOG | TaskStatus.CLAIMED:
            return " · ".join(filter(None, [_estimate(card.task), _files(card.task), _locks(card)]))
        case TaskStatus.IN_PROGRESS:
            parts = [_state(card), _progress(card.task, now), _locks(card)]
            return " · ".join(filter(None, parts))
        case TaskStatus.REVIEW:
            worked = _worked(card.task) or "ready"
            return " · ".join(filter(None, [worked, _files(card.task)]))
        case TaskStatus.DONE:
            landed = bool(card.task.landed_commit)
            since = card.task.landed_at if landed else card.task.completed_at
            word = "merged" if landed else "done"
            return word if since is None else f"{word} {ago(since, now)}"


def has_meta(card: Card) -> bool:
    """Return whether there is anything to say in the small line, now or later."""
    return bool(meta_line(card, utc_now()))


def description(card: Card, now: datetime) -> str:
    """Return the card's state in words, for assistive tools."""
    task = card.task
    owner = f"with {task.worker}" if task.worker else ""
    parts = [task.status.label, f"{task.priority.value} priority", owner]
    parts += [badge.text for badge in card.badges]
    parts += [meta_line(card, now), card.reason]
    return ", ".join(part.rstrip(".") for part in parts if part)


def tool_tip(card: Card) -> str:
    """Return the whole title and every reason."""
    lines = [f"{card.key}  {card.task.title}"]
    lines += [f"• {reason}" for reason in card.reasons]
    lines += [badge.tip for badge in card.badges if badge.tip]
    return "\n".join(lines)


def _status_of(run: Run | None) -> RunStatus | None:
    return None if run is None else run.status


def _troubles(task: Task) -> tuple[str, ...]:
    if task.status is TaskStatus.BACKLOG and task.last_error:
        return (f"Attempt {task.attempts} failed: {task.last_error}",)
    return ()


def _mark(task: Task, reasons: tuple[str, ...]) -> str:
    said = " ".join(reasons[:1]).lower()
    if "approv" in said or "guardian" in said:
        return "lock"
    if task.last_error or "being changed" in said:
        return "warning"
    return "wait"


def _estimate(task: Task) -> str:
    return f"{task.estimate_minutes} min" if task.estimate_minutes else ""


def _files(task: Task) -> str:
    match task.files:
        case ():
            return ""
        case (only,):
            return PurePosixPath(only).name or only
        case several:
            return f"{len(several)} files"


def _locks(card: Card) -> str:
    return f"{card.locks} locked" if card.locks else ""


def _state(card: Card) -> str:
    match card.run:
        case RunStatus.WAITING:
            return "asks you"
        case RunStatus.PAUSED | RunStatus.STARTING as status:
            return status.value
        case _:
            return ""


def _progress(task: Task, now: datetime) -> str:
    if task.started_at is None:
        return ""
    worked = now - task.started_at
    if task.estimate_minutes:
        return f"{int(worked.total_seconds()) // 60} of {task.estimate_minutes} min"
    return span(worked)


def _worked(task: Task) -> str:
    if task.started_at is None or task.completed_at is None:
        return ""
    worked = task.completed_at - task.started_at
    return span(worked) if worked.total_seconds() >= MINUTE else ""
