"""From a preset and a launch to a command line, an environment and settings of ours."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from core.agents.driver import LaunchSpec, McpServer
from core.agents.invocation import PROMPT_LIMIT, fields_of, invocation, turn_invocation
from core.agents.permissions import Policy
from core.agents.programs import attach_command, program_for, programs
from core.agents.rules_reader import RulesReader
from resources.access import read_text

MCP = McpServer(("weft", "mcp"), {"WEFT_SOCKET": "/run/s"})


def launch(name: str, folder: Path, **environment: str) -> LaunchSpec:
    program = programs()[name]
    return LaunchSpec(
        "task-1", folder, program.command, "Do it", environment, program=name, scratch=folder
    )


def test_every_preset_is_whole() -> None:
    streams = tomllib.loads(read_text("agents/streams.toml"))
    for program in programs().values():
        assert program.title
        assert program.install
        assert set(program.flags) <= {policy.value for policy in Policy}
        assert program.stream in {"", "claude", *streams}
        assert (program.driver == "acp") == (program.mcp == "protocol")
        assert not program.resume or any("{session}" in word for word in program.resume)
        assert not program.settings or set(program.settings.tables) <= {
            "all", *(policy.value for policy in Policy)
        }  # fmt: skip
    for name in streams:
        RulesReader(name, Path("/src/shop"))


def test_gemini_reads_our_settings_and_an_administrators_above_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = replace(launch("gemini-headless", tmp_path), mcp=MCP)
    administrator = tmp_path / "of-the-administrator.json"
    administrator.write_text('{"mcp": {"allowed": ["weft", "docs"]}, "tools": {"sandbox": true}}')
    program = programs()["gemini-headless"]
    assert program.settings is not None
    own = replace(program, settings=replace(program.settings, above=str(administrator)))
    monkeypatch.setattr("core.agents.invocation.named_program", lambda _: own)

    file = Path(invocation(spec).environment["GEMINI_CLI_SYSTEM_SETTINGS_PATH"])

    found = json.loads(file.read_text())
    assert file.stat().st_mode & 0o077 == 0
    assert found["mcpServers"]["weft"]["args"] == ["mcp"]
    assert found["hooksConfig"] == {"enabled": False}
    assert found["mcp"] == {"allowed": ["weft", "docs"]}
    assert found["tools"] == {"sandbox": True}


def test_opencode_keeps_the_persons_models_and_gets_our_permissions(tmp_path: Path) -> None:
    theirs = '{"model": "own/model", "permission": {"bash": "allow", "edit": "allow"}}'
    spec = replace(launch("opencode", tmp_path, OPENCODE_CONFIG_CONTENT=theirs))

    watched = json.loads(invocation(spec).environment["OPENCODE_CONFIG_CONTENT"])
    is_open = json.loads(
        invocation(replace(spec, permissions="open")).environment["OPENCODE_CONFIG_CONTENT"]
    )

    assert watched["model"] == "own/model"
    assert (watched["permission"]["bash"], is_open["permission"]["bash"]) == ("ask", "allow")
    assert invocation(spec).environment["OPENCODE_DISABLE_PROJECT_CONFIG"] == "1"


def test_what_the_person_sets_wins_over_a_presets_variable(tmp_path: Path) -> None:
    spec = launch("claude", tmp_path, CLAUDE_CODE_MAX_RETRIES="2")

    assert invocation(spec).environment["CLAUDE_CODE_MAX_RETRIES"] == "2"


@pytest.mark.parametrize(
    ("permissions", "wrap", "mode"),
    [
        ("watched", (), "auto_edit"),
        ("sandboxed", (), "auto_edit"),
        ("sandboxed", ("bwrap", "--"), "yolo"),
        ("open", (), "yolo"),
    ],
)
def test_a_sandbox_that_is_not_there_loosens_nothing(
    tmp_path: Path, permissions: str, wrap: tuple[str, ...], mode: str
) -> None:
    spec = replace(launch("gemini-headless", tmp_path), permissions=permissions, wrap=wrap)

    argv = invocation(spec).argv

    assert argv[: len(wrap)] == list(wrap)
    assert argv[argv.index("--approval-mode") + 1] == mode


def test_a_turn_carries_session_and_prompt_as_its_program_wants_them(tmp_path: Path) -> None:
    names = ("gemini-headless", "kimi-headless")
    by_input, by_word = (
        turn_invocation(launch(name, tmp_path), programs()[name], "Do\0 it", "s-1")
        for name in names
    )

    assert by_input.argv[-2:] == ["--resume", "s-1"]
    assert by_input.stdin == "Do it"
    assert by_word.argv[-4:] == ["--session", "s-1", "-p", "Do it"]
    assert by_word.stdin is None


def test_a_prompt_as_an_argument_is_cut_where_the_system_would_refuse_it(tmp_path: Path) -> None:
    prompt = fields_of(launch("kimi-headless", tmp_path), "ß" * 100_000)["prompt"]

    assert len(prompt.encode()) == PROMPT_LIMIT


def test_a_profile_goes_by_the_preset_of_its_name_else_of_its_driver() -> None:
    claude = programs()["claude"]
    assert program_for("claude", "claude") == claude
    assert program_for("mine", "claude") == claude
    assert program_for("claude", "command") is None
    assert program_for("mine", "command") is None


def test_a_session_is_attached_to_in_the_programs_own_words() -> None:
    assert attach_command("claude-acp", "s-1") == ("claude", "--resume", "s-1")
    assert attach_command("aider", "s-1") == ()
    assert attach_command("claude", "") == ()
    assert attach_command("nothing", "s-1") == ()
