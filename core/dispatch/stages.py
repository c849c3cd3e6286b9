"""What the run of a stage comes to: its last words, kept as a file, and what follows from them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.agents.transcript import read_page, tail_offset
from core.domain.stage import Stage, StageKind, StageStatus
from core.errors import UsageError
from core.locks.patterns import check_pattern
from core.paths import run_folder

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from core.domain.run import Run

ARTIFACT: Final = "artifact.md"
_MOST_BYTES: Final = 64 * 1024
_LINES: Final = 2000
_MOST_FILES: Final = 100
_FILES: Final = re.compile(r"^[\s#*`_]*files[\s*`_]*:?[\s*`_]*$", re.IGNORECASE)
_ITEM: Final = re.compile(r"^\s*[-*]\s+(?:`([^`]+)`.*|([^`\s][^`]*?)\s*)$")
"""A path as it stands, or one in backticks and words about it."""
_VERDICT: Final = re.compile(
    r"^[\s#*`_>]*verdict[\s*`_]*:[\s*`_]*(approve|reject|escalate)(?:e?d)?\b", re.IGNORECASE
)


class Verdict(StrEnum):
    """What a review says."""

    APPROVE = "approve"
    REJECT = "reject"
    ESCALATE = "escalate"


class Then(StrEnum):
    """What follows from a stage's run."""

    DONE = "done"
    GATE = "gate"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What follows, the stage that the work goes back to, and why in words."""

    then: Then
    to: Stage | None = None
    why: str = ""


def last_words(run: Run) -> str:
    """Return what an agent said last: all after its last tool call, or all that it said.

    A program that speaks no protocol says its words as plain output.
    """
    file = Path(run.transcript)
    lines = read_page(file, offset=tail_offset(file, lines=_LINES), limit=_LINES * 2).lines
    spoken = [line for line in lines if line.kind in ("message", "tool")]
    if not any(line.kind == "message" for line in spoken):
        spoken = [line for line in lines if line.kind == "output"]
    tools = [number for number, line in enumerate(spoken) if line.kind == "tool"]
    after = spoken[tools[-1] + 1 :] if tools else spoken
    told = after or [line for line in spoken if line.kind == "message"]
    return "\n".join(line.text for line in told)[-_MOST_BYTES:].strip()


def keep(run: Run, text: str) -> str:
    """Write what a stage hands on into its run's folder; return the file's absolute path."""
    file = run_folder(run.id) / ARTIFACT
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as out:
        out.write(text + "\n")
    return str(file)


def kept(stage: Stage) -> str:
    """Return what a stage handed on; empty when there is nothing, or it was removed."""
    try:
        return Path(stage.artifact).read_text(encoding="utf-8") if stage.artifact else ""
    except OSError:
        return ""


def files_named(text: str) -> tuple[str, ...]:
    """Return the paths and globs below the last line `FILES:`; what cannot be one is left out."""
    lines = text.splitlines()
    heads = [number for number, line in enumerate(lines) if _FILES.match(line)]
    found: dict[str, None] = {}
    for line in lines[heads[-1] + 1 :] if heads else ():
        item = _ITEM.match(line)
        if item is None:
            if line.strip():
                break
            continue
        try:
            found[check_pattern(item[1] or item[2])] = None
        except UsageError:
            continue
    return tuple(found)[:_MOST_FILES]


def verdict_of(text: str) -> Verdict | None:
    """Return the last verdict in *text*, or None when there is none."""
    found = [match[1].lower() for line in text.splitlines() if (match := _VERDICT.match(line))]
    return Verdict(found[-1]) if found else None


def judge(
    stage: Stage, stages: Sequence[Stage], text: str, *, gates: Collection[str], returns: int
) -> Judgement:
    """Return what follows from the words of a stage whose run ended well.

    Args:
        stage: The stage.
        stages: All of its task.
        text: What its run said last.
        gates: Names of the stages after which a person must approve.
        returns: How often work may be sent back before a person decides.
    """
    if StageKind.of(stage.name) is StageKind.REVIEW:
        verdict = verdict_of(text)
        if verdict is None:
            return Judgement(Then.GATE, why="The review ended without a verdict.")
        if verdict is Verdict.ESCALATE:
            return Judgement(Then.GATE, why="The review wants a person to decide.")
        if verdict is Verdict.REJECT:
            return _sent_back(stage, stages, returns)
    if stage.name in gates:
        return Judgement(Then.GATE)
    return Judgement(Then.DONE)


def built_before(stage: Stage, stages: Sequence[Stage]) -> Stage | None:
    """Return the last stage before *stage* that builds: where rejected work goes back to."""
    before = [one for one in stages if one.position < stage.position]
    return next(
        (one for one in reversed(before) if StageKind.of(one.name) is StageKind.BUILD),
        before[-1] if before else None,
    )


def gate_words(stage: Stage) -> str:
    """Return the sentence of a task whose stage waits for a person."""
    why = f" {stage.note}" if stage.note else ""
    return (
        f"Stage {stage.name} waits for your word.{why}"
        if stage.status is StageStatus.GATE
        else f"Stage {stage.name} is {stage.status.value}.{why}"
    )


def _sent_back(stage: Stage, stages: Sequence[Stage], returns: int) -> Judgement:
    to = built_before(stage, stages)
    if to is None:
        return Judgement(Then.GATE, why="The review rejects, and there is no stage before it.")
    if to.sent_back >= returns:
        times = "once" if to.sent_back == 1 else f"{to.sent_back} times"
        return Judgement(Then.GATE, to, f"The review rejects; it was sent back {times} already.")
    return Judgement(Then.BACK, to)
