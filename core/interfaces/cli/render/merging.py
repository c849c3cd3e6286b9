"""The merge plan and what a merge run did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.domain.merge_run import MergeRunState
from core.domain.plan import StepOutcome
from core.interfaces.cli.blocks import Block, Remark, Span, Tone, line, table
from core.interfaces.cli.render.words import NOTHING, count, listing, moment

if TYPE_CHECKING:
    from core.domain.merge_run import PastMerge
    from core.domain.plan import MergePlan, MergeResult, PlanStep

_TONES = {
    StepOutcome.CLEAN: Tone.GOOD,
    StepOutcome.CONFLICT: Tone.BAD,
    StepOutcome.BLOCKED: Tone.ATTENTION,
    StepOutcome.EMPTY: Tone.FAINT,
}


def plan(found: MergePlan) -> list[Block]:
    """The order, what becomes of each step, and why it stands there."""
    if not found.steps:
        return [Remark("Nothing to merge: no task is in review.")]
    head = line(
        f"{count(len(found.steps), 'step')} onto {found.base}",
        Span(f" {found.base_sha[:12]} ({found.strategy.value})", Tone.FAINT),
    )
    rows = (_row(step) for step in found.steps)
    blocks: list[Block] = [head, table("# TASK OUTCOME FILES WHY", *rows, flexible="WHY")]
    blocks += [
        line(f"{step.task} conflict in {listing(step.files)}")
        for step in found.steps
        if step.outcome is StepOutcome.CONFLICT
    ]
    if len(found.compared) > 1:
        rules = ", ".join(f"{rule} {amount}" for rule, amount in found.compared.items())
        blocks.append(line(Span(f"conflicting steps by order: {rules}", Tone.FAINT)))
    return blocks


def _row(step: PlanStep) -> tuple[str | Span, ...]:
    return (
        str(step.position),
        Span(step.task, Tone.STRONG),
        Span(step.outcome.value, _TONES[step.outcome]),
        str(len(step.files)) if step.files else NOTHING,
        step.why or NOTHING,
    )


def merged(result: MergeResult) -> list[Block]:
    """What landed, what was put aside and why, and how to take it back."""
    blocks = _outcome(result)
    if result.merged:
        blocks.append(Remark("Take it back: weft merge undo"))
    return blocks


def undone(result: MergeResult) -> list[Block]:
    """What went back."""
    blocks: list[Block] = [
        line(f"{result.base} is back at {result.after[:12]} (was {result.before[:12]})")
    ]
    blocks += [line(f"{landed.task} is in review again") for landed in result.merged]
    blocks += [Remark(note) for note in result.notes]
    return blocks


def past(runs: tuple[PastMerge, ...]) -> list[Block]:
    """One row for each merge run, the newest first."""
    if not runs:
        return [Remark("Nothing was merged yet.")]
    rows = (
        (
            Span(run.name, Tone.STRONG),
            moment(run.at),
            _fate(run),
            ", ".join(landed.task for landed in run.result.merged) or NOTHING,
            ", ".join(aside.task for aside in run.result.put_aside) or NOTHING,
        )
        for run in runs
    )
    blocks: list[Block] = [table("RUN STARTED STATE MERGED ASIDE", *rows, flexible="MERGED")]
    blocks += [Remark(f"Take it back: weft merge undo {run.name}") for run in runs if run.can_undo]
    return blocks


def _fate(run: PastMerge) -> Span:
    if run.undone:
        return Span("undone", Tone.FAINT)
    tone = Tone.GOOD if run.state is MergeRunState.LANDED else Tone.ATTENTION
    return Span(run.state.value, tone)


def _outcome(result: MergeResult) -> list[Block]:
    blocks: list[Block] = [
        line(
            Span(landed.task, Tone.STRONG), Span(" merged", Tone.GOOD), f" as {landed.commit[:12]}"
        )
        for landed in result.merged
    ]
    blocks += [
        Remark(f"The check of {landed.task} failed once, then passed: see {landed.log}")
        for landed in result.merged
        if landed.flaky
    ]
    for aside in result.put_aside:
        files = f" ({listing(aside.files)})" if aside.files else ""
        blocks.append(
            line(
                Span(aside.task, Tone.STRONG),
                Span(" put aside", Tone.BAD),
                f": {aside.reason}{files}",
            )
        )
        if aside.log:
            blocks.append(line(Span(f"  its output: {aside.log}", Tone.FAINT)))
    if result.before == result.after:
        blocks.append(line(f"{result.base} has not moved"))
    else:
        blocks.append(line(f"{result.base} moved {result.before[:12]} → {result.after[:12]}"))
    return [*blocks, *(Remark(note) for note in result.notes)]
