"""What a run says: into the transcript, and its last words for the card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.domain.agent_event import (
    AgentEvent,
    MessageChunk,
    ProcessOutput,
    ToolCall,
    ToolState,
    Unrecognized,
)

if TYPE_CHECKING:
    from core.agents.transcript import Transcript
    from core.clock import Clock


class Speech:
    """Writes the transcript of one run.

    Attributes:
        last: The last thing that the agent said, one or more lines.
    """

    def __init__(self, transcript: Transcript, clock: Clock) -> None:
        self._transcript = transcript
        self._clock = clock
        self.last = ""

    def tell(self, kind: str, text: str) -> None:
        """Write Weft's own words; *kind* is state or error."""
        self._transcript.append(kind, text.splitlines() or [""], self._clock.now())

    def write(self, event: AgentEvent) -> None:
        """Write what the agent said."""
        now = self._clock.now()
        match event:
            case MessageChunk(text, thought):
                if thought:
                    self._transcript.append("thought", text.splitlines(), now)
                    return
                self._transcript.append("message", text.splitlines(), now)
                self.last = text.strip() or self.last
            case ToolCall(title, state=ToolState.RUNNING):
                self._transcript.append("tool", [title], now)
            case ProcessOutput(_, lines):
                self._transcript.append("output", lines, now)
                said = next((line.strip() for line in reversed(lines) if line.strip()), "")
                self.last = said or self.last
            case Unrecognized(raw):
                self._transcript.append("output", [raw], now)
            case _:
                pass  # facts of the run, and the end of the turn: others say them
