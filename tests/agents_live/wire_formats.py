"""The four formats in which agents speak with models: what was asked, and how it is answered."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKENS_IN: Final = 1000
"""What each answer is said to have read."""

Frame = tuple[str, dict[str, Any] | str]
"""Name of a server-sent event (empty for none) and its data."""


@dataclass
class Asked:
    """A request: (who, text) of each part in order, and the tools that are offered.

    Who is `person`, `agent`, or `tools` for a round of results.
    """

    parts: list[tuple[str, str]] = field(default_factory=list)
    tools: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, who: str, text: str) -> None:
        """Add a part; results that follow each other are one round."""
        if who == "tools" and self.parts and self.parts[-1][0] == "tools":
            return
        self.parts.append((who, text))


@dataclass
class Call:
    """A use of a tool."""

    name: str
    arguments: dict[str, Any] | str
    id: str = field(default_factory=lambda: f"call_{uuid.uuid4().hex[:20]}")


@dataclass
class Reply:
    """What the model answers; `say` yields its words as they come."""

    say: Iterator[str]
    calls: list[Call]
    tokens_in: int = TOKENS_IN
    tokens_out: int = 50


class WireFormat(Protocol):
    """One format."""

    def read(self, body: dict[str, Any]) -> Asked:
        """Return what a request asks."""
        ...

    def stream(self, reply: Reply, body: dict[str, Any]) -> Iterator[Frame]:
        """Yield the answer in pieces."""
        ...

    def whole(self, reply: Reply, body: dict[str, Any]) -> dict[str, Any]:
        """Return the answer at once."""
        ...

    def error(self, status: int) -> dict[str, Any]:
        """Return the body of a refusal."""
        ...


def words_in(value: object) -> str:
    """Return every text within a JSON value."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        value = list(value.values())
    return "\n".join(words_in(one) for one in value) if isinstance(value, list) else ""


