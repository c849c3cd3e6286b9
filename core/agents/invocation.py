"""The command line and environment of one turn, from a launch and what its preset says."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from core.agents.child import fill_command
from core.agents.programs import named_program
from core.processes.identity import WINDOWS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.agents.driver import LaunchSpec, McpServer
    from core.agents.programs import OwnSettings, Program

PROMPT_LIMIT: Final = 24_000 if WINDOWS else 120_000
"""Bytes of a prompt in an argument, with room for the words around it.

Linux takes 128 KB as one argument; Windows 32,767 letters as all of them.
"""
SERVER: Final = "weft"
"""Name of Weft's MCP server in every agent."""
START_S: Final = 120
"""How long an agent is to wait for our server's start: a busy machine takes its time."""
ANSWER_S: Final = 86_400
"""How long an agent is to wait for a tool: a question waits for a person."""
_SETTINGS_FILE: Final = "agent-settings.json"
_SANDBOXED: Final = "sandboxed"
_WATCHED: Final = "watched"


@dataclass(frozen=True, slots=True)
class Invocation:
    """How one process is started; *stdin* is what it reads, None for nothing at all."""

    argv: list[str]
    environment: dict[str, str]
    stdin: str | None = None


def program_of(spec: LaunchSpec) -> Program | None:
    """Return the preset that *spec* goes by."""
    return named_program(spec.program) if spec.program else None


def fields_of(spec: LaunchSpec, prompt: str = "") -> dict[str, str]:
    """Return what {task}, {worktree} and {prompt} stand for; a prompt that is too long is cut."""
    cut = prompt.replace("\0", "").encode("utf-8", "replace")[:PROMPT_LIMIT]
    return {
        "task": spec.task,
        "worktree": str(spec.worktree),
        "prompt": cut.decode("utf-8", "ignore"),
    }


def invocation(spec: LaunchSpec) -> Invocation:
    """Return how the program is started for a protocol: its words alone, no prompt.

    For drivers that talk with their agent: they add their own words to `argv`.
    """
    program = program_of(spec)
    argv = [*spec.wrap, *fill_command(spec.command, fields_of(spec))]
    if program is not None:
        argv += [*policy_words(spec, program), *mcp_words(spec, program)]
    return Invocation(argv, environment_of(spec, program))


def turn_invocation(spec: LaunchSpec, program: Program, prompt: str, session: str) -> Invocation:
    """Return how a program that does one turn a process is started, with *prompt*."""
    started = invocation(spec)
    words = _filled(program.resume, "{session}", session) if session else []
    is_carried = any("{prompt}" in word for word in program.prompt)
    carried = _filled(program.prompt, "{prompt}", fields_of(spec, prompt)["prompt"])
    return Invocation(
        [*started.argv, *words, *carried],
        started.environment,
        None if is_carried else prompt.replace("\0", ""),
    )


def policy_words(spec: LaunchSpec, program: Program) -> tuple[str, ...]:
    """Return the program's words for the policy of *spec*.

    A sandboxed run that is wrapped in nothing keeps the words of a watched one.
    """
    policy = spec.permissions
    if policy == _SANDBOXED and not spec.wrap:
        policy = _WATCHED
    return program.flags.get(policy, ())


def environment_of(spec: LaunchSpec, program: Program | None) -> dict[str, str]:
    """Return the whole environment of the program, with settings of ours where it takes them."""
    found = dict(spec.environment)
    if program is None:
        return found
    for name, value in program.env.items():
        found.setdefault(name, value)
    if program.settings is not None:
        found |= _own_settings(spec, program, program.settings, found)
    return found


def mcp_words(spec: LaunchSpec, program: Program) -> list[str]:
    """Return the words that offer Weft's MCP server, and no other that a repository brings."""
    offered = _MCP_WORDS.get(program.mcp)
    return offered(spec) if offered else []


def _own_settings(
    spec: LaunchSpec, program: Program, own: OwnSettings, environment: Mapping[str, str]
) -> dict[str, str]:
    policy = spec.permissions if spec.permissions != _SANDBOXED or spec.wrap else _WATCHED
    ours = _merged(own.tables.get("all", {}), own.tables.get(policy, {}))
    shape = _MCP_SETTINGS.get(program.mcp)
    if shape is not None and spec.mcp is not None:
        ours = _merged(ours, shape(spec.mcp))
    if not own.as_file:
        return {own.variable: json.dumps(_merged(_parsed(environment.get(own.variable, "")), ours))}
    if spec.scratch is None:
        return {}
    above = _parsed(_text(own.above)) if own.above else {}
    file = spec.scratch / _SETTINGS_FILE
    write_private(file, json.dumps(_merged(ours, above)))
    return {own.variable: str(file)}


def write_private(file: Path, text: str) -> None:
    """Write a file that only the person may read."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)


def _server(mcp: McpServer) -> dict[str, Any]:
    program, *arguments = mcp.command
    return {"command": program, "args": arguments, "env": dict(mcp.environment)}


def _by_flag(spec: LaunchSpec) -> list[str]:
    servers = {} if spec.mcp is None else {SERVER: _server(spec.mcp)}
    return ["--mcp-config", json.dumps({"mcpServers": servers})]


def _strict(spec: LaunchSpec) -> list[str]:
    return [*_by_flag(spec), "--strict-mcp-config"]


def _for_codex(spec: LaunchSpec) -> list[str]:
    if spec.mcp is None:
        return []
    found: list[str] = []
    limits = {"startup_timeout_sec": START_S, "tool_timeout_sec": ANSWER_S}
    for key, value in {**_server(spec.mcp), **limits}.items():
        # JSON texts and lists are TOML too; an inline table is written out.
        toml = _inline_table(value) if isinstance(value, dict) else json.dumps(value)
        found += ["-c", f"mcp_servers.{SERVER}.{key}={toml}"]
    return found


def _inline_table(table: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{json.dumps(key)} = {json.dumps(v)}" for key, v in table.items()) + "}"


def _servers_table(mcp: McpServer) -> dict[str, Any]:
    patience = {"timeout": ANSWER_S * 1000}
    return {"mcpServers": {SERVER: {**_server(mcp), **patience, "trust": True}}}


def _opencode_table(mcp: McpServer) -> dict[str, Any]:
    served = {"type": "local", "command": list(mcp.command), "enabled": True}
    patience = {"timeout": START_S * 1000}
    return {"mcp": {SERVER: {**served, **patience, "environment": dict(mcp.environment)}}}


_MCP_WORDS: Final[Mapping[str, Callable[[LaunchSpec], list[str]]]] = {
    "flag": _by_flag,
    "strict": _strict,
    "codex": _for_codex,
}
_MCP_SETTINGS: Final[Mapping[str, Callable[[McpServer], dict[str, Any]]]] = {
    "servers": _servers_table,
    "opencode": _opencode_table,
}


def _filled(words: tuple[str, ...], name: str, value: str) -> list[str]:
    return [word.replace(name, value) for word in words]


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return both tables as one; where both say something, *above* wins."""
    found = dict(below)
    for key, value in above.items():
        old = found.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        found[key] = _merged(old, value) if both else value  # type: ignore[arg-type]
    return found


def _parsed(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text.strip() else {}
    except ValueError:  # not ours to repair: the program will say so itself
        return {}
    return found if isinstance(found, dict) else {}


def _text(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except OSError:
        return ""
