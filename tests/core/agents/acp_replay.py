"""Plays the agent's part of a recorded conversation over ACP: `python acp_replay.py FILE`.

A line of FILE is a message with `from`: agent or client. What the agent said is said again once
the client has said what it said before it; its ids are the client's of now. A request of the
client's that was not recorded is answered with nothing, but for `session/resume`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

Message = dict[str, Any]


class Replay:
    """One conversation."""

    def __init__(self, recorded: list[Message]) -> None:
        self.recorded = recorded
        self.ids: dict[Any, Any] = {}

    def play(self) -> None:
        for message in self.recorded:
            if message.pop("from") == "agent":
                self.say(message)
            else:
                self.expect(message)
        for _ in sys.stdin:
            pass

    def say(self, message: Message) -> None:
        if "method" not in message:
            message["id"] = self.ids[message["id"]]
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()

    def expect(self, wanted: Message) -> None:
        for line in sys.stdin:
            found = json.loads(line)
            if found.get("method") != wanted.get("method"):
                self.answer(found)
                continue
            if "method" in wanted:
                self.ids[wanted.get("id")] = found.get("id")
                return
            if found["id"] == wanted["id"]:
                return

    def answer(self, asked: Message) -> None:
        if "method" not in asked or "id" not in asked:
            return
        unknown = {"code": -32601, "message": "Method not found"}
        answer = {"error": unknown} if asked["method"] == "session/resume" else {"result": {}}
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": asked["id"], **answer}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    text = Path(sys.argv[1]).read_text().replace("{worktree}", str(Path.cwd()))
    Replay([json.loads(line) for line in text.splitlines()]).play()
