"""What genuine agents said over ACP, told again: each comes out in the same words and states."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from core.agents.driver import LaunchSpec
from core.agents.driver_table import DRIVERS
from core.domain.agent_event import (
    AgentEvent,
    PermissionAsked,
    ToolCall,
    ToolState,
    TurnOutcome,
    UsageReported,
)
from tests.core.agents import acp_replay
from tests.core.agents.driver_contract import ended, said, turn

RECORDED = Path(__file__).parents[2] / "data/agents/acp"
DONE, FAILED, CANCELLED = TurnOutcome.DONE, TurnOutcome.FAILED, TurnOutcome.CANCELLED


async def replayed(folder: Path, name: str, answer: str = "yes", **more: Any) -> list[AgentEvent]:
    command = (sys.executable, acp_replay.__file__, str(RECORDED / f"{name}.jsonl"))
    spec = LaunchSpec("task-1", folder, command, "Make hello.txt", {"PATH": os.environ["PATH"]})
    session = await DRIVERS["acp"].start(replace(spec, **more))

    async def reply(asked: PermissionAsked) -> None:
        assert await session.answer(asked.token, answer)

    found = await turn(session, reply)
    await session.close()
    return found


@dataclass(frozen=True)
class Told:
    """What must come out of one recording."""

    name: str
    words: str = ""
    tools: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    tokens: tuple[int, int] | None = None
    cost: float | None = None
    model: str = ""
    reason: str = ""
    answer: str = "yes"
    session: str = ""
    outcome: TurnOutcome = DONE


_SHELL = "git status --short > st.txt"
_BOTH = ("Write hello.txt", _SHELL)
_WORDS = "I will write it.All done."

RECORDINGS = (
    Told("claude-write", _WORDS, _BOTH, _BOTH, (3000, 150), 0.01875, "default"),
    Told("claude-new-write", _WORDS, _BOTH, _BOTH, (3000, 150), 0.02, "claude-opus-5-5"),
    Told(
        "claude-400",
        "API Error: 400 scripted error 400",
        reason="The model's provider refused the request (400): scripted error 400.",
    ),
    Told(
        "claude-load",
        "second done",
        ("echo 2 > load.txt",),
        ("echo 2 > load.txt",),
        (2000, 100),
        0.0125,
        "default",
        session="earlier",
    ),
    Told("codex-write", _WORDS, ("cat > ", _SHELL), (), (3000, 150), None, "gpt-5-codex"),
    Told("codex-mcp", "end.", ("mcp.lab.echo",), (), (2000, 100), None, "gpt-5-codex"),
    Told(
        "codex-deny",
        "",
        ("echo hi > esc.txt",),
        ("echo hi > esc.txt",),
        (1000, 50),
        None,
        "gpt-5-codex",
        answer="no",
        outcome=CANCELLED,
    ),
    Told("codex-401", reason="The agent is not logged in: Authentication required."),
    Told(
        "codex-500",
        "high demand",
        reason="The agent reported an error: We’re currently experiencing high demand, which may"  # noqa: RUF001
        " cause temporary errors.",
    ),
    Told(
        "gemini-write",
        "All done.",
        ("Writing to hello.txt",),
        ("Writing to hello.txt",),
        (2000, 100),
        None,
        "gemini-2.5-flash",
    ),
    Told(
        "gemini-401",
        reason="The model's provider refused the key (401): scripted error 401.",
    ),
    Told(
        "opencode-write",
        _WORDS,
        ("edit hello.txt", _SHELL),
        ("edit hello.txt", _SHELL),
        (1000, 50),
        0.01125,
        "lab/scripted",
    ),
    Told(
        "opencode-deny",
        "",
        ("edit hello.txt",),
        ("edit hello.txt",),
        (1000, 50),
        0.00375,
        "lab/scripted",
        answer="no",
        outcome=CANCELLED,
    ),
    Told(
        "qwen-write",
        _WORDS,
        ("Writing to hello.txt", _SHELL),
        ("Writing to hello.txt", _SHELL),
        (3000, 150),
        None,
        "scripted",
    ),
    Told("qwen-401", reason="The model's provider refused the key (401): scripted error 401."),
    Told(
        "vibe-write",
        _WORDS,
        ("Writing hello.txt", _SHELL),
        (_SHELL,),
        (3000, 150),
        0.01125,
        "scripted",
    ),
    Told("vibe-400", reason="The model's provider refused the request (400): "),
    Told("kimi-write", _WORDS, ("Writing hello.txt", _SHELL), (_SHELL,)),
    Told("kimi-400", reason="It ended its turn without a word or an act."),
    Told("kimi-401", reason="The model's provider refused the key (401): "),
)


@pytest.mark.parametrize("told", RECORDINGS, ids=lambda told: told.name)
async def test_a_recording_tells_what_was_said_done_asked_and_used(
    tmp_path: Path, told: Told
) -> None:
    found = await replayed(tmp_path, told.name, told.answer, session=told.session)

    calls = {event.id: event for event in found if isinstance(event, ToolCall)}
    asked = [event.title for event in found if isinstance(event, PermissionAsked)]
    assert told.words in said(found)
    titles = [call.title for call in calls.values()]
    assert all(a.startswith(b) for a, b in zip(titles, told.tools, strict=True)), titles
    assert all(call.state is not ToolState.RUNNING for call in calls.values())
    assert asked == list(told.asked)
    assert _used(found) == (told.tokens, told.cost, told.model)
    end = ended(found)
    assert end.outcome is (FAILED if told.reason else told.outcome)
    assert end.reason.startswith(told.reason)
    assert end.denied == (told.asked if told.answer == "no" else ())


def _used(found: list[AgentEvent]) -> tuple[tuple[int, int] | None, float | None, str]:
    used = [event for event in found if isinstance(event, UsageReported)]
    if not used:
        return None, None, ""
    last = used[-1]
    tokens = None
    if last.input_tokens is not None and last.output_tokens is not None:
        tokens = last.input_tokens, last.output_tokens
    return tokens, None if last.cost_usd is None else round(last.cost_usd, 6), last.model
