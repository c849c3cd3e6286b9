"""A stand-in for programs that do one turn a process: Codex, or one of those read by rules."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any

CODEX: dict[str, Any] = {
    "say": lambda text: [("item.completed", {"type": "agent_message", "text": text})],
    "use": lambda name: [
        ("item.started", {"id": "i1", "type": "file_change", "status": "in_progress",
                          "changes": [{"path": name, "kind": "add"}]}),
        ("item.completed", {"id": "i1", "type": "file_change", "status": "completed",
                            "changes": [{"path": name, "kind": "add"}]}),
    ],
    "report": lambda _: [("usage", {"input_tokens": 10, "output_tokens": 5})],
}  # fmt: skip
GEMINI: dict[str, Any] = {
    "say": lambda text: [{"type": "message", "role": "assistant", "content": text}],
    "use": lambda name: [
        {"type": "tool_use", "tool_name": "write_file", "tool_id": "t1",
         "parameters": {"file_path": name, "content": "made\n"}},
        {"type": "tool_result", "tool_id": "t1", "status": "success"},
    ],
    "report": lambda _: [
        {"type": "result", "stats": {"input_tokens": 10, "output_tokens": 5, "cached": 0}}
    ],
}  # fmt: skip


def tell(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def as_codex(what: str, text: str) -> None:
    if what == "end":
        tell({"type": "turn.completed", "usage": {"input_tokens": 10, "output_tokens": 5}})
        return
    for kind, item in CODEX[what](text):
        tell({"type": "turn.completed", "usage": item} if kind == "usage"
             else {"type": kind, "item": item})  # fmt: skip


def as_gemini(what: str, text: str) -> None:
    if what == "end":
        tell({"type": "result", "status": "success", "stats": {}})
        return
    for line in GEMINI[what](text):
        tell(line)


def this_turn(acts: list[list[str]]) -> list[list[str]]:
    """Return the acts of this process: a file counts the turns before it."""
    counter = Path("turns-done")
    before = int(counter.read_text()) if counter.exists() else 0
    counter.write_text(str(before + 1))
    turns: list[list[list[str]]] = [[]]
    for act in acts:
        turns[-1].append(act)
        if act[0] == "end":
            turns.append([])
    return turns[before]


def main() -> None:
    name, file, *arguments = sys.argv[1:]
    acts = this_turn(json.loads(Path(file).read_text()))
    with Path("heard-arguments.jsonl").open("a") as heard:
        heard.write(json.dumps([arguments, sys.stdin.read()]) + "\n")
    if name == "codex":
        tell({"type": "thread.started", "thread_id": "session-1"})
    else:
        tell({"type": "init", "session_id": "session-1", "model": "model-1"})
    for what, text in acts:
        if what == "hang":
            threading.Event().wait()
        (as_codex if name == "codex" else as_gemini)(what, text)


if __name__ == "__main__":
    main()
