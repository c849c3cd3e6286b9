"""Gemini begins a session's file anew when it is opened twice in a minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from core.agents.acp.same_minute import seconds_to_wait

if TYPE_CHECKING:
    from pathlib import Path

GEMINI, SESSION = "gemini-cli", "6a4ba8c0-2fc0-4758-8649-70156c8bddc3"
BEGUN = datetime(2026, 5, 1, 12, 30, 50, tzinfo=UTC)


def test_a_session_is_left_alone_in_the_minute_in_which_it_was_begun(tmp_path: Path) -> None:
    chats = tmp_path / ".gemini/tmp/task-1/chats"
    chats.mkdir(parents=True)
    (chats / "session-2026-05-01T12-30-6a4ba8c0.jsonl").touch()
    home = {"HOME": str(tmp_path)}
    later = BEGUN + timedelta(seconds=10)

    assert 10 < seconds_to_wait(GEMINI, SESSION, home, BEGUN) < 11
    assert seconds_to_wait(GEMINI, SESSION, home, later) == 0
    assert seconds_to_wait(GEMINI, "another", home, BEGUN) == 0
    assert seconds_to_wait("qwen-code", SESSION, home, BEGUN) == 0
    assert seconds_to_wait(GEMINI, SESSION, {}, BEGUN) == 0
