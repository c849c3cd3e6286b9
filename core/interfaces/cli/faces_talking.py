"""How the command line shows conversations with agents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

RENDERERS: Final[Mapping[str, tuple[str, str]]] = {
    "say": ("runs:steered", ""),
    "questions": ("talking:questions", ""),
    "answer": ("talking:answered", ""),
    "continue": ("talking:continued", ""),
    "attach": ("talking:attachment", "attaching:take_over"),
    "open": ("talking:opened", ""),
}
"""Name → renderer and, where there is one, an act of its own."""
