"""What was brought into a branch, and conflicts laid open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.interfaces.cli.blocks import Block, Remark, Span, Tone, line
from core.interfaces.cli.render.words import count, listing

if TYPE_CHECKING:
    from core.domain.resolution import Brought


def brought(result: Brought) -> list[Block]:
    """What a branch got, and where it is now."""
    notes: list[Block] = [Remark(note) for note in result.notes]
    if result.before == result.after:
        return [line(f"{result.branch} has not moved"), *notes]
    files = f": {listing(result.files)}" if result.files else ""
    return [
        line(
            Span(result.task, Tone.STRONG),
            f" holds {result.brought} now",
            Span(f" {result.before[:12]} → {result.after[:12]}", Tone.FAINT),
        ),
        line(f"{count(len(result.files), 'file')} changed in {result.branch}{files}"),
        *notes,
    ]