class AnthropicMessages:
    """POST /v1/messages."""

    def read(self, body: dict[str, Any]) -> Asked:
        asked = Asked(tools={tool["name"]: tool for tool in body.get("tools", [])})
        for message in body["messages"]:
            content = message["content"]
            blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
            if message["role"] == "assistant":
                asked.add("agent", "")
                continue
            if any(block["type"] == "tool_result" for block in blocks):
                asked.add("tools", words_in(blocks))
            texts = [block["text"] for block in blocks if block["type"] == "text"]
            if texts:
                asked.add("person", "\n".join(texts))
        return asked

    def stream(self, reply: Reply, body: dict[str, Any]) -> Iterator[Frame]:
        for data in self._events(reply, body):
            yield data["type"], data

    def _events(self, reply: Reply, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield {"type": "message_start", "message": self._message(reply, body, [], 1)}
        for index, (kind, start, delta) in enumerate(self._blocks(reply)):
            yield {"type": "content_block_start", "index": index, "content_block": start}
            for piece in delta:
                told = {"type": kind, kind.removesuffix("_delta"): piece}
                if kind == "input_json_delta":
                    told = {"type": kind, "partial_json": piece}
                yield {"type": "content_block_delta", "index": index, "delta": told}
            yield {"type": "content_block_stop", "index": index}
        stop = {"stop_reason": "tool_use" if reply.calls else "end_turn", "stop_sequence": None}
        usage = {"output_tokens": reply.tokens_out}
        yield {"type": "message_delta", "delta": stop, "usage": usage}
        yield {"type": "message_stop"}

    def _blocks(self, reply: Reply) -> Iterator[tuple[str, dict[str, Any], Iterator[str]]]:
        yield "text_delta", {"type": "text", "text": ""}, reply.say
        for call in reply.calls:
            start = {"type": "tool_use", "id": call.id, "name": call.name, "input": {}}
            yield "input_json_delta", start, iter([json.dumps(call.arguments)])

    def whole(self, reply: Reply, body: dict[str, Any]) -> dict[str, Any]:
        content: list[dict[str, Any]] = [{"type": "text", "text": "".join(reply.say) or "ok"}]
        content += [
            {"type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments}
            for call in reply.calls
        ]
        return self._message(reply, body, content, reply.tokens_out)

    def _message(
        self, reply: Reply, body: dict[str, Any], content: list[dict[str, Any]], out: int
    ) -> dict[str, Any]:
        return {
            "id": f"msg_{uuid.uuid4().hex[:20]}", "type": "message", "role": "assistant",
            "model": body.get("model", "scripted"), "content": content, "stop_sequence": None,
            "stop_reason": "tool_use" if reply.calls else "end_turn",
            "usage": {"input_tokens": reply.tokens_in, "output_tokens": out},
        }  # fmt: skip

    def error(self, status: int) -> dict[str, Any]:
        told = {"type": "api_error", "message": f"scripted failure {status}"}
        return {"type": "error", "error": told}


class OpenAiChat:
    """POST /v1/chat/completions."""

    def read(self, body: dict[str, Any]) -> Asked:
        functions = [tool.get("function", {}) for tool in body.get("tools", [])]
        asked = Asked(tools={one["name"]: one for one in functions})
        who = {"user": "person", "assistant": "agent", "tool": "tools"}
        for message in body["messages"]:
            if message["role"] in who:
                asked.add(who[message["role"]], words_in(message.get("content")))
        return asked

    def stream(self, reply: Reply, body: dict[str, Any]) -> Iterator[Frame]:
        def piece(delta: dict[str, Any], finish: str | None = None) -> Frame:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            return "", {**self._head(body, "chat.completion.chunk"), "choices": [choice]}

        yield piece({"role": "assistant", "content": ""})
        for text in reply.say:
            yield piece({"content": text})
        for index, call in enumerate(self._calls(reply)):
            yield piece({"tool_calls": [{"index": index, **call}]})
        yield piece({}, "tool_calls" if reply.calls else "stop")
        head = self._head(body, "chat.completion.chunk")
        yield "", {**head, "choices": [], "usage": self._usage(reply)}
        yield "", "[DONE]"

    def whole(self, reply: Reply, body: dict[str, Any]) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": "".join(reply.say)}
        if reply.calls:
            message["tool_calls"] = self._calls(reply)
        finish = "tool_calls" if reply.calls else "stop"
        choice = {"index": 0, "message": message, "finish_reason": finish}
        head = self._head(body, "chat.completion")
        return {**head, "choices": [choice], "usage": self._usage(reply)}

    def _calls(self, reply: Reply) -> list[dict[str, Any]]:
        return [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(call.arguments)},
            }
            for call in reply.calls
        ]

    def _head(self, body: dict[str, Any], kind: str) -> dict[str, Any]:
        model = body.get("model", "scripted")
        return {"id": "chat-1", "object": kind, "created": int(time.time()), "model": model}

    def _usage(self, reply: Reply) -> dict[str, int]:
        total = reply.tokens_in + reply.tokens_out
        return {
            "prompt_tokens": reply.tokens_in,
            "completion_tokens": reply.tokens_out,
            "total_tokens": total,
        }

    def error(self, status: int) -> dict[str, Any]:
        told = {"message": f"scripted failure {status}", "type": "server_error", "code": None}
        return {"error": told}


