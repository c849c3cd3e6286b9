"""What the programs really said, recorded and trimmed, as events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.agents.child import turn_end
from core.agents.claude_reader import ClaudeReader
from core.agents.codex_reader import CodexReader, unwrapped
from core.agents.codex_rollout import NOTHING, model_of, spent_by
from core.agents.json_lines import parse_line
from core.agents.rules_reader import RulesReader
from core.domain.agent_event import (
    MessageChunk,
    PlanChanged,
    PlanState,
    ProcessOutput,
    RateLimited,
    SessionStarted,
    ToolCall,
    ToolKind,
    ToolState,
    TurnEnded,
    TurnOutcome,
    Unrecognized,
    UsageReported,
)

if TYPE_CHECKING:
    from core.agents.json_lines import Json, Reader
    from core.domain.agent_event import AgentEvent

RECORDED = Path(__file__).parents[2] / "data/agents"
SHOP = Path("/src/shop")
WROTE = [("write hello.txt", ToolKind.EDIT, ToolState.DONE)]


def reader_of(name: str) -> Reader:
    program = name.partition("-")[0]
    match program:
        case "claude" | "qwen":
            return ClaudeReader(SHOP)
        case "codex":
            return CodexReader(SHOP)
        case _:
            return RulesReader(program, SHOP)


def read(name: str, status: int = 0) -> list[AgentEvent]:
    """Return the events of a recorded stream, and how a turn ends with that exit status."""
    reader = reader_of(name)
    found: list[AgentEvent] = []
    for line in (RECORDED / f"{name}.jsonl").read_text().splitlines():
        told = parse_line(line)
        assert told is not None
        found += [event for event in reader.read(told) if not isinstance(event, TurnEnded)]
    return [*found, reader.ended(turn_end(status))]


def end(name: str, status: int = 0) -> TurnEnded:
    found = read(name, status)[-1]
    assert isinstance(found, TurnEnded)
    return found


def calls(found: list[AgentEvent]) -> list[tuple[str, ToolKind, ToolState]]:
    return [
        (event.title, event.kind, event.state)
        for event in found
        if isinstance(event, ToolCall) and event.state is not ToolState.RUNNING
    ]


@pytest.mark.parametrize(
    ("name", "wrote", "ran"),
    [
        ("claude-write", "write hello.txt", "run git status --short"),
        ("codex-write", "run cat > 'hello.txt' <<'EOF_SCRIPTED' …", "run git status --short"),
        ("gemini-write", "write hello.txt", "run git status --short > st.txt"),
        ("opencode-write", "write hello.txt", "run git status --short > st.txt"),
        ("qwen-write", "write hello.txt", "run git status --short > st.txt"),
        ("vibe-write", "write hello.txt", "run git status --short > st.txt"),
        ("kimi-write", "write hello.txt", "run git status --short > st.txt"),
    ],
)
def test_a_task_well_done_is_told_alike_by_all(name: str, wrote: str, ran: str) -> None:
    found = read(name)

    titles = [title for title, _, state in calls(found) if state is ToolState.DONE]
    assert titles[0] == wrote
    assert titles[-1] == ran
    assert [event.text for event in found if isinstance(event, MessageChunk)] == [
        "I will write it.",
        "All done.",
    ]
    assert sum(isinstance(event, SessionStarted) for event in found) == 1
    assert not any(isinstance(event, Unrecognized) for event in found)
    assert found[-1] == TurnEnded(TurnOutcome.DONE, 0)


@pytest.mark.parametrize(
    ("name", "usage"),
    [
        ("claude-write", (5000, 227, 0, pytest.approx(0.0184, abs=1e-4))),
        ("codex-write", (4000, 177, 0, None)),
        ("gemini-write", (4000, 177, 0, None)),
        ("opencode-write", (4000, 177, 0, pytest.approx(0.0147, abs=1e-4))),
        ("qwen-write", (4000, 177, 0, None)),
    ],
)
def test_usage_is_a_total(name: str, usage: tuple[object, ...]) -> None:
    used = [event for event in read(name) if isinstance(event, UsageReported)][-1]

    told = (used.input_tokens, used.output_tokens, used.cached_tokens, used.cost_usd)
    assert told == usage


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("claude-turns", 1, "It reached its greatest number of turns."),
        ("claude-401", 0, "It ended in the midst of its turn, without a result."),
        ("codex-401", 1, "Codex failed: unexpected status 401 Unauthorized"),
        ("gemini-401", 145, "[API Error:"),
        ("gemini-cut", 0, "It ended in the midst of its turn, without saying that it is done."),
        ("opencode-401", 1, "scripted error 401."),
        ("qwen-401", 0, "[API Error: 401 scripted error 401]."),
        ("kimi-500", 1, "The agent ended with exit status 1. It said: 500 scripted error 500."),
        ("opencode-write", 1, "The agent ended with exit status 1."),
        ("claude-write", 3, "The agent ended with exit status 3."),
    ],
)
def test_a_bad_end_is_failed_whatever_the_program_says(name: str, status: int, reason: str) -> None:
    found = end(name, status)

    assert found.outcome is TurnOutcome.FAILED
    assert found.reason.startswith(reason)


@pytest.mark.parametrize(
    ("name", "denied"),
    [
        ("claude-denied", ("write hello.txt",)),
        ("opencode-denied", ("write hello.txt",)),
        ("vibe-denied", ("write hello.txt", "run git status --short > st.txt")),
    ],
)
def test_what_was_refused_is_named(name: str, denied: tuple[str, ...]) -> None:
    assert end(name).denied == denied


def test_a_key_that_is_refused_twice_is_given_up() -> None:
    reader = ClaudeReader(SHOP)
    lines = (RECORDED / "claude-401.jsonl").read_text().splitlines()
    told = [parse_line(line) or {} for line in lines]

    for line in told[:2]:
        list(reader.read(line))
    first = reader.given_up
    list(reader.read(told[2]))

    assert first == ""
    assert reader.given_up == "The provider does not let it in: 401 authentication_failed."


def test_an_overloaded_provider_says_when_it_is_tried_again() -> None:
    line: Json = {
        "type": "system", "subtype": "api_retry", "attempt": 1, "max_retries": 6,
        "retry_delay_ms": 5000, "error_status": 529, "error": "overloaded_error",
    }  # fmt: skip

    (found,) = ClaudeReader(SHOP).read(line)

    assert isinstance(found, RateLimited)
    assert found.retry_at is not None
    assert found.reason == "The provider answered 529 overloaded_error; try 1 of 6."


def test_a_tool_of_a_server_is_told_with_its_output() -> None:
    call = next(event for event in reversed(read("codex-tool")) if isinstance(event, ToolCall))

    assert (call.title, call.output) == ("weft: echo", "echo: ping")


def test_plans_of_claude_and_codex_become_plans() -> None:
    claude = ClaudeReader(SHOP)
    todos = [{"content": "Look", "status": "completed"}, {"content": "Do", "status": "in_progress"}]
    uses: list[Json] = [
        {"type": "tool_use", "id": "1", "name": "TodoWrite", "input": {"todos": todos}},
        {"type": "tool_use", "id": "2", "name": "TaskCreate", "input": {"subject": "Test"}},
    ]
    told: Json = {"type": "assistant", "message": {"content": uses}}
    items = [{"text": "Look", "completed": True}, {"text": "Do", "completed": False}]
    item: Json = {"type": "item.updated", "item": {"type": "todo_list", "items": items}}

    *_, last = claude.read(told)
    (codex,) = CodexReader(SHOP).read(item)

    assert last == PlanChanged(
        (("Look", PlanState.DONE), ("Do", PlanState.ACTIVE), ("Test", PlanState.PENDING))
    )
    assert codex == PlanChanged((("Look", PlanState.DONE), ("Do", PlanState.PENDING)))


def test_codex_that_cannot_reach_its_provider_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = CodexReader(SHOP)
    clock = iter([100.0, 150.0, 221.0])
    monkeypatch.setattr("core.agents.codex_reader.time.monotonic", lambda: next(clock))
    told: Json = {"type": "error", "message": "Reconnecting... waiting for network (refused)"}

    seen = [(list(reader.read(told)), reader.given_up)[1] for _ in range(3)]

    assert seen[:2] == ["", ""]
    assert seen[2].startswith("Codex cannot reach its provider: Reconnecting")


@pytest.mark.parametrize("program", ["claude", "codex", "gemini", "opencode", "vibe", "kimi"])
@pytest.mark.parametrize(
    "told",
    [
        {},
        {"type": 7},
        {"type": "assistant", "message": {"content": "no list"}},
        {"type": "result", "usage": [], "modelUsage": {"m": 3}, "permission_denials": [1]},
        {"type": "item.completed", "item": "no object"},
        {"type": "tool_use", "part": {"state": None}},
        {"role": "assistant", "tool_calls": [{"function": {"arguments": "no json"}}, 3]},
    ],
)
def test_a_line_of_another_shape_is_kept_and_breaks_nothing(program: str, told: Json) -> None:
    assert isinstance(list(reader_of(program).read(told)), list)


def test_words_that_a_terminal_would_act_upon_come_out_harmless() -> None:
    line: Json = {"type": "text", "part": {"text": "a\x1b[2Jb\r\nc\u202e\x07d\te"}}

    *_, found = RulesReader("opencode", SHOP).read(line)

    assert found == MessageChunk("ab\nc\ufffdd\te")


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("/bin/bash -lc 'git status'", "git status"),
        ("bash -c \"echo 'a b'\"", "echo 'a b'"),
        ("git status", "git status"),
        ("bash -lc 'unclosed", "bash -lc 'unclosed"),
    ],
)
def test_a_shell_around_a_command_is_not_told(command: str, told: str) -> None:
    assert unwrapped(command) == told


def test_trouble_is_shown_and_is_no_end() -> None:
    found = read("kimi-500", 0)

    assert ProcessOutput("stderr", ("500 scripted error 500",)) in found
    assert end("kimi-500").outcome is TurnOutcome.DONE


def test_a_thread_taken_up_again_counts_only_what_is_new(tmp_path: Path) -> None:
    thread = "01a1fda0-026e-7251-a9f6-2aa6a952058e"
    rollout = tmp_path / f"sessions/2026/01/02/rollout-2026-01-02T03-04-05-{thread}.jsonl"
    rollout.parent.mkdir(parents=True)
    noted: list[Json] = [
        {"type": "turn_context", "payload": {"model": "gpt-5-codex"}},
        {"payload": {"info": {"total_token_usage": {"input_tokens": 900, "output_tokens": 9}}}},
        {"payload": {"info": {"total_token_usage": {"input_tokens": 3900, "output_tokens": 170}}}},
    ]
    rollout.write_text("no json\n" + "\n".join(json.dumps(line) for line in noted))
    reader = CodexReader(SHOP, tmp_path, spent_by(tmp_path, thread))

    told = [
        parse_line(line) or {} for line in (RECORDED / "codex-write.jsonl").read_text().splitlines()
    ]
    found = [event for line in told for event in reader.read(line)]

    assert found[-1] == UsageReported(100, 7, 0, model="gpt-5-codex")


@pytest.mark.parametrize("thread", ["", "01a1fda0-026e-7251-a9f6-2aa6a952058e", "../../*"])
def test_a_thread_that_is_not_known_has_used_nothing(tmp_path: Path, thread: str) -> None:
    assert spent_by(tmp_path, thread) == NOTHING
    assert model_of(None, thread) == ""


def test_an_error_of_the_provider_after_other_words_is_a_failure() -> None:
    reader = ClaudeReader(SHOP)
    said = " 1 of 8. 2 of 8.[API Error: terminated (cause: other side closed)]"

    list(reader.read({"type": "result", "subtype": "success", "is_error": False, "result": said}))
    found = reader.ended(turn_end(0))

    assert found.outcome is TurnOutcome.FAILED
    assert found.reason == "[API Error: terminated (cause: other side closed)]."
