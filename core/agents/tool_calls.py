"""Tool calls as people read them, whatever an agent calls its tools and their arguments."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from core.agents.lines import harmless_text
from core.domain.agent_event import ToolCall, ToolKind, ToolState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TITLE_LIMIT: Final = 200
TEXT_LIMIT: Final = 20_000
"""Characters of an output or a diff that are kept."""

_KINDS: Final = {
    ToolKind.READ: ("read", "read_file", "readfile", "read_many_files", "view", "notebookread"),
    ToolKind.EDIT: (
        "write", "write_file", "writefile", "edit", "multiedit", "notebookedit", "replace",
        "edit_file", "apply_patch", "patch", "search_replace", "strreplacefile", "create_file",
        "str_replace_based_edit_tool",
    ),
    ToolKind.EXECUTE: (
        "bash", "shell", "run_shell_command", "exec_command", "execute_command", "run_command",
        "command_execution", "killshell", "powershell",
    ),
    ToolKind.SEARCH: (
        "grep", "glob", "list_directory", "ls", "list", "grep_search", "search_file_content",
        "toolsearch", "tool_search", "codesearch",
    ),
    ToolKind.FETCH: (
        "webfetch", "websearch", "web_fetch", "web_search", "google_web_search", "fetch",
    ),
    ToolKind.THINK: ("todowrite", "todo_write", "exitplanmode", "enterplanmode", "think"),
}  # fmt: skip
_KIND_OF: Final = {name: kind for kind, names in _KINDS.items() for name in names}
_PATHS: Final = (
    "file_path", "filePath", "absolute_path", "notebook_path", "path", "dir_path", "target_file",
)  # fmt: skip
_COMMANDS: Final = ("command", "cmd", "script")
_WANTED: Final = ("pattern", "query", "url", "description", "prompt", "subject", "name")
_OLD: Final = ("old_string", "oldString", "oldText", "old_str")
_NEW: Final = ("new_string", "newString", "newText", "new_str")
_WHOLE: Final = ("content", "contents", "file_text")
_VERBS: Final = {
    ToolKind.READ: "read",
    ToolKind.EDIT: "edit",
    ToolKind.EXECUTE: "run",
    ToolKind.SEARCH: "search",
    ToolKind.FETCH: "fetch",
}


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A use of a tool, told in one way; `detail` is its whole command, diff or arguments."""

    title: str
    kind: ToolKind
    paths: tuple[str, ...]
    diff: str
    detail: str

    def call(self, call_id: str, state: ToolState, output: str = "") -> ToolCall:
        """Return it as an event."""
        return ToolCall(self.title, call_id, self.kind, state, self.paths, self.diff, cut(output))

    def ended(self, call_id: str, state: ToolState, output: str = "") -> ToolCall:
        """Return the end of what was told before as an event: its diff is known."""
        return ToolCall(self.title, call_id, self.kind, state, self.paths, output=cut(output))


def tool_use(name: str, arguments: Mapping[str, Any], root: Path) -> ToolUse:
    """Return how the use of the tool *name* is told; paths below *root* are told from there."""
    kind = kind_of(name)
    path = _first(arguments, _PATHS)
    command = _command(arguments)
    diff = cut(_diff(arguments, _short(path, root))) if kind is ToolKind.EDIT else ""
    detail = command or diff or _plain(arguments)
    return ToolUse(
        title=_title(name, kind, _short(path, root), command, arguments),
        kind=kind,
        paths=(harmless_text(path),) if path else (),
        diff=diff,
        detail=cut(detail),
    )


def kind_of(name: str) -> ToolKind:
    """Return what a tool does by its name; a tool of a server of its own is OTHER."""
    lowered = name.lower()
    return _KIND_OF.get(lowered) or _KIND_OF.get(lowered.rpartition(".")[2], ToolKind.OTHER)


def cut(text: str) -> str:
    """Return *text* harmless and no longer than what is kept."""
    if len(text) > TEXT_LIMIT:
        text = f"{text[:TEXT_LIMIT]}\n… [{len(text) - TEXT_LIMIT} characters cut]"
    return harmless_text(text)


def one_line(text: str) -> str:
    """Return the first line of *text* as a title."""
    stripped = text.strip()
    line, _, more = stripped.partition("\n")
    line = harmless_text(line.strip())
    if len(line) >= TITLE_LIMIT:
        return line[: TITLE_LIMIT - 1] + "…"
    return f"{line} …" if more.strip() else line


def _title(name: str, kind: ToolKind, path: str, command: str, arguments: Mapping[str, Any]) -> str:
    if kind is ToolKind.EXECUTE and command:
        return one_line(f"run {command}")
    verb = _VERBS.get(kind, "")
    if kind is ToolKind.EDIT and _first(arguments, _WHOLE):
        verb = "write"
    said = path or _first(arguments, _WANTED)
    if kind is ToolKind.SEARCH:
        said = _first(arguments, _WANTED) or path
    if verb and said:
        return one_line(f"{verb} {said}")
    shown = name.removeprefix("mcp__").replace("__", ": ")
    return one_line(f"{shown} {command or said}".strip()) or "a tool"


def _short(path: str, root: Path) -> str:
    place = PurePath(path)
    if path and place.is_absolute() and place.is_relative_to(root):
        return str(place.relative_to(root))
    return path


def _first(arguments: Mapping[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        value = arguments.get(name)
        if isinstance(value, str) and value:
            return value
    return ""


def _command(arguments: Mapping[str, Any]) -> str:
    for name in _COMMANDS:
        value = arguments.get(name)
        if isinstance(value, list):
            return " ".join(str(word) for word in value)
        if isinstance(value, str) and value:
            return value
    return ""


def _diff(arguments: Mapping[str, Any], path: str) -> str:
    whole = _first(arguments, _WHOLE)
    if whole:
        return _unified(path, "", whole)
    edits = arguments.get("edits")
    found = edits if isinstance(edits, list) else [arguments]
    parts = [
        _unified(path, _first(edit, _OLD), _first(edit, _NEW))
        for edit in found
        if isinstance(edit, dict)
    ]
    return "".join(part for part in parts if part)


def _unified(path: str, old: str, new: str) -> str:
    if not old and not new:
        return ""
    before = [*old[:TEXT_LIMIT].splitlines()]
    after = [*new[:TEXT_LIMIT].splitlines()]
    lines = difflib.unified_diff(before, after, f"a/{path}", f"b/{path}", lineterm="")
    return "".join(f"{line}\n" for line in lines)


def _plain(arguments: Mapping[str, Any]) -> str:
    return json.dumps(arguments, ensure_ascii=False, indent=1) if arguments else ""
