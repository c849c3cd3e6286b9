"""The dispatcher: suggestions, proposals, how it stands, gates of stages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.domain.run import Run
from core.domain.stage import StageStatus
from core.interfaces.cli.blocks import Block, Remark, Span, Table, Tone, fields, line, table
from core.interfaces.cli.render.runs import claimed, run_table
from core.interfaces.cli.render.words import NOTHING, count

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.domain.claim import Claim
    from core.domain.dispatch import DispatchView
    from core.domain.stage import Proposal, Stage, Suggestion

_TONES = {
    StageStatus.RUNNING: Tone.ACTIVE,
    StageStatus.GATE: Tone.ATTENTION,
    StageStatus.DONE: Tone.GOOD,
    StageStatus.FAILED: Tone.BAD,
}


def suggested(found: tuple[Suggestion, ...]) -> list[Block]:
    """One row for each pair; who could not claim says why."""
    if not found:
        return [Remark("Nothing to suggest. What waits, and why: weft status")]
    rows = (
        (
            Span(one.task, Tone.STRONG),
            one.worker,
            str(one.score),
            Span(" ".join(one.reasons), Tone.ATTENTION) if one.reasons else one.why,
        )
        for one in found
    )
    return [table("TASK WORKER SCORE WHY", *rows, flexible="WHY")]


def proposed(found: tuple[Proposal, ...]) -> list[Block]:
    """One row for each proposal."""
    if not found:
        return [Remark("Nothing is proposed. What waits, and why: weft status")]
    rows = ((Span(one.task, Tone.STRONG), one.worker, one.why) for one in found)
    return [
        table("TASK WORKER WHY", *rows, flexible="WHY"),
        Remark("Assign one: weft accept TASK; everything: weft accept --all"),
    ]


def accepted(made: tuple[Run | Claim, ...]) -> list[Block]:
    """The runs that started, and where people work."""
    runs = [one for one in made if isinstance(one, Run)]
    blocks: list[Block] = [run_table(runs)] if runs else []
    for one in made:
        if not isinstance(one, Run):
            blocks += claimed(one)
    return blocks


def standing(view: DispatchView) -> list[Block]:
    """How the dispatcher stands."""
    agents = None
    if view.profile:
        agents = f"{view.agents} of {view.profile}, between {view.floor} and {view.ceiling}"
    paused = Span(f"by {view.paused_by}", Tone.ATTENTION) if view.paused_by else None
    blocks: list[Block] = [
        *fields(
            ("mode", view.mode.value),
            ("paused", paused),
            ("ready", count(view.ready, "task")),
            ("idle", count(view.idle, "agent")),
            ("agents", agents),
            ("holds", view.holds),
        )
    ]
    if not view.leads:
        blocks.append(
            Remark("No process runs the loops: open the window, or weft serve, or weft run --all.")
        )
    return blocks


def stage(one: Stage) -> list[Block]:
    """Say where a stage stands now."""
    said = f": {one.note}" if one.note else ""
    return [
        line(
            Span(one.task, Tone.STRONG),
            f"  stage {one.name} is ",
            Span(one.status.value, _TONES.get(one.status, Tone.PLAIN)),
            said,
        )
    ]


def stage_table(stages: Iterable[Stage]) -> Table:
    """Return the stages of a task in their order."""
    rows = (
        (
            Span(one.name, Tone.STRONG),
            Span(one.status.value, _TONES.get(one.status, Tone.PLAIN)),
            str(one.attempts) if one.attempts else NOTHING,
            one.artifact or NOTHING,
            one.note or NOTHING,
        )
        for one in stages
    )
    return table("STAGE STATUS RUNS ARTIFACT NOTE", *rows, flexible="NOTE")
