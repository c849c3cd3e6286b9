"""A stand-in that speaks Claude Code's stream-json and does the acts in a file."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any

USAGE = {"input_tokens": 900, "cache_read_input_tokens": 100, "output_tokens": 1}
denied: list[dict[str, Any]] = []


def tell(**line: Any) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def hear() -> dict[str, Any]:
    line = sys.stdin.readline()
    if not line:
        sys.exit(0)
    heard: dict[str, Any] = json.loads(line)
    return heard


def result(**more: Any) -> None:
    total = {"inputTokens": 900, "cacheReadInputTokens": 100, "outputTokens": 50}
    tell(
        **more, result="ok", session_id="session-1", permission_denials=denied,
        modelUsage={"model-1": total}, total_cost_usd=0.25, type="result",
    )  # fmt: skip
    denied.clear()


def use(name: str, given: dict[str, Any]) -> None:
    part = {"type": "tool_use", "id": "use-1", "name": name, "input": given}
    tell(type="assistant", message={"id": "m-1", "content": [part], "usage": USAGE})


def used(*, failed: bool) -> None:
    part = {"type": "tool_result", "tool_use_id": "use-1", "content": "ok", "is_error": failed}
    tell(type="user", message={"role": "user", "content": [part]})


def ask(command: str) -> None:
    use("Bash", {"command": command})
    request = {"subtype": "can_use_tool", "tool_name": "Bash", "input": {"command": command}}
    tell(type="control_request", request_id="ask-1", request=request)
    answer = hear()["response"]["response"]
    allowed = answer["behavior"] == "allow" and answer["updatedInput"] == {"command": command}
    if not allowed:
        denied.append({"tool_name": "Bash", "tool_input": {"command": command}})
    used(failed=not allowed)


def hang() -> None:
    """Wait for an interrupt; without one, for ever."""
    heard = hear()
    if heard.get("request", {}).get("subtype") == "interrupt":
        result(subtype="error_during_execution", is_error=True)
    else:
        threading.Event().wait()


def act(what: str, text: str) -> None:
    match what:
        case "say":
            part = {"type": "text", "text": text}
            tell(type="assistant", message={"id": "m-2", "content": [part]})
        case "use":
            use("Write", {"file_path": str(Path.cwd() / text), "content": "made\n"})
            used(failed=False)
        case "ask":
            ask(text)
        case "report":
            tell(type="system", subtype="init", session_id="session-1", model="model-1")
        case "hang":
            hang()
        case "hear":
            hear()
        case "result":
            result(subtype="success", is_error=False)
        case "end":
            result(subtype="success", is_error=False)
            hear()


def main() -> None:
    acts = json.loads(Path(sys.argv[1]).read_text())
    Path("heard-arguments.json").write_text(json.dumps(sys.argv[2:]))
    assert hear()["request"]["subtype"] == "initialize"
    tell(type="control_response", response={"subtype": "success", "request_id": "weft-1"})
    assert hear()["type"] == "user"
    for what, text in acts:
        act(what, text)


if __name__ == "__main__":
    main()
