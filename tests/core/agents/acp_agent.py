"""A small agent on the library's own side of ACP, run as a process: it does what a file says.

`python acp_agent.py FILE`; FILE is JSON: `acts` (lists of words, a list for each turn), and what
the agent offers: `capabilities`, `modes`, `options`, `version`, `steering`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any, TextIO

import acp
from acp import schema as s


class Scripted:
    """The agent."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.turns: list[list[list[Any]]] = plan["acts"]
        self.cancelled = asyncio.Event()
        self.client: Any = None
        self.usage: s.Usage | None = None
        self.calls = 0

    def on_connect(self, client: Any) -> None:
        self.client = client

    async def initialize(self, protocol_version: int, **_: Any) -> s.InitializeResponse:
        return s.InitializeResponse(
            protocol_version=self.plan.get("version", protocol_version),
            agent_capabilities=s.AgentCapabilities(**self.plan.get("capabilities", {})),
            agent_info=s.Implementation(name="stand-in", version="1"),
            field_meta={"steering": {"supported": True}} if self.plan.get("steering") else None,
        )

    async def new_session(self, cwd: str, mcp_servers: list[Any], **_: Any) -> Any:
        note = {"cwd": cwd, "mcp": [server.model_dump(mode="json") for server in mcp_servers]}
        self.note("new", note)
        return s.NewSessionResponse(session_id="session-1", **self.offers())

    async def load_session(self, cwd: str, session_id: str, **_: Any) -> s.LoadSessionResponse:
        if "load_fails" in self.plan:
            raise acp.RequestError(-32602, "Unknown session")
        await self.say("what was said before", session_id)
        self.replay = asyncio.create_task(self.say("and more of it", session_id))
        return s.LoadSessionResponse(**self.offers())

    async def resume_session(self, cwd: str, session_id: str, **_: Any) -> Any:
        raise acp.RequestError.method_not_found("session/resume")

    async def set_session_mode(self, session_id: str, mode_id: str, **_: Any) -> Any:
        self.note("mode", mode_id)
        return s.SetSessionModeResponse()

    async def prompt(self, session_id: str, prompt: list[Any], **_: Any) -> s.PromptResponse:
        self.note("prompt", prompt[0].text)
        self.cancelled.clear()
        stop: Any = "end_turn"
        for what, *words in self.turns.pop(0):
            stop = await getattr(self, what)(*words, session_id) or stop
        used, self.usage = self.usage, None
        return s.PromptResponse(stop_reason=stop, usage=used)

    async def cancel(self, session_id: str, **_: Any) -> None:
        self.cancelled.set()

    async def ext_method(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        self.note("steered", params["prompt"][0]["text"])
        return {"outcome": "injected"}

    async def ext_notification(self, method: str, params: dict[str, Any]) -> None:
        pass

    def offers(self) -> dict[str, Any]:
        return {"modes": self.plan.get("modes"), "config_options": self.plan.get("options")}

    def note(self, what: str, value: object) -> None:
        with Path("notes.jsonl").open("a") as file:
            file.write(json.dumps([what, value]) + "\n")

    # What can be in `acts`, each with the session as its last argument.

    async def say(self, text: str, session: str) -> None:
        await self.client.session_update(session, acp.update_agent_message_text(text))

    async def update(self, update: dict[str, Any], session: str) -> None:
        await self.client._conn.send_notification(
            "session/update", {"sessionId": session, "update": update}
        )

    async def line(self, text: str, _session: str) -> None:
        _write(sys.stdout, text)

    async def complain(self, text: str, _session: str) -> None:
        _write(sys.stderr, text)

    async def long_line(self, size: int, _session: str) -> None:
        _write(sys.stdout, "{" + " " * size)

    async def use(self, name: str, session: str) -> None:
        call = f"call-{name}"
        begin = {"sessionUpdate": "tool_call", "toolCallId": call, "title": f"Write {name}"}
        await self.update({**begin, "kind": "edit", "status": "in_progress"}, session)
        Path(name).write_text("made\n")
        end = {"sessionUpdate": "tool_call_update", "toolCallId": call, "status": "completed"}
        await self.update(end, session)

    async def ask(self, title: str, session: str, kinds: tuple[str, ...] = ()) -> str | None:
        self.calls += 1
        options = [
            s.PermissionOption(option_id=f"id-{kind}", name=kind, kind=kind)  # type: ignore[arg-type]
            for kind in kinds or ("allow_always", "allow_once", "reject_once")
        ]
        call = s.ToolCallUpdate(tool_call_id=f"ask-{self.calls}", title=title, kind="execute")
        answer = await self.client.request_permission(session, call, options)
        self.note("answer", answer.model_dump(mode="json", by_alias=True))
        return "cancelled" if self.cancelled.is_set() else None

    async def report(self, session: str) -> None:
        self.usage = s.Usage(input_tokens=100, output_tokens=7, total_tokens=107)

    async def hang(self, session: str) -> str:
        await self.cancelled.wait()
        return "cancelled"

    async def stop(self, reason: str, _session: str) -> str:
        return reason

    async def fail(self, code: int, message: str, data: Any, _session: str) -> None:
        raise acp.RequestError(code, message, data)

    async def die(self, status: int, _session: str) -> None:
        os._exit(status)

    async def write(self, path: str, text: str, session: str) -> None:
        try:
            await self.client.write_text_file(session, path, text)
        except acp.RequestError as error:
            self.note("refused", str(error))

    async def read(self, path: str, session: str) -> None:
        try:
            found = await self.client.read_text_file(session, path)
        except acp.RequestError as error:
            self.note("refused", str(error))
        else:
            self.note("read", found.content)

    async def flood(self, count: int, session: str) -> None:
        for number in range(count):
            await self.update(
                {
                    "sessionUpdate": "tool_call",
                    "toolCallId": str(number),
                    "title": f"call {number}",
                    "status": "in_progress",
                },
                session,
            )

    async def terminal(self, session: str) -> None:
        try:
            await self.client.create_terminal(session, "true")
        except acp.RequestError as error:
            self.note("refused", str(error))


def _write(stream: TextIO, line: str) -> None:
    """Write a whole line, past the library; its pipe may be set not to block."""
    if sys.platform != "win32":
        os.set_blocking(stream.fileno(), True)
    stream.write(line + "\n")
    stream.flush()


if __name__ == "__main__":
    scripted = Scripted(json.loads(Path(sys.argv[1]).read_text()))
    asyncio.run(acp.run_agent(scripted))  # type: ignore[arg-type]
