"""What a repository's own settings would run or reach."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from core.domain.jsonable import jsonable
from core.interfaces.cli.blocks import Block, Remark, Span, Tone, fields, line

if TYPE_CHECKING:
    from core.domain.overview import TrustView


def view(shown: TrustView) -> list[Block]:
    """Show it in full, value by value."""
    if not shown.asks:
        return [line(f"{shown.repo} asks for nothing: neither settings nor merge drivers run.")]
    word = Span("trusted", Tone.GOOD) if shown.trusted else Span("not trusted", Tone.ATTENTION)
    return [
        line(f"{shown.repo}: ", word),
        *fields(*((key, json.dumps(jsonable(value))) for key, value in shown.asks.items())),
        *(Remark(f"warning: {warning}") for warning in shown.warnings),
    ]
