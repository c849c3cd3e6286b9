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
_BEGUN: Final = "agent.turn.started"
_ENDED: Final = "turn.ended"
_LOOKED_AT: Final = 256 * 1024
"""Bytes at the end of its notes."""


def noted_failure(agent: str, session: str, environment: Mapping[str, str]) -> str | None:
    """Return why the last turn of *session* failed by the agent's own notes, or nothing.

    *agent* is the name that the agent gives itself, *environment* its own. None while the end of
    the turn is not noted yet: it comes a moment after the answer.
    """
    home = environment.get("HOME")
    if agent != _KIMI or not home or _SESSION.fullmatch(session) is None:
        return ""
    pattern = f".kimi-code/sessions/*/{session}/agents/main/wire.jsonl"
    notes = next(Path(home).glob(pattern), None)
    why: str | None = ""
    for line in _last_lines(notes) if notes else ():
        told = parse_line(line) if any(mark in line for mark in (_BEGUN, _ENDED)) else None
        kind = text_of(told, "type")
        if kind == _BEGUN:
            why = None
        elif kind == _ENDED:
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
