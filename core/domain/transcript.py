"""What a run said, as its transcript keeps it. Alone in its module: each runner loads it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TranscriptLine:
    """One line of a run's transcript.

    Attributes:
        seq: Its number in the run, from 1 on.
        at: When, ISO 8601.
        kind: message, thought, tool, diff, output, state, error, plan or question.
        text: One line of text.
        call: The tool call that it belongs to, as its agent names it; of tool, diff and output.
        state: Where that call, or this entry of the plan, stands.
        by: Who said it, when that was a person.
    """

    seq: int
    at: str
    kind: str
    text: str
    call: str = ""
    state: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class TranscriptPage:
    """Lines from an offset on; `next_offset` is where to go on reading."""

    lines: tuple[TranscriptLine, ...]
    next_offset: int
