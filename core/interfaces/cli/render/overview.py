"""The status, the log, the audit trail, transcripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.interfaces.cli.blocks import Block, Remark, Span, Table, Tone, line, table
from core.interfaces.cli.render.runs import run_table
from core.interfaces.cli.render.words import NOTHING, moment, state
from core.interfaces.cli.render.workers import worker_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.domain.event import Event
    from core.domain.overview import StatusView
    from core.domain.run import Run
    from core.domain.transcript import TranscriptLine

_KIND_TONES = {
    "error": Tone.BAD,
    "state": Tone.ATTENTION,
    "question": Tone.ATTENTION,
    "tool": Tone.FAINT,
}
_STATE_MARKS = {"running": " …", "failed": " (failed)"}


def status(view: StatusView) -> list[Block]:
    """Workers, live runs, how many tasks are where, and what waits for what."""
    blocks: list[Block] = [_queue(view)]
    if view.workers:
        blocks += [line(""), worker_table(view.workers)]
    else:
        blocks.append(Remark("No workers. Register one: weft worker add NAME --type human"))
    if view.runs:
        blocks += [line(""), run_table(view.runs)]
    if view.waiting:
        rows = (
            (Span(waiting.task, Tone.STRONG), Span(reason, Tone.ATTENTION))
            for waiting in view.waiting
            for reason in waiting.reasons
        )
        blocks += [line(""), table("WAITING REASON", *rows)]
    return blocks


def _queue(view: StatusView) -> Block:
    parts: list[str | Span] = []
    for name, amount in view.queue.items():
        parts += ["   " if parts else "", f"{name} ", Span(str(amount), Tone.STRONG)]
    return line(*parts)


def log(events: tuple[Event, ...]) -> list[Block]:
    """What happened to one task."""
    return [event_table(events)] if events else [Remark("Nothing has happened yet.")]


def events(found: tuple[Event, ...]) -> list[Block]:
    """One row for each event."""
    return [event_table(found)] if found else [Remark("No events.")]


def event_table(found: Iterable[Event]) -> Table:
    """Return the table of events."""
    rows = (
        (
            Span(str(event.id), Tone.FAINT),
            Span(moment(event.at), Tone.FAINT),
            Span(event.kind, Tone.STRONG),
            event.task or NOTHING,
            event.worker or NOTHING,
            event.actor,
            Span(_data(event), Tone.FAINT),
        )
        for event in found
    )
    return table("ID AT KIND TASK WORKER ACTOR DATA", *rows, flexible="DATA")


def run_heading(run: Run) -> list[Block]:
    """Return what stands above a run's transcript."""
    return [line(""), line(Span(run.worker, Tone.STRONG), " ", state(run.status))]


def transcript_line(said: TranscriptLine) -> Block:
    """Return one line of a transcript."""
    tone = _KIND_TONES.get(said.kind, Tone.PLAIN)
    after = _STATE_MARKS.get(said.state, "") if said.kind == "tool" else ""
    return line(Span(f"{said.kind:<9}", Tone.FAINT), Span(said.text + after, tone))


def _data(event: Event) -> str:
    return " ".join(
        f"{name}={value}" for name, value in event.data.items() if value not in (None, "", [], {})
    )