class OpenAiResponses:
    """POST /v1/responses."""

    def read(self, body: dict[str, Any]) -> Asked:
        asked = Asked(tools=dict(self._tools(body)))
        given = body.get("input", [])
        for item in [{"role": "user", "content": given}] if isinstance(given, str) else given:
            kind = item.get("type", "message")
            if kind.endswith("_call_output"):
                asked.add("tools", words_in(item.get("output")))
            elif kind == "message":
                who = "agent" if item.get("role") == "assistant" else "person"
                asked.add(who, words_in(item.get("content")))
            else:
                asked.add("agent", "")
        return asked

    def _tools(self, body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        for tool in body.get("tools", []):
            if tool.get("type") == "namespace":
                for inner in tool.get("tools", []):
                    name = f"{tool['name']}.{inner['name']}"
                    yield name, {**inner, "namespace": tool["name"]}
            else:
                yield tool.get("name") or tool.get("type", ""), tool

    def stream(self, reply: Reply, body: dict[str, Any]) -> Iterator[Frame]:
        for number, data in enumerate(self._events(reply, body)):
            yield data["type"], {**data, "sequence_number": number}

    def _events(self, reply: Reply, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield {"type": "response.created", "response": self._response(reply, body, None)}
        done: list[dict[str, Any]] = []
        texts: list[str] = []
        message = self._message("", "in_progress")
        at = {"item_id": message["id"], "output_index": 0, "content_index": 0}
        yield {"type": "response.output_item.added", "output_index": 0, "item": message}
        part = {"type": "output_text", "text": "", "annotations": []}
        yield {"type": "response.content_part.added", **at, "part": part}
        for text in reply.say:
            texts.append(text)
            yield {"type": "response.output_text.delta", **at, "delta": text}
        yield {"type": "response.output_text.done", **at, "text": "".join(texts)}
        done.append({**self._message("".join(texts), "completed"), "id": message["id"]})
        yield {"type": "response.output_item.done", "output_index": 0, "item": done[0]}
        for index, call in enumerate(reply.calls, start=1):
            item = self._call(call)
            begun = {**item, "status": "in_progress"}
            yield {"type": "response.output_item.added", "output_index": index, "item": begun}
            yield {"type": "response.output_item.done", "output_index": index, "item": item}
            done.append(item)
        yield {"type": "response.completed", "response": self._response(reply, body, done)}

    def whole(self, reply: Reply, body: dict[str, Any]) -> dict[str, Any]:
        message = self._message("".join(reply.say), "completed")
        return self._response(reply, body, [message, *map(self._call, reply.calls)])

    def _message(self, text: str, status: str) -> dict[str, Any]:
        content = [{"type": "output_text", "text": text, "annotations": []}] if text else []
        name = f"msg_{uuid.uuid4().hex[:12]}"
        return {
            "type": "message", "id": name, "role": "assistant", "status": status,
            "content": content,
        }  # fmt: skip

    def _call(self, call: Call) -> dict[str, Any]:
        space, _, name = call.name.rpartition(".")
        item = {"call_id": call.id, "name": name, "status": "completed"}
        if isinstance(call.arguments, str):
            return {**item, "type": "custom_tool_call", "id": "ct_1", "input": call.arguments}
        told = {"type": "function_call", "id": "fc_1", "arguments": json.dumps(call.arguments)}
        return {**item, **told, **({"namespace": space} if space else {})}

    def _response(
        self, reply: Reply, body: dict[str, Any], output: list[dict[str, Any]] | None
    ) -> dict[str, Any]:
        usage = {
            "input_tokens": reply.tokens_in,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": reply.tokens_out,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": reply.tokens_in + reply.tokens_out,
        }
        return {
            "id": "resp_1", "object": "response", "created_at": int(time.time()),
            "model": body.get("model", "scripted"), "output": output or [],
            "status": "in_progress" if output is None else "completed",
            "usage": None if output is None else usage,
        }  # fmt: skip

    error = OpenAiChat.error


class Gemini:
    """POST /v1beta/models/MODEL:streamGenerateContent, and without `stream`."""

    def read(self, body: dict[str, Any]) -> Asked:
        groups = [tool.get("functionDeclarations", []) for tool in body.get("tools", [])]
        asked = Asked(tools={one["name"]: one for group in groups for one in group})
        for content in body.get("contents", []):
            parts = content.get("parts", [])
            if content.get("role") == "model":
                asked.add("agent", "")
            elif any("functionResponse" in part for part in parts):
                asked.add("tools", words_in(parts))
            else:
                asked.add("person", words_in([part.get("text", "") for part in parts]))
        return asked

    def stream(self, reply: Reply, body: dict[str, Any]) -> Iterator[Frame]:
        del body
        for text in reply.say:
            yield "", self._frame([{"text": text}])
        yield "", self._frame(self._calls(reply) or [{"text": ""}], reply)

    def whole(self, reply: Reply, body: dict[str, Any]) -> dict[str, Any]:
        text = "".join(reply.say)
        kind = body.get("generationConfig", {}).get("responseMimeType")
        if kind == "application/json":  # questions that it asks on the side
            text = json.dumps({"reasoning": "scripted", "next_speaker": "user"})
        return self._frame([{"text": text}, *self._calls(reply)], reply)

    def _calls(self, reply: Reply) -> list[dict[str, Any]]:
        return [{"functionCall": {"name": c.name, "args": c.arguments}} for c in reply.calls]

    def _frame(self, parts: list[dict[str, Any]], end: Reply | None = None) -> dict[str, Any]:
        candidate: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "index": 0}
        frame: dict[str, Any] = {"candidates": [candidate], "modelVersion": "scripted"}
        if end is not None:
            candidate["finishReason"] = "STOP"
            frame["usageMetadata"] = {
                "promptTokenCount": end.tokens_in,
                "candidatesTokenCount": end.tokens_out,
                "totalTokenCount": end.tokens_in + end.tokens_out,
            }
        return frame

    def error(self, status: int) -> dict[str, Any]:
        told = {"code": status, "message": f"scripted failure {status}", "status": "INTERNAL"}
        return {"error": told}
