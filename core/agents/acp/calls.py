"""Tool calls of a session: each message about one is merged, and told when it says anew."""

from __future__ import annotations

import difflib
import json
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from core.agents.acp.shape import Message, kept, one_line, table_at, tables_at, text_at
from core.domain.agent_event import ToolCall, ToolKind, ToolState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_REMEMBERED: Final = 500
"""Calls of one turn that are kept; older ones are told anew if they come again."""
_DIFF_LINES: Final = 3_000
"""Lines on either side beyond which a diff takes too long to make."""

_KINDS: Final[Mapping[str, ToolKind]] = MappingProxyType(
    {
        "read": ToolKind.READ,
        "edit": ToolKind.EDIT,
        "delete": ToolKind.EDIT,
        "move": ToolKind.EDIT,
        "search": ToolKind.SEARCH,
        "execute": ToolKind.EXECUTE,
        "think": ToolKind.THINK,
        "fetch": ToolKind.FETCH,
    }
)
_STATES: Final[Mapping[str, ToolState]] = MappingProxyType(
    {
        "pending": ToolState.RUNNING,
        "in_progress": ToolState.RUNNING,
        "completed": ToolState.DONE,
        "failed": ToolState.FAILED,
    }
)
_OF_FILES: Final = frozenset({ToolKind.READ, ToolKind.EDIT})
_WORDS: Final = ("command", "cmd", "script")
_OUTPUTS: Final = ("output", "formatted_output", "stdout", "error", "stderr", "result")


@dataclass(slots=True)
class Call:
    """One tool call as it is known so far; `output` and `said` are texts of the agent's."""

    id: str
    title: str = ""
    kind: ToolKind = ToolKind.OTHER
    state: ToolState = ToolState.RUNNING
    paths: tuple[str, ...] = ()
    diff: str = ""
    said: str = ""
    output: str = ""
    command: str = ""
    name: str = ""
    arguments: str = ""
    place: str = ""

    @property
    def shown_title(self) -> str:
        """Return one line that is never empty: a command itself, a file with what is done to it."""
        if self.kind is ToolKind.EXECUTE and self.command:
            return one_line(self.command)
        name = self.place.rpartition("/")[2]
        if name and self.kind in _OF_FILES and (name not in self.title or self.title in self.place):
            return one_line(f"{self.kind.value} {self.place}")
        return one_line(self.title or self.name) or f"a tool ({self.kind.value})"

    @property
    def detail(self) -> str:
        """Return all that a person needs to judge it."""
        if self.kind is ToolKind.EXECUTE:
            # Kimi's title is `Bash`; what it runs stands in the text of its request.
            return kept(self.command or max(self.title, self.said, key=len))
        return self.diff or kept(self.arguments or self.said)

    def told(self) -> ToolCall:
        """Return it as an event; output comes with the end, for it grows until then."""
        done = self.state is not ToolState.RUNNING
        output = kept(_unfenced(self.said or self.output)) if done else ""
        return ToolCall(
            self.shown_title, self.id, self.kind, self.state, self.paths, self.diff, output
        )


