"""When Gemini would empty the session that it is to take up again.

Gemini CLI names the file of a session by its id and the minute (UTC) in which it opens it. When it
takes a session up in the minute in which that was begun, it begins the same file anew.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_GEMINI: Final = "gemini-cli"
_NAMED_BY: Final = 8
"""Characters of the id that are in the file's name."""


def seconds_to_wait(
    agent: str, session: str, environment: Mapping[str, str], now: datetime
) -> float:
    """Return how long *session* must be left alone at *now*: 0, or until the next minute.

    *agent* is the name that the agent gives itself, *environment* its own.
    """
    home = environment.get("GEMINI_CLI_HOME") or environment.get("HOME")
    if agent != _GEMINI or not home:
        return 0.0
    name = f"session-{now.astimezone(UTC):%Y-%m-%dT%H-%M}-{session[:_NAMED_BY]}.jsonl"
    is_same = any((chats / name).exists() for chats in Path(home).glob(".gemini/tmp/*/chats"))
    return 60.5 - now.second if is_same else 0.0
