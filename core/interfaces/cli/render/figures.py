"""Health, statistics, reports, the timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.interfaces.cli.blocks import Block, Remark, Span, Tone, fields, line, table
from core.interfaces.cli.render.words import NOTHING, count, duration, moment
from core.metrics.goals import told_figures, told_wait

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.domain.figures import Goal, Health, Report, Stats
    from core.domain.figures import Span as WorkSpan

_NO_RATE = "none yet"


def health(found: Health) -> list[Block]:
    """Workers, queue, locks, rates; then what needs a person."""
    wait = found.assignment_latency_ms
    blocks: list[Block] = [
        *fields(
            (
                "workers",
                f"{found.workers.active} active, {found.workers.stale} stale,"
                f" {found.concurrent} at once at most",
            ),
            ("queue", "   ".join(f"{name} {amount}" for name, amount in found.queue.items())),
            ("locks", f"{found.locks.active} active, {found.locks.expired} expired"),
            ("conflict rate", _rate(found.conflict_rate)),
            ("utilisation", _rate(found.utilization)),
            ("completion rate", _rate(found.completion_rate)),
            (
                "assignment",
                _NO_RATE
                if wait.p50 is None or wait.p95 is None
                else f"p50 {told_wait(wait.p50)}, p95 {told_wait(wait.p95)}",
            ),
            ("estimate error", _rate(found.estimate_error)),
        ),
        line(Span(f"Rates since {moment(found.since)}.", Tone.FAINT)),
    ]
    return blocks + [line(Span(said, Tone.ATTENTION)) for said in found.warnings]


def stats(found: Stats) -> list[Block]:
    """Key figures beside their goals, then each worker's part."""
    blocks: list[Block] = [
        line(
            f"{count(found.tasks_done, 'task')} done, {count(found.runs, 'run')},"
            f" {count(found.landed, 'landing')}, {count(found.events, 'event')}"
            f" since {moment(found.since)}."
        ),
        line(""),
        table("FIGURE VALUE GOAL MET", *((goal.name, *_goal(goal)) for goal in found.goals)),
    ]
    if not found.workers:
        return [*blocks, Remark("No worker did anything in that time.")]
    rows: Iterable[tuple[Span | str, ...]] = (
        (Span(one.worker, Tone.STRONG), *told_figures(one)) for one in found.workers
    )
    head = "WORKER DONE FAILED STOPPED MINUTES TOKENS_IN TOKENS_OUT COST"
    return [*blocks, line(""), table(head, *rows)]


def report(found: Report) -> list[Block]:
    """The Markdown itself, or where it was written."""
    if found.files:
        return [line(path) for path in found.files]
    return [line(text) for text in found.markdown.rstrip("\n").split("\n")]


def timeline(spans: tuple[WorkSpan, ...]) -> list[Block]:
    """One row for each stretch of work."""
    if not spans:
        return [Remark("Nobody worked in that time.")]
    rows = (
        (
            Span(moment(span.started_at), Tone.FAINT),
            Span(moment(span.ended_at), Tone.FAINT),
            duration(span.started_at, span.ended_at) if span.ended_at else "goes on",
            span.worker,
            Span(span.task, Tone.STRONG),
            span.outcome,
            span.run or NOTHING,
        )
        for span in spans
    )
    return [table("FROM TO TOOK WORKER TASK OUTCOME RUN", *rows)]


def _goal(goal: Goal) -> tuple[str, str, Span]:
    if goal.met is None:
        return goal.value, goal.goal, Span(NOTHING, Tone.FAINT)
    if goal.met:
        return goal.value, goal.goal, Span("yes", Tone.GOOD)
    return goal.value, goal.goal, Span("no", Tone.BAD)


def _rate(value: float | None) -> str:
    return _NO_RATE if value is None else f"{value:.0%}"