class ToolCalls:
    """Remembers the calls of a turn."""

    def __init__(self, worktree: Path) -> None:
        self._worktree = worktree
        self._calls: OrderedDict[str, Call] = OrderedDict()
        self._told: dict[str, ToolCall] = {}

    def forget(self) -> None:
        """Begin a turn."""
        self._calls.clear()
        self._told.clear()

    def take(self, update: Message) -> Iterator[ToolCall]:
        """Merge a `tool_call` or `tool_call_update`; yield what is new for people.

        A call that is told only when it has ended is told as begun first.
        """
        call = self.merged(update)
        if _only_begins(update):
            return  # its arguments still come: the next message says what it does
        event = call.told()
        before = self._told.get(call.id)
        if event == before:
            return
        self._told[call.id] = event
        if before is None and event.state is not ToolState.RUNNING:
            yield ToolCall(event.title, event.id, event.kind, paths=event.paths, diff=event.diff)
        yield event

    def merged(self, message: Message) -> Call:
        """Return the call that *message* is about, with what it adds."""
        call_id = text_at(message, "toolCallId")
        call = self._calls.setdefault(call_id, Call(call_id))
        if len(self._calls) > _REMEMBERED:
            oldest, _ = self._calls.popitem(last=False)
            self._told.pop(oldest, None)
        title = text_at(message, "title").replace(f"{self._worktree}/", "")
        call.title = title or call.title
        call.kind = _KINDS.get(text_at(message, "kind"), call.kind)
        call.state = _STATES.get(text_at(message, "status"), call.state)
        call.name = _name(message) or call.name
        self._take_input(call, message)
        self._take_content(call, message)
        return call

    def _take_input(self, call: Call, message: Message) -> None:
        given = table_at(message, "rawInput")
        call.command = next((found for name in _WORDS if (found := _words(given, name))), "") or (
            call.command
        )
        if given:
            call.arguments = "\n".join(f"{name}: {value}" for name, value in given.items())
        raw = message.get("rawOutput")
        if isinstance(raw, str):
            call.output = raw
        elif raw:
            call.output = _output_in(table_at(message, "rawOutput"))

    def _take_content(self, call: Call, message: Message) -> None:
        paths = [text_at(place, "path") for place in tables_at(message, "locations")]
        content = tables_at(message, "content")
        diffs = [block for block in content if text_at(block, "type") == "diff"]
        if diffs:
            paths += [text_at(block, "path") for block in diffs]
            call.diff = kept("".join(self._diff(block) for block in diffs))
        if found := tuple(dict.fromkeys(path for path in paths if path)):
            call.paths = found
            call.place = self._shown(found[0])
        texts = [text_at(table_at(block, "content"), "text") for block in content]
        if said := "\n".join(text for text in texts if text):
            call.said = said
            call.command = call.command or _command_in(said)

    def _diff(self, block: Message) -> str:
        name = self._shown(text_at(block, "path"))
        before = text_at(block, "oldText").splitlines(keepends=True)
        after = text_at(block, "newText").splitlines(keepends=True)
        if max(len(before), len(after)) > _DIFF_LINES:
            return f"--- {name}\n+++ {name}\n@@ {len(before)} lines become {len(after)} @@\n"
        lines = difflib.unified_diff(before, after, name, name)
        return "".join(line if line.endswith("\n") else line + "\n" for line in lines)

    def _shown(self, path: str) -> str:
        """Return *path* as seen from the worktree, if it is in there."""
        try:
            return Path(path).relative_to(self._worktree).as_posix()
        except ValueError:
            return path


def _only_begins(update: Message) -> bool:
    if text_at(update, "status") != "pending":
        return False
    texts = (text_at(table_at(block, "content"), "text") for block in tables_at(update, "content"))
    diffs = any(text_at(block, "type") == "diff" for block in tables_at(update, "content"))
    return not (update.get("rawInput") or update.get("locations") or diffs or any(texts))


def _name(message: Message) -> str:
    meta = table_at(message, "_meta")
    return (
        text_at(message, "name")
        or text_at(table_at(meta, "claudeCode"), "toolName")
        or text_at(meta, "toolName")
        or text_at(meta, "tool_name")
    )


def _words(given: Message, name: str) -> str:
    found = given.get(name)
    if isinstance(found, list):
        return " ".join(word for word in found if isinstance(word, str))
    return found if isinstance(found, str) else ""


def _command_in(text: str) -> str:
    """Return the command in arguments that an agent (Kimi) streams as the text of its call."""
    if not text.startswith("{"):
        return ""
    try:
        given = json.loads(text)
    except ValueError:  # still coming
        return ""
    return next((found for name in _WORDS if (found := _words(given, name))), "")


def _output_in(outcome: Message) -> str:
    """Return the text of what a tool gave back: under one of several names, or as MCP has it."""
    if plain := next((text for name in _OUTPUTS if (text := text_at(outcome, name))), ""):
        return plain
    blocks = tables_at(table_at(outcome, "result"), "content")
    return "\n".join(text for block in blocks if (text := text_at(block, "text")))


def _unfenced(text: str) -> str:
    """Return *text* without the Markdown fence that some agents put around output."""
    lines = text.strip("\n").split("\n")
    if len(lines) >= 2 and lines[0].startswith("```") and lines[-1].strip() == "```":
        return "\n".join(lines[1:-1])
    return text
