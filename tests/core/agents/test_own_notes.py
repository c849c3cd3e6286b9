"""Kimi Code calls a turn ended whose provider was gone; its own notes tell better."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from core.agents.acp.own_notes import noted_failure

if TYPE_CHECKING:
    from pathlib import Path

KIMI, SESSION = "Kimi Code CLI", "session_6571c373-4cac-4ec7-a56f-277f71dce73d"
GONE = {
    "type": "turn.ended",
    "reason": "failed",
    "error": {"code": "provider.connection_error", "message": "Connection error."},
}
WELL = {"type": "turn.ended", "reason": "completed"}


def noted(home: Path, *lines: dict[str, Any]) -> dict[str, str]:
    notes = home / ".kimi-code/sessions/wd_task-1" / SESSION / "agents/main/wire.jsonl"
    notes.parent.mkdir(parents=True, exist_ok=True)
    notes.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return {"HOME": str(home)}


def test_the_last_turn_counts(tmp_path: Path) -> None:
    more = {"type": "prompt.completed", "reason": "failed"}

    assert noted_failure(KIMI, SESSION, noted(tmp_path, WELL, GONE, more)) == "Connection error."
    assert noted_failure(KIMI, SESSION, noted(tmp_path, GONE, WELL)) == ""


def test_a_turn_whose_end_is_not_noted_yet_is_waited_for(tmp_path: Path) -> None:
    begun = {"type": "agent.turn.started", "turnId": 1}

    assert noted_failure(KIMI, SESSION, noted(tmp_path, WELL, begun)) is None
    assert noted_failure(KIMI, SESSION, noted(tmp_path, WELL, begun, GONE)) == "Connection error."


def test_what_is_not_there_says_nothing(tmp_path: Path) -> None:
    home = noted(tmp_path, GONE)

    assert noted_failure("qwen-code", SESSION, home) == ""
    assert noted_failure(KIMI, "session_of-another", home) == ""
    assert noted_failure(KIMI, "../*", home) == ""
    assert noted_failure(KIMI, SESSION, {}) == ""
    assert noted_failure(KIMI, SESSION, noted(tmp_path, {"type": "turn.ended"})) == ""
