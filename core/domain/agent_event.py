"""What an agent says while it works, whatever its wire format: a closed union."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from core.domain.question import QuestionOption


class TurnOutcome(StrEnum):
    """How a turn of an agent ended."""

    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ToolState(StrEnum):
    """Where a tool call stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ToolKind(StrEnum):
    """What a tool does, as far as its agent tells."""

    READ = "read"
    EDIT = "edit"
    EXECUTE = "execute"
    SEARCH = "search"
    FETCH = "fetch"
    THINK = "think"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class SessionStarted:
    """The agent named its session, with which it can be continued; `model` may be empty."""

    session: str
    model: str = ""


@dataclass(frozen=True, slots=True)
class MessageChunk:
    """Words of the agent to the person; `thought` when it speaks to itself."""

    text: str
    thought: bool = False


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The agent uses a tool; the same `id` again tells how it goes on.

    Attributes:
        title: One line for people, such as `edit src/app.py`.
        id: The agent's own name of the call; empty when it has none.
        kind: What the tool does.
        state: Where the call stands.
        paths: Files that it names, as the agent wrote them.
        diff: A unified diff of what it changes, or empty.
        output: What the tool gave back, or empty.
    """

    title: str
    id: str = ""
    kind: ToolKind = ToolKind.OTHER
    state: ToolState = ToolState.RUNNING
    paths: tuple[str, ...] = ()
    diff: str = ""
    output: str = ""


class PlanState(StrEnum):
    """Where an entry of an agent's plan stands."""

    PENDING = "pending"
    ACTIVE = "in_progress"
    DONE = "completed"


@dataclass(frozen=True, slots=True)
class PlanChanged:
    """The agent's own plan, whole: (words, state) of each entry in order."""

    entries: tuple[tuple[str, PlanState], ...]


@dataclass(frozen=True, slots=True)
class UsageReported:
    """What the agent's process has used so far, in total; None where the agent does not say.

    `cost_usd` only if the program itself named it; with `of_session` it holds what the session cost
    in earlier processes, too.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    cost_usd: float | None = None
    model: str = ""
    of_session: bool = False


@dataclass(frozen=True, slots=True)
class PermissionAsked:
    """The agent waits for a person; `AgentSession.answer(token, option id)` lets it go on.

    Attributes:
        token: The session's name for this request.
        title: What it wants to do, in one line.
        kind: What the tool does.
        detail: The whole command, diff or text, or empty.
        paths: Files that it names, as the agent wrote them.
        options: What can be answered; empty when any words can.
    """

    token: str
    title: str
    kind: ToolKind
    detail: str = ""
    paths: tuple[str, ...] = ()
    options: tuple[QuestionOption, ...] = ()


@dataclass(frozen=True, slots=True)
class RateLimited:
    """The agent's provider makes it wait; `retry_at` None when it does not say until when."""

    reason: str
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProcessOutput:
    """Whole lines that a process printed, made harmless; `stream` is stdout or stderr."""

    stream: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The last event of a turn; `reason` is a sentence when it did not end well, else empty.

    `denied` names tool calls that were refused in it: a turn that says it is done but was denied
    what it needed has done nothing.
    """

    outcome: TurnOutcome
    exit_code: int | None = None
    reason: str = ""
    denied: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unrecognized:
    """Something in the agent's own format that this version does not know; kept, not lost."""

    raw: str


AgentEvent = (
    SessionStarted
    | MessageChunk
    | ToolCall
    | PlanChanged
    | UsageReported
    | PermissionAsked
    | RateLimited
    | ProcessOutput
    | TurnEnded
    | Unrecognized
)
