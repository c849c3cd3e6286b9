"""Tasks: what was changed, lists, one in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.interfaces.cli.blocks import Block, Remark, Span, Tone, fields, line, table
from core.interfaces.cli.render.dispatch import stage_table
from core.interfaces.cli.render.runs import run_table
from core.interfaces.cli.render.words import NOTHING, count, listing, minutes, moment, state

if TYPE_CHECKING:
    from core.domain.overview import TaskDetails
    from core.domain.task import Task
    from core.tasks.importing import ImportLine, ImportReport


def added(task: Task) -> list[Block]:
    """Print the key alone, so that a script can take it."""
    return [line(task.key)]


def listed(tasks: tuple[Task, ...]) -> list[Block]:
    """One row for each task."""
    if not tasks:
        return [Remark("No tasks. Add one: weft task add 'What is to be done'")]
    rows = (
        (
            Span(task.key, Tone.STRONG),
            state(task.status),
            state(task.priority),
            task.worker or NOTHING,
            task.title,
        )
        for task in tasks
    )
    return [table("KEY STATUS PRIORITY WORKER TITLE", *rows, flexible="TITLE")]


def shown(details: TaskDetails) -> list[Block]:
    """Everything about one task."""
    task = details.task
    blocks: list[Block] = [line(Span(task.key, Tone.STRONG), "  ", task.title)]
    blocks += fields(
        ("status", state(task.status)),
        ("priority", state(task.priority)),
        ("worker", task.worker),
        ("depends on", ", ".join(task.depends_on)),
        ("files", ", ".join(task.files)),
        ("skills", ", ".join(task.skills)),
        ("estimate", minutes(task.estimate_minutes)),
        ("issue", f"#{task.issue_number}" if task.issue_number else None),
        ("branch", task.branch),
        ("worktree", task.worktree),
        ("claimed", moment(task.claimed_at) if task.claimed_at else None),
        ("started", moment(task.started_at) if task.started_at else None),
        ("completed", moment(task.completed_at) if task.completed_at else None),
        ("landed", _landed(task)),
        ("approval", _approval(task)),
        ("attempts", str(task.attempts) if task.attempts else None),
        ("last error", Span(task.last_error, Tone.BAD) if task.last_error else None),
        ("escalated", Span("yes: it waits for a person", Tone.BAD) if task.escalated else None),
    )
    if task.description:
        blocks += [line(""), *(line(text) for text in task.description.splitlines())]
    if details.reasons:
        blocks += [line(""), line(Span("waits:", Tone.FAINT))]
        blocks += [line("  ", Span(reason, Tone.ATTENTION)) for reason in details.reasons]
    if details.stages:
        blocks += [line(""), stage_table(details.stages)]
    if details.runs:
        blocks += [line(""), run_table(details.runs)]
    return blocks


def _approval(task: Task) -> Span | None:
    if task.approved_by:
        return Span(f"by {task.approved_by}", Tone.GOOD)
    return Span("needed", Tone.ATTENTION) if task.needs_approval else None


def _landed(task: Task) -> str | None:
    if task.landed_at is None:
        return task.landed_commit
    return f"{moment(task.landed_at)} as {task.landed_commit}"


def edited(task: Task) -> list[Block]:
    """Say what the task is now."""
    return [line(f"{task.key} changed: {task.title} ({task.priority.value})")]


def ordered(task: Task) -> list[Block]:
    """Say that it stands elsewhere."""
    return [line(f"{task.key} has its new place in {task.status.label}: {task.title}")]


def removed(task: Task) -> list[Block]:
    """Say what is gone."""
    return [line(f"{task.key} removed: {task.title}")]


def imported(report: ImportReport) -> list[Block]:
    """Tell for each entry what became of it."""
    rows = (_import_row(entry) for entry in report.lines)
    left = len(report.lines) - report.taken
    told = f"{count(report.taken, 'task')} taken, {left} not."
    return [table("LINE TASK ENTRY REMARK", *rows, flexible="ENTRY"), Remark(told)]


def _import_row(entry: ImportLine) -> tuple[str | Span, ...]:
    key = entry.key if entry.key is not None else Span("not taken", Tone.BAD)
    problem = Span(entry.problem, Tone.ATTENTION)
    return (str(entry.line), key, entry.text, problem)


def approved(task: Task) -> list[Block]:
    """Say who approved, or that somebody said no."""
    if task.approved_by is None:
        return [line(f"{task.key} is not approved: it waits until a guardian says yes")]
    return [line(f"{task.key} approved by {task.approved_by}")]


def retried(task: Task) -> list[Block]:
    """Say that it may be claimed again."""
    return [line(f"{task.key} is in {task.status.value} again")]


def started(task: Task) -> list[Block]:
    """Say that work has begun."""
    return [line(f"{task.key} is {task.status.words} ({task.worker or NOTHING})")]


def finished(task: Task) -> list[Block]:
    """Say that it waits for its merge."""
    return [
        line(f"{task.key} is in {task.status.value}: {listing(task.files)}")
        if task.files
        else line(f"{task.key} is in {task.status.value}"),
        Remark("See what would land: weft merge plan"),
    ]


def released(task: Task) -> list[Block]:
    """Say that it is free again and where the work lies."""
    kept = f"; its work stays on {task.branch}" if task.branch else ""
    return [line(f"{task.key} is in {task.status.value}{kept}")]
