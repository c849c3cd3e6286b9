"""What a run says: into the transcript, as lines of one kind each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.domain.agent_event import (
    AgentEvent,
    MessageChunk,
    PermissionAsked,
    PlanChanged,
    PlanState,
    ProcessOutput,
    RateLimited,
    ToolCall,
    ToolState,
    Unrecognized,
)

if TYPE_CHECKING:
    from core.agents.masking import Masker
    from core.agents.transcript import Transcript
    from core.clock import Clock

_PLAN_MARKS: Final = {PlanState.DONE: "[x]", PlanState.ACTIVE: "[>]", PlanState.PENDING: "[ ]"}
_MOST_OUTPUT: Final = 2000
"""Lines of one tool call's output or diff that are kept."""


class Speech:
    """Writes the transcript of one run.

    Attributes:
        mask: Takes secrets out of a text that is kept elsewhere than in the transcript.
        last: The last thing that the agent said, one or more lines, without secrets.
        lines: How many lines the agent has caused so far.
    """

    def __init__(self, transcript: Transcript, clock: Clock, masker: Masker) -> None:
        self._transcript = transcript
        self._clock = clock
        self.mask = masker.mask
        self._shown: dict[str, tuple[str, ToolState]] = {}
        self._plan: dict[str, PlanState] = {}
        self.last = ""
        self.lines = 0

    @property
    def is_kept(self) -> bool:
        """Whether all that was said is in the transcript; False on a full disk."""
        return self._transcript.is_kept

    def keep(self) -> bool:
        """Try again to keep what a full disk had no room for; whether it is."""
        return self._transcript.keep()

    def tell(self, kind: str, text: str, **marks: str) -> None:
        """Write Weft's own words, or a person's (mark `by`); *kind* is state, error or question."""
        self._transcript.append(kind, text.splitlines() or [""], self._clock.now(), **marks)

    def said(self, text: str) -> None:
        """Keep *text* as the last thing that the agent said, unless it is empty."""
        self.last = self.mask(text.strip()) or self.last

    def write(self, event: AgentEvent) -> None:
        """Write what the agent said."""
        match event:
            case MessageChunk(text, thought):
                self._add("thought" if thought else "message", text.splitlines())
                if not thought:
                    self.said(text)
            case ToolCall():
                self._tool(event)
            case PlanChanged(entries):
                self._plan_changed(entries)
            case ProcessOutput(_, lines):
                self._add("output", lines)
                self.said(next((line for line in reversed(lines) if line.strip()), ""))
            case PermissionAsked(title=title, detail=detail):
                self._add("question", [title, *detail.splitlines()[:_MOST_OUTPUT]])
            case RateLimited(reason):
                self._add("state", [reason])
            case Unrecognized(raw):
                self._add("output", [raw])
            case _:
                pass  # facts of the run, and the end of the turn: others say them

    def _plan_changed(self, entries: tuple[tuple[str, PlanState], ...]) -> None:
        """Write the entries that are new, or stand elsewhere than before."""
        for words, state in entries:
            if self._plan.get(words) is not state:
                self._add("plan", [f"{_PLAN_MARKS[state]} {words}"], state=state.value)
        self._plan = dict(entries)

    def _tool(self, call: ToolCall) -> None:
        """Write a call once for each of its states, its diff and its output below it."""
        shown = (call.title, call.state)
        if not call.id or self._shown.get(call.id) != shown:
            self._add("tool", [call.title], call=call.id, state=call.state.value)
        if call.state is ToolState.RUNNING:
            self._shown[call.id] = shown
        else:
            self._shown.pop(call.id, None)
        self._add("diff", call.diff.splitlines()[:_MOST_OUTPUT], call=call.id)
        self._add("output", call.output.splitlines()[:_MOST_OUTPUT], call=call.id)

    def _add(self, kind: str, lines: tuple[str, ...] | list[str], **marks: str) -> None:
        if lines:
            self.lines += len(lines)
            given = {name: word for name, word in marks.items() if word}
            self._transcript.append(kind, lines, self._clock.now(), **given)
