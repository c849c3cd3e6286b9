"""What an agent says while it works, whatever its wire format: a closed union."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class TurnOutcome(StrEnum):
    """How a turn of an agent ended."""

    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class MessageChunk:
    """Words of the agent to the person."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The agent uses a tool; `title` is one line for people, such as `edit src/app.py`."""

    title: str


@dataclass(frozen=True, slots=True)
class ProcessOutput:
    """Whole lines that a process printed, made harmless; `stream` is stdout or stderr."""

    stream: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The last event of a turn; `reason` is a sentence when it did not end well, else empty."""

    outcome: TurnOutcome
    exit_code: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Unrecognized:
    """Something in the agent's own format that this version does not know; kept, not lost."""

    raw: str


AgentEvent = MessageChunk | ToolCall | ProcessOutput | TurnEnded | Unrecognized
