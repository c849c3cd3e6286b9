"""Claude Code, Codex and a program read by rules keep the contract, with stand-in programs."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.agents.driver import LaunchSpec, McpServer
from core.agents.driver_table import DRIVERS
from core.domain.agent_event import (
    MessageChunk,
    PermissionAsked,
    ToolKind,
    TurnEnded,
    TurnOutcome,
    UsageReported,
)
from core.domain.question import OptionKind
from tests.core.agents.driver_contract import Act, DriverContract, ended, said, turn

if TYPE_CHECKING:
    from core.domain.agent_event import AgentEvent

HERE = Path(__file__).parent
MCP = McpServer(("weft", "mcp"), {"WEFT_SOCKET": "/run/s"})


def launch(folder: Path, program: str, words: tuple[str, ...], acts: tuple[Act, ...]) -> LaunchSpec:
    file = folder / "acts.json"
    file.write_text(json.dumps([[act.what, act.text] for act in acts]))
    command = (sys.executable, *(word.replace("ACTS", str(file)) for word in words))
    return LaunchSpec(
        "task-1", folder, command, "Do it", {"PATH": os.environ["PATH"]}, program=program
    )


class TestClaude(DriverContract):
    driver = "claude"

    def agent(self, folder: Path, *acts: Act) -> LaunchSpec:
        return launch(folder, "claude", (str(HERE / "stand_in_claude.py"), "ACTS"), acts)


class TestCodex(DriverContract):
    driver = "codex"
    asks = False
    cancels = False

    def agent(self, folder: Path, *acts: Act) -> LaunchSpec:
        return launch(folder, "codex", (str(HERE / "stand_in_turns.py"), "codex", "ACTS"), acts)


class TestGeminiHeadless(DriverContract):
    driver = "command"
    asks = False
    cancels = False

    def agent(self, folder: Path, *acts: Act) -> LaunchSpec:
        words = (str(HERE / "stand_in_turns.py"), "gemini", "ACTS")
        return launch(folder, "gemini-headless", words, acts)


async def run_once(driver: str, spec: LaunchSpec) -> list[AgentEvent]:
    session = await DRIVERS[driver].start(spec)
    found = await turn(session)
    await session.close()
    return found


async def test_claude_gets_our_settings_our_server_and_the_session(tmp_path: Path) -> None:
    spec = TestClaude().agent(tmp_path, Act("end"))

    await run_once("claude", replace(spec, mcp=MCP, session="session-0"))

    words = json.loads((tmp_path / "heard-arguments.json").read_text())
    assert words[words.index("--setting-sources") + 1] == "user"
    assert "--strict-mcp-config" in words
    servers = json.loads(words[words.index("--mcp-config") + 1])["mcpServers"]
    assert servers["weft"]["args"] == ["mcp"]
    assert words[-2:] == ["--resume", "session-0"]


async def test_codex_resumes_with_the_prompt_on_its_input(tmp_path: Path) -> None:
    spec = replace(TestCodex().agent(tmp_path, Act("end"), Act("end")), mcp=MCP)
    session = await DRIVERS["codex"].start(spec)
    await turn(session)
    await session.say("More")
    await turn(session)
    await session.close()

    lines = (tmp_path / "heard-arguments.jsonl").read_text().splitlines()
    (first, prompt), (second, words) = (json.loads(line) for line in lines)
    assert (prompt, words) == ("Do it", "More")
    assert first[-1] == "-"
    assert second[-3:] == ["resume", "session-1", "-"]
    assert 'mcp_servers.weft.env={"WEFT_SOCKET" = "/run/s"}' in first
    assert f'projects={{"{tmp_path}" = {{trust_level = "untrusted"}}}}' in first
    assert first[first.index("--sandbox") + 1] == "workspace-write"


@pytest.mark.parametrize(
    ("permissions", "wrap", "words"),
    [
        ("watched", (), "workspace-write"),
        ("sandboxed", (), "workspace-write"),
        ("sandboxed", ("env",), "danger-full-access"),
        ("open", (), "--dangerously-bypass-approvals-and-sandbox"),
    ],
)
async def test_the_policy_chooses_the_flags_and_the_sandbox_comes_first(
    tmp_path: Path, permissions: str, wrap: tuple[str, ...], words: str
) -> None:
    spec = TestCodex().agent(tmp_path, Act("end"))

    await run_once("codex", replace(spec, permissions=permissions, wrap=wrap))

    assert words in (tmp_path / "heard-arguments.jsonl").read_text()


async def test_usage_is_the_whole_prompt_side_and_the_programs_own_price(tmp_path: Path) -> None:
    found = await run_once("claude", TestClaude().agent(tmp_path, Act("report"), Act("end")))

    used = [event for event in found if isinstance(event, UsageReported)]
    assert used[-1] == UsageReported(1000, 50, 100, 0.25, "model-1")


async def test_words_in_mid_turn_are_heard_before_it_ends(tmp_path: Path) -> None:
    """The stand-in ends its turn without having told the words back: the turn goes on."""
    acts = (Act("say", "begun"), Act("hear"), Act("result"), Act("say", "x"))
    spec = TestClaude().agent(tmp_path, *acts)
    session = await DRIVERS["claude"].start(spec)
    found: list[AgentEvent] = []

    async for event in session.events():
        found.append(event)
        if event == MessageChunk("begun"):
            assert await session.steer("left, please")

    assert MessageChunk("x") in found  # of the part after the words
    assert ended(found).outcome is TurnOutcome.FAILED  # there it ended without a result
    await session.close()


async def test_a_permission_offers_no_always_that_would_be_kept_in_a_file(tmp_path: Path) -> None:
    session = await DRIVERS["claude"].start(TestClaude().agent(tmp_path, Act("ask", "rm it")))
    async for event in session.events():
        if isinstance(event, PermissionAsked):
            assert [one.kind for one in event.options] == [OptionKind.ALLOW_ONCE, OptionKind.DENY]
            assert (event.kind, event.detail) == (ToolKind.EXECUTE, "rm it")
            await session.answer(event.token, "use mv instead")
        assert not (isinstance(event, TurnEnded) and event.outcome is TurnOutcome.DONE)
    await session.close()


async def test_a_session_that_died_names_its_last_words(tmp_path: Path) -> None:
    code = "import sys; sys.stdin.readline(); print('no such flag', file=sys.stderr); sys.exit(2)"
    spec = replace(TestClaude().agent(tmp_path), command=(sys.executable, "-c", code))

    end = ended(await run_once("claude", spec))

    assert end.outcome is TurnOutcome.FAILED
    assert end.reason == "The agent ended with exit status 2. Its last words: no such flag."


async def test_a_plain_command_is_shown_as_it_is(tmp_path: Path) -> None:
    spec = LaunchSpec(
        "task-1", tmp_path, ("echo", '{"type": "init"}'), "Do it", {"PATH": os.environ["PATH"]}
    )

    found = await run_once("command", spec)

    assert said(found) == ""
    assert ended(found).outcome is TurnOutcome.DONE
