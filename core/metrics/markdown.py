"""The readable logs: a day, a task, a worker, as Markdown that a person or an agent can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import iso
from core.metrics.goals import told_figures

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from core.domain.event import Event
    from core.domain.figures import Stats
    from core.domain.task import Task
    from core.domain.worker import Worker
    from core.metrics.day import DayFacts

_NONE = "None."


def day(facts: DayFacts) -> str:
    """Return the summary of a day."""
    stats = facts.stats
    parts = [
        f"# {facts.repo}, {facts.day.isoformat()}",
        f"As of {_at(stats.until)}. {stats.tasks_done} tasks done, {stats.runs} runs,"
        f" {stats.landed} landings, {stats.events} events.",
        "## Active workers",
        _active(facts),
        "## Completed",
        _list(f"{_code(key)} {_line(title)} ({who})" for key, title, who in facts.completed),
        "## Landed on the base",
        _list(_code(key) for key in facts.landed),
        "## Conflicts and returns",
        _list(f"{_code(key)}: {_line(why)}" for key, why in facts.troubles),
        "## Locks",
        _table(
            ("File", "Held by", "For", "Until"),
            [
                (
                    _code(lock.path),
                    lock.worker,
                    _code(lock.task),
                    _at(lock.expires_at) if lock.expires_at else "released",
                )
                for lock in facts.locks
            ],
        ),
        "## Health",
        _health(stats),
        "## Workers",
        _workers(stats),
    ]
    return _joined(parts)


def task_log(task: Task, events: Sequence[Event]) -> str:
    """Return what happened to a task."""
    parts = [
        f"# {task.key}: {_line(task.title)}",
        _list(
            f"{name}: {value}"
            for name, value in (
                ("Status", task.status.label),
                ("Worker", task.worker or ""),
                ("Branch", _code(task.branch) if task.branch else ""),
                ("Depends on", ", ".join(map(_code, task.depends_on))),
                ("Files", ", ".join(map(_code, task.files))),
                ("Last error", _line(task.last_error or "")),
            )
            if value
        ),
        "## What happened",
        _events(events),
    ]
    return _joined(parts)


def worker_log(worker: Worker, events: Sequence[Event]) -> str:
    """Return what a worker did."""
    now = f"works on {_code(worker.task)}" if worker.task else f"is {worker.status.value}"
    return _joined([f"# {worker.name}", f"It {now}.", "## What happened", _events(events)])


def _health(stats: Stats) -> str:
    figures = _table(
        ("Figure", "Value", "Goal", ""),
        [(goal.name, goal.value, goal.goal, _met(met=goal.met)) for goal in stats.goals],
    )
    said = stats.health.warnings
    return f"{figures}\n\n{_list(said)}" if said else figures


def _workers(stats: Stats) -> str:
    return _table(
        ("Worker", "Done", "Failed", "Stopped", "Minutes", "Tokens in", "Tokens out", "Cost"),
        [(one.worker, *told_figures(one)) for one in stats.workers],
    )


def _met(*, met: bool | None) -> str:
    return "" if met is None else "met" if met else "missed"


def _active(facts: DayFacts) -> str:
    return _table(
        ("Worker", "Task", "", "Minutes", "Of the estimate"),
        [
            (
                one.worker,
                _code(one.task),
                _line(one.title),
                str(one.minutes),
                "no estimate" if one.percent is None else f"{one.percent} %",
            )
            for one in facts.active
        ],
    )


def _events(events: Sequence[Event]) -> str:
    return _table(
        ("When", "What", "By", "Details"),
        [
            (
                _at(event.at),
                event.kind,
                event.actor,
                _line(
                    " ".join(
                        f"{name}={value}"
                        for name, value in event.data.items()
                        if value not in (None, "", [], {})
                    )
                ),
            )
            for event in events
        ],
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return _NONE
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines
    )


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items) or _NONE


def _line(text: str) -> str:
    """Return other people's words as one harmless line."""
    return " ".join(text.split()).replace("<", "&lt;").replace("`", "'")


def _code(text: str) -> str:
    return f"`{' '.join(text.split()).replace('`', chr(39))}`"


def _at(moment: datetime) -> str:
    return iso(moment)[:16].replace("T", " ") + " UTC"


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"
