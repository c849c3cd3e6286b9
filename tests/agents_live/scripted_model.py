"""A model on loopback that does what the script in its prompt says, in four wire formats."""

from __future__ import annotations

import gzip
import json
import re
import socket
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final

from tests.agents_live.script import Step, found_in, worktree_in
from tests.agents_live.wire_formats import (
    AnthropicMessages,
    Asked,
    Call,
    Gemini,
    OpenAiChat,
    OpenAiResponses,
    Reply,
    WireFormat,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_FORMATS: Final[dict[str, WireFormat]] = {
    "/messages": AnthropicMessages(),
    "/responses": OpenAiResponses(),
    "/chat/completions": OpenAiChat(),
    "enerateContent": Gemini(),
}
_WRITERS: Final = ("write", "write_file", "file_system.write_file", "writefile", "create_file")
_SHELLS: Final = (
    "bash", "shell", "run_shell_command", "exec_command", "execute_command", "run_command",
    "file_system.bash",
)  # fmt: skip
_PATHS: Final = ("file_path", "filePath", "path", "absolute_path")
_CONTENTS: Final = ("content", "contents", "file_text", "text")
_COMMANDS: Final = ("command", "cmd", "script")
_LEAVE: Final = {"sandbox_permissions": "require_escalated", "justification": "May I?"}
_FINDERS: Final = ("tool_search", "toolsearch")
_FILLED: Final = ("description", "instruction", "title")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    asked = 0
    answered = 0
    is_gone = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet about agents that hang up."""


class ScriptedModel:
    """The model, listening from its making until it is closed."""

    def __init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def asked(self) -> int:
        """Return how many requests offered tools."""
        return self._server.asked

    @property
    def answered(self) -> int:
        """Return how many requests were answered by words or acts, each with its usage."""
        return self._server.answered

    @property
    def origin(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Be gone: listen no more, and cut what is connected at its next word."""
        self._server.is_gone = True
        self._server.shutdown()
        self._server.server_close()


def step_for(asked: Asked) -> Step:
    """Return the step that is due: one for each round of tools since the script was given."""
    for at in range(len(asked.parts) - 1, -1, -1):
        who, text = asked.parts[at]
        steps = found_in(text) if who == "person" else None
        if steps is not None:
            rounds = sum(1 for later, _ in asked.parts[at + 1 :] if later == "tools")
            due = steps[rounds] if rounds < len(steps) else {"say": "Done."}
            return _placed(due, worktree_in("\n".join(text for _, text in asked.parts)))
    return {"say": "There is no script here."}


def calls_for(step: Step, tools: dict[str, dict[str, Any]]) -> list[Call]:
    """Return the step's acts as uses of the tools that are offered."""
    calls: list[Call] = []
    if "write" in step:
        path, content = step["write"]
        writer = _named(_WRITERS, tools)
        if writer is None:
            line = f"cat > '{path}' <<'THE_END'\n{content}THE_END"
            calls += calls_for({"run": line}, tools)
        else:
            wanted: dict[tuple[str, ...], str] = {_PATHS: path, _CONTENTS: content}
            calls.append(Call(writer, _arguments(tools[writer], wanted)))
    if "run" in step and (shell := _named(_SHELLS, tools)):
        leave = step.get("leave") and "sandbox_permissions" in _known(tools[shell])
        arguments = _arguments(tools[shell], {_COMMANDS: step["run"]})
        calls.append(Call(shell, {**arguments, **_LEAVE} if leave else arguments))
    if "tool" in step:
        end, arguments = step["tool"]
        ending = re.compile(rf"(^|[^a-z]){re.escape(end)}$")
        name = next((name for name in tools if ending.search(name)), None)
        if name is None and _named(_FINDERS, tools):
            name = f"mcp__weft__{end}"  # hidden until it is searched for; yet it can be called
        if name is not None:
            calls.append(Call(name, arguments))
    return calls


def _placed(step: Step, worktree: str) -> Step:
    placed: Step = json.loads(json.dumps(step).replace("{worktree}", worktree))
    return placed


def _named(names: tuple[str, ...], tools: dict[str, dict[str, Any]]) -> str | None:
    lowered = {name.lower(): name for name in tools}
    return next((lowered[name] for name in names if name in lowered), None)


def _arguments(tool: dict[str, Any], wanted: dict[tuple[str, ...], str]) -> dict[str, Any]:
    """Return *wanted* under the names that the tool's schema has, with what else it demands."""
    schema = _schema(tool)
    known = _known(tool)
    found: dict[str, Any] = {}
    for names, value in wanted.items():
        name = next((name for name in names if name in known), names[0])
        is_list = known.get(name, {}).get("type") == "array"
        found[name] = ["bash", "-lc", value] if is_list else value
    for name in _FILLED:
        if name in schema.get("required", []):
            found[name] = "scripted"
    return found


def _schema(tool: dict[str, Any]) -> dict[str, Any]:
    for key in ("input_schema", "parameters", "parametersJsonSchema"):
        if found := tool.get(key):
            schema: dict[str, Any] = found
            return schema
    return {}


def _known(tool: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = _schema(tool).get("properties", {})
    return properties


def _words(step: Step, *, has_calls: bool) -> Iterator[str]:
    if step.get("say"):
        yield step["say"]
    many, seconds = step.get("slow", (0, 0))
    for number in range(many):
        yield f" {number + 1} of {many}."
        time.sleep(seconds)
    if not step.get("say") and not many and not has_calls:
        yield "Done."


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet."""

    def do_HEAD(self) -> None:
        self._send(200, {})

    def do_GET(self) -> None:
        one = {"id": "scripted", "object": "model", "type": "model", "display_name": "Scripted"}
        self._send(200, {"object": "list", "data": [one], "models": [], "has_more": False})

    def do_POST(self) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):
            body = json.loads(self._body() or b"{}")
            if self.server.is_gone:
                self._cut()
            else:
                self._answer(body)

    def _answer(self, body: dict[str, Any]) -> None:
        path = self.path.partition("?")[0]
        if path.endswith(("count_tokens", "countTokens")):
            self._send(200, {"input_tokens": 100, "totalTokens": 100})
            return
        format_ = next((f for end, f in _FORMATS.items() if end in path), None)
        if format_ is None:
            self._send(404, {"error": {"message": "no such path"}})
            return
        asked = format_.read(body)
        self.server.asked += bool(asked.tools)
        step = step_for(asked)
        if not asked.tools and not step.get("plain"):  # a title, a summary
            step = {"say": "ok"}
        if "fail" in step:
            self._send(step["fail"], format_.error(step["fail"]))
            return
        self.server.answered += 1
        calls = calls_for(step, asked.tools)
        reply = Reply(_words(step, has_calls=bool(calls)), calls)
        if "streamGenerate" in path or body.get("stream"):
            self._stream(format_, reply, body, cut=bool(step.get("drop")))
        else:
            self._send(200, format_.whole(reply, body))

    def _stream(
        self, format_: WireFormat, reply: Reply, body: dict[str, Any], *, cut: bool
    ) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for sent, (event, data) in enumerate(format_.stream(reply, body)):
            text = data if isinstance(data, str) else json.dumps(data)
            line = (f"event: {event}\n" if event else "") + f"data: {text}\n\n"
            raw = line.encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(raw), raw))
            self.wfile.flush()
            if (cut and sent >= 1) or self.server.is_gone:
                self._cut()
                return
        self.wfile.write(b"0\r\n\r\n")

    def _cut(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()

    def _send(self, status: int, told: dict[str, Any]) -> None:
        raw = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("transfer-encoding", ""):
            raw = b""
            while size := int(self.rfile.readline().strip() or b"0", 16):
                raw += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        packed = self.headers.get("content-encoding") == "gzip"
        return gzip.decompress(raw) if packed else raw
