"""From `session/update` to events."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.agents.acp.calls import ToolCalls
from core.agents.acp.modes import modes_of
from core.agents.acp.shape import kept, one_line, table_at, tables_at, text_at
from core.agents.acp.usage import Meter
from core.domain.agent_event import (
    MessageChunk,
    PlanChanged,
    PlanState,
    ProcessOutput,
    Unrecognized,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from core.agents.acp.shape import Message
    from core.domain.agent_event import AgentEvent

_LONGEST_RAW: Final = 2_000
_SILENT: Final = frozenset({"available_commands_update", "user_message_chunk"})
_FAILED_THREAD: Final = "systemError"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of a message's words as they stream in; `message` is its id, which may be empty."""

    text: str
    thought: bool
    message: str


class Updates:
    """Turns the updates of a session into events and keeps what a turn amounts to.

    Attributes:
        calls: The tool calls of the turn.
        meter: What the session has used.
        mode: The agent's current mode, if it told of a change.
        last_message: The last words of the turn.
        last_call: The tool call that was told or asked about last in the turn.
        acted: Whether the turn brought any word, thought or act.
        broken: Whether the agent calls its own thread failed (Codex).
        stuck: What it tries again and again, with the first time that it told so, by the clock of
            `time.monotonic`; None as soon as it gets on.
    """

    def __init__(self, worktree: Path) -> None:
        self.calls = ToolCalls(worktree)
        self.meter = Meter()
        self.mode = ""
        self.last_message = self.last_call = ""
        self.acted = False
        self.broken = False
        self.stuck: tuple[str, float] | None = None
        self._message = ""

    def begin_turn(self) -> None:
        """Forget what belonged to the turn before."""
        self.calls.forget()
        self.last_message = self.last_call = self._message = ""
        self.acted = self.broken = False
        self.stuck = None

    def use(self, call: str) -> None:
        """Note an act: the tool call with the id *call*."""
        self.acted, self.last_message, self.last_call = True, "", call

    def take(self, update: Message) -> Iterator[AgentEvent | Piece]:
        """Yield what *update* says; a kind that is not known is kept as it came."""
        kind = text_at(update, "sessionUpdate")
        take = _TAKES.get(kind)
        if take is not None:
            yield from take(self, update)
        elif kind not in _SILENT:
            yield unrecognized(update)

    def _words(self, update: Message) -> Iterator[AgentEvent | Piece]:
        yield from self._piece(update, thought=False)

    def _thought(self, update: Message) -> Iterator[AgentEvent | Piece]:
        yield from self._piece(update, thought=True)

    def _piece(self, update: Message, *, thought: bool) -> Iterator[AgentEvent | Piece]:
        if used := table_at(update, "_meta", "usage"):
            self.meter.request(used)
        text = text_at(table_at(update, "content"), "text")
        if not text:
            return
        self.acted, self.stuck = True, None
        message = text_at(update, "messageId")
        if not thought:
            same = message == self._message and self.last_message
            self.last_message = f"{self.last_message if same else ''}{text}"[-4_000:]
            self._message = message
        yield Piece(text, thought, message)

    def _call(self, update: Message) -> Iterator[AgentEvent | Piece]:
        self.use(text_at(update, "toolCallId"))
        self.stuck = None
        yield from self.calls.take(update)

    def _plan(self, update: Message) -> Iterator[AgentEvent | Piece]:
        states = {state.value: state for state in PlanState}
        yield PlanChanged(
            tuple(
                (
                    one_line(text_at(entry, "content")),
                    states.get(text_at(entry, "status"), PlanState.PENDING),
                )
                for entry in tables_at(update, "entries")
            )
        )

    def _used(self, update: Message) -> Iterator[AgentEvent | Piece]:
        self.meter.update(update)
        if report := self.meter.report():
            yield report

    def _mode(self, update: Message) -> Iterator[AgentEvent | Piece]:
        self.mode = text_at(update, "currentModeId") or modes_of(update).current or self.mode
        yield from ()

    def _news(self, update: Message) -> Iterator[AgentEvent | Piece]:
        """Take `session_info_update`, in which Codex tells how its thread fares."""
        told = table_at(update, "_meta", "codex")
        state = text_at(table_at(told, "threadStatus"), "type")
        if state:
            self.broken = state == _FAILED_THREAD
        error = table_at(told, "error")
        if message := text_at(error, "message"):
            said = one_line(f"{message} ({text_at(error, 'additionalDetails')})")
            if error.get("willRetry") is True and self.stuck is None:
                self.stuck = said, time.monotonic()
            yield ProcessOutput("stderr", (said,))


_TAKES: Final[Mapping[str, Callable[[Updates, Message], Iterator[AgentEvent | Piece]]]] = {
    "agent_message_chunk": Updates._words,
    "agent_thought_chunk": Updates._thought,
    "tool_call": Updates._call,
    "tool_call_update": Updates._call,
    "plan": Updates._plan,
    "usage_update": Updates._used,
    "current_mode_update": Updates._mode,
    "config_option_update": Updates._mode,
    "session_info_update": Updates._news,
}


def unrecognized(message: object) -> Unrecognized:
    """Return something of the agent's that this version does not know, not too long."""
    return Unrecognized(kept(json.dumps(message, ensure_ascii=False, default=str), _LONGEST_RAW))


class Joiner:
    """Puts the pieces of one message together, so that it is told in lines and not in syllables."""

    LONGEST: Final = 8_000

    def __init__(self) -> None:
        self._held: list[str] = []
        self._size = 0
        self._of = ("", False)

    @property
    def holds(self) -> bool:
        """Whether there is something that waits."""
        return bool(self._held)

    def add(self, piece: Piece) -> Iterator[MessageChunk]:
        """Take a piece; yield what is complete because another message begins, or long enough."""
        of = (piece.message, piece.thought)
        if of != self._of:
            yield from self.rest()
            self._of = of
        self._held.append(piece.text)
        self._size += len(piece.text)
        if self._size >= self.LONGEST:
            yield from self._up_to_the_last_line()

    def rest(self) -> Iterator[MessageChunk]:
        """Yield all that is held."""
        text = "".join(self._held)
        self._held, self._size = [], 0
        if text.strip():
            yield MessageChunk(kept(text), self._of[1])

    def _up_to_the_last_line(self) -> Iterator[MessageChunk]:
        text = "".join(self._held)
        whole, end, begun = text.rpartition("\n")
        if not end:
            yield from self.rest()
            return
        yield MessageChunk(kept(whole), self._of[1])
        self._held, self._size = [begun], len(begun)
