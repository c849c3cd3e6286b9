"""Tokens and cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.interfaces.cli.blocks import Block, Remark, Span, Tone, line, table
from core.interfaces.cli.render.words import count

if TYPE_CHECKING:
    from core.domain.usage import Usage, UsageReport, UsageShare

_HEAD = "RUNS READ CACHED WRITTEN COST"


def report(found: UsageReport) -> list[Block]:
    """A table each by task, worker and day, then the whole in a line."""
    if not found.total.runs:
        return [Remark("No run has used anything.")]
    parts = (("TASK", found.tasks), ("WORKER", found.workers), ("DAY", found.days))
    blocks: list[Block] = []
    for head, shares in parts:
        blocks += [table(f"{head} {_HEAD}", *map(_row, shares)), line("")]
    total = found.total
    blocks.append(
        line(
            f"{count(total.runs, 'run')}: {total.input_tokens} tokens read,"
            f" {total.output_tokens} written, {_cost(total)}."
        )
    )
    return blocks


def _row(share: UsageShare) -> tuple[Span | str, ...]:
    used = share.usage
    return (
        Span(share.name, Tone.STRONG),
        str(used.runs),
        str(used.input_tokens),
        str(used.cached_tokens),
        str(used.output_tokens),
        _cost(used),
    )


def _cost(used: Usage) -> str:
    """Return the cost, with how many runs are not in it because theirs is not known."""
    if used.cost_usd is None:
        return "unknown"
    known = f"${used.cost_usd:.4f}" if used.cost_usd < 1 else f"${used.cost_usd:.2f}"
    return f"{known} and {used.unknown_runs} unknown" if used.unknown_runs else known
