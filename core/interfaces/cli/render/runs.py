"""Claims and runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.interfaces.cli.blocks import Block, Remark, Span, Table, Tone, fields, line, table
from core.interfaces.cli.render.words import NOTHING, duration, moment, state

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.domain.claim import Claim
    from core.domain.run import Run


def claimed(claim: Claim) -> list[Block]:
    """Print where to work."""
    return [
        line(Span(claim.task, Tone.STRONG), f" claimed by {claim.worker}"),
        *fields(
            ("branch", claim.branch),
            ("worktree", claim.worktree),
            ("base", f"{claim.base} {claim.base_sha[:12]}"),
        ),
        *(Remark(f"warning: {warning}") for warning in claim.warnings),
    ]


def launched(runs: tuple[Run, ...]) -> list[Block]:
    """One row for each run."""
    if not runs:
        return [Remark("Nothing to run. What waits, and why: weft status")]
    return [run_table(runs)]


def steered(sentences: tuple[str, ...]) -> list[Block]:
    """Print what was done, run by run."""
    if not sentences:
        return [Remark("No run is under way.")]
    return [line(sentence) for sentence in sentences]


def run_table(runs: Iterable[Run]) -> Table:
    """Return the table of runs."""
    rows = (
        (
            Span(run.task, Tone.STRONG),
            run.worker,
            state(run.status),
            moment(run.started_at),
            duration(run.started_at, run.ended_at) if run.ended_at else NOTHING,
            run.reason or run.tool or run.last_message or NOTHING,
        )
        for run in runs
    )
    return table("TASK WORKER STATUS STARTED TOOK MESSAGE", *rows, flexible="MESSAGE")


def ended_line(run: Run) -> Block:
    """Return one line that says how a run stands."""
    took = f" after {duration(run.started_at, run.ended_at)}" if run.ended_at else ""
    why = f": {run.reason}" if run.reason else ""
    return line(Span(run.task, Tone.STRONG), f"  {run.worker}  ", state(run.status), took + why)
