"""What Codex notes of its own threads and does not tell in its stream: the model, and totals.

`$CODEX_HOME/sessions/Y/M/D/rollout-<time>-<thread>.jsonl` is Codex's own format: whatever is
not there, or not as expected, stays unknown.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.agents.json_lines import count_of, parse_line, table_of, text_of
from core.domain.agent_event import UsageReported

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from core.agents.json_lines import Json

NOTHING: Final = UsageReported(0, 0, 0)
_THREAD: Final = re.compile(r"[0-9a-fA-F-]{8,64}")
_LOOKED_AT: Final = 512 * 1024
"""Bytes at the beginning for the model, and at the end for the totals."""


def codex_home(environment: Mapping[str, str]) -> Path | None:
    """Return where Codex with *environment* keeps its threads."""
    named = environment.get("CODEX_HOME")
    if named:
        return Path(named)
    home = environment.get("HOME")
    return Path(home) / ".codex" if home else None


def model_of(home: Path | None, thread: str) -> str:
    """Return the model that a thread works with, or empty."""
    for told in _objects(home, thread, from_end=False):
        if text_of(told, "type") == "turn_context":
            return text_of(told, "payload", "model")
    return ""


def spent_by(home: Path | None, thread: str) -> UsageReported:
    """Return what a thread has used up to now, in total; zeros when that is not known."""
    found = NOTHING
    for told in _objects(home, thread, from_end=True):
        usage = table_of(told, "payload", "info", "total_token_usage")
        if usage:
            found = usage_in(usage)
    return found


def usage_in(usage: Json) -> UsageReported:
    """Return figures of Codex's; its input counts what came from the cache."""
    return UsageReported(
        input_tokens=count_of(usage, "input_tokens"),
        output_tokens=count_of(usage, "output_tokens"),
        cached_tokens=count_of(usage, "cached_input_tokens"),
    )


def _objects(home: Path | None, thread: str, *, from_end: bool) -> Iterator[Json]:
    file = _file(home, thread)
    if file is None:
        return
    try:
        with file.open("rb") as rollout:
            if from_end:
                rollout.seek(max(0, os.fstat(rollout.fileno()).st_size - _LOOKED_AT))
            raw = rollout.read(_LOOKED_AT)
    except OSError:
        return
    for line in raw.decode("utf-8", "replace").splitlines():
        told = parse_line(line)
        if told is not None:
            yield told


def _file(home: Path | None, thread: str) -> Path | None:
    if home is None or _THREAD.fullmatch(thread) is None:
        return None
    return next(home.glob(f"sessions/*/*/*/rollout-*{thread}.jsonl"), None)
