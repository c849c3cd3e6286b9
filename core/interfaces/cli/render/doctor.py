"""What the doctor found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.domain.overview import Severity
from core.interfaces.cli.blocks import Block, Span, Tone, line, table

if TYPE_CHECKING:
    from core.domain.overview import Finding

_TONES = {Severity.OK: Tone.GOOD, Severity.WARNING: Tone.ATTENTION, Severity.ERROR: Tone.BAD}


def findings(found: tuple[Finding, ...]) -> list[Block]:
    """One row for each thing that was looked at, then what to do."""
    rows = (
        (
            Span("fixed" if one.fixed else one.severity.value, _tone(one)),
            one.check,
            one.message,
        )
        for one in found
    )
    hints: list[Block] = [
        line(Span(f"{one.check}: {one.hint}", Tone.FAINT))
        for one in found
        if one.hint and not one.fixed and one.severity is not Severity.OK
    ]
    return [table("STATE CHECK FOUND", *rows), *hints]


def _tone(one: Finding) -> Tone:
    return Tone.GOOD if one.fixed else _TONES[one.severity]
