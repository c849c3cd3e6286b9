"""Agent programs, and what agents are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.interfaces.cli.blocks import Block, Remark, Span, Tone, line, table
from core.interfaces.cli.render.words import NOTHING

if TYPE_CHECKING:
    from core.domain.overview import AgentChoice, PromptView


def agents(known: tuple[AgentChoice, ...]) -> list[Block]:
    """List programs; those that can run come first."""
    rows = (
        (
            Span(one.name, Tone.STRONG),
            one.driver,
            one.version or NOTHING,
            one.permissions,
            Span(one.problem, Tone.ATTENTION) if one.problem else Span("ready", Tone.GOOD),
        )
        for one in sorted(known, key=lambda one: bool(one.problem))
    )
    return [table("NAME DRIVER VERSION PERMISSIONS STATE", *rows, flexible="STATE")]


def told(view: PromptView) -> list[Block]:
    """Print the prompt as it is, and beside it whom it is for."""
    source = view.template or "Weft's own template"
    return [
        Remark(f"{view.worker} would be told, on {view.task}, by {source}:"),
        *(line(text) for text in view.text.splitlines()),
    ]
