"""How the command line shows what agents have used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

RENDERERS: Final[Mapping[str, str]] = {"usage": "usage:report"}
