"""How the command line shows agent programs and prompts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

RENDERERS: Final[Mapping[str, str]] = {"agents": "prompts:agents", "prompt": "prompts:told"}
