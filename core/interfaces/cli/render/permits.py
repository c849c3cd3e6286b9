"""Whether a profile may work without asking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.interfaces.cli.blocks import Block, Remark, Span, Tone, line

if TYPE_CHECKING:
    from core.domain.overview import PermitView


def shown(view: PermitView) -> list[Block]:
    """Show it in one line, with what to do next."""
    if view.permissions != "open":
        return [line(f"{view.profile} is {view.permissions}: it needs no leave.")]
    if view.allowed:
        word = Span("open", Tone.BAD)
        return [line(f"{view.profile} is ", word, f" in {view.repo}: nothing asks, nothing holds.")]
    return [
        line(f"{view.profile} may not be open in {view.repo}."),
        Remark(f"Allow it: weft permit {view.profile} --repo-name {view.repo}"),
    ]
