"""What an agent notes of a turn and does not tell: Kimi Code ends well when its provider is gone.

`~/.kimi-code/sessions/<folder>/<session>/agents/main/wire.jsonl` is Kimi's own format: whatever is
not there, or not as expected, says nothing.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.agents.json_lines import parse_line, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_KIMI: Final = "Kimi Code CLI"
_SESSION: Final = re.compile(r"[\w-]{8,80}")
_LOOKED_AT: Final = 256 * 1024
"""Bytes at the end of its notes."""


def noted_failure(agent: str, session: str, environment: Mapping[str, str]) -> str:
    """Return why the last turn of *session* failed by the agent's own notes, or nothing.

    *agent* is the name that the agent gives itself, *environment* its own.
    """
    home = environment.get("HOME")
    if agent != _KIMI or not home or _SESSION.fullmatch(session) is None:
        return ""
    pattern = f".kimi-code/sessions/*/{session}/agents/main/wire.jsonl"
    notes = next(Path(home).glob(pattern), None)
    why = ""
    for line in _last_lines(notes) if notes else ():
        told = parse_line(line) if '"turn.ended"' in line else None
        if told is not None and text_of(told, "type") == "turn.ended":
            failed = text_of(told, "reason") == "failed"
            why = (text_of(told, "error", "message") or "it does not say why") if failed else ""
    return why


def _last_lines(notes: Path) -> list[str]:
    try:
        with notes.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _LOOKED_AT))
            return file.read(_LOOKED_AT).decode("utf-8", "replace").splitlines()
    except OSError:
        return []
