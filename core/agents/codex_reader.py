"""What `codex exec --json` says."""

from __future__ import annotations

import json
import shlex
import time
from typing import TYPE_CHECKING, Any, Final

from core.agents.codex_rollout import NOTHING, model_of, usage_in
from core.agents.json_lines import Json, list_of, table_of, text_of, value_of
from core.agents.lines import harmless_text
from core.agents.tool_calls import ToolUse, cut, one_line, tool_use
from core.domain.agent_event import (
    AgentEvent,
    MessageChunk,
    PlanChanged,
    PlanState,
    ProcessOutput,
    RateLimited,
    SessionStarted,
    ToolKind,
    ToolState,
    TurnEnded,
    TurnOutcome,
    Unrecognized,
    UsageReported,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NETWORK_PATIENCE_S: Final = 120.0
"""How long it may try to reach its provider; by itself it tries for ever."""
_STATES: Final = {
    "in_progress": ToolState.RUNNING,
    "completed": ToolState.DONE,
    "failed": ToolState.FAILED,
    "declined": ToolState.FAILED,
}
_SHELLS: Final = ("bash", "sh", "zsh")
_QUIET: Final = frozenset({"turn.started"})


class CodexReader:
    """Reads one thread, over all its turns.

    Attributes:
        session: Its thread.
        given_up: A sentence once it has tried to reach its provider for too long, else empty.
    """

    def __init__(
        self, root: Path, home: Path | None = None, before: UsageReported = NOTHING
    ) -> None:
        """Read the thread of an agent that works in *root*.

        Args:
            root: Its folder.
            home: Where Codex keeps its threads, for what it does not tell.
            before: What the thread had used before this run.
        """
        self._root = root
        self._home = home
        self._before = before
        self._model = ""
        self.session = ""
        self.given_up = ""
        self._failure = ""
        self._trouble = ""
        self._denied: list[str] = []
        self._cut_off_at: float | None = None

    def read(self, told: Json) -> Iterator[AgentEvent]:
        """Yield what one line says."""
        kind = text_of(told, "type")
        if kind != "error":
            self._cut_off_at = None
        match kind:
            case "thread.started":
                self.session = text_of(told, "thread_id")
                yield SessionStarted(self.session)
            case "item.started" | "item.updated" | "item.completed":
                yield from self._item(table_of(told, "item"), completed=kind == "item.completed")
            case "turn.completed":
                yield self._used(usage_in(table_of(told, "usage")))
            case "turn.failed":
                self._failure = text_of(told, "error", "message") or "unknown"
            case "error":
                yield from self._error(text_of(told, "message"))
            case _ if kind not in _QUIET:
                yield Unrecognized(cut(json.dumps(told)))

    def ended(self, end: TurnEnded) -> TurnEnded:
        """Return how the turn ended."""
        failure, denied = self._failure, tuple(self._denied)
        trouble, given_up = self._trouble, self.given_up
        self._failure = self._trouble = self.given_up = ""
        self._denied = []
        self._cut_off_at = None
        if given_up:
            return TurnEnded(TurnOutcome.FAILED, end.exit_code, given_up, denied)
        if failure:
            reason = f"Codex failed: {one_line(failure)}"
            return TurnEnded(TurnOutcome.FAILED, end.exit_code, reason, denied)
        if end.outcome is not TurnOutcome.DONE and trouble:
            reason = f"{end.reason} It said: {one_line(trouble)}"
            return TurnEnded(end.outcome, end.exit_code, reason, denied)
        return TurnEnded(end.outcome, end.exit_code, end.reason, denied)

    def _used(self, total: UsageReported) -> UsageReported:
        """Return what this run has used: Codex tells the totals of the whole thread."""
        self._model = self._model or model_of(self._home, self.session)
        return UsageReported(
            input_tokens=_less(total.input_tokens, self._before.input_tokens),
            output_tokens=_less(total.output_tokens, self._before.output_tokens),
            cached_tokens=_less(total.cached_tokens, self._before.cached_tokens),
            model=self._model,
        )

    def _error(self, message: str) -> Iterator[AgentEvent]:
        self._trouble = message
        yield ProcessOutput("stderr", (one_line(message),))
        if " 429" in message or "rate limit" in message.lower():
            yield RateLimited(one_line(message))
        if "econnecting" not in message:
            return
        now = time.monotonic()
        self._cut_off_at = self._cut_off_at or now
        if now - self._cut_off_at > NETWORK_PATIENCE_S:
            self.given_up = f"Codex cannot reach its provider: {one_line(message)}"

    def _item(self, item: Json, *, completed: bool) -> Iterator[AgentEvent]:
        match text_of(item, "type"):
            case "agent_message" | "reasoning" as kind:
                text = harmless_text(text_of(item, "text"))
                if completed and text:
                    yield MessageChunk(text, thought=kind == "reasoning")
            case "todo_list":
                yield _plan(item)
            case "error":
                yield ProcessOutput("stderr", (one_line(text_of(item, "message")),))
            case kind:
                yield from self._tool(kind, item, completed=completed)

    def _tool(self, kind: str, item: Json, *, completed: bool) -> Iterator[AgentEvent]:
        used = _USES.get(kind)
        if used is None:
            yield Unrecognized(cut(json.dumps(item)))
            return
        use = used(item, self._root)
        status = text_of(item, "status")
        state = _STATES.get(status, ToolState.DONE if completed else ToolState.RUNNING)
        if status == "declined":
            self._denied.append(use.title)
        yield use.call(text_of(item, "id"), state, _output(item))


def _output(item: Json) -> str:
    text = text_of(item, "aggregated_output") or text_of(item, "error", "message")
    parts = [text_of(part, "text") for part in list_of(item, "result", "content")]
    return text or "\n".join(part for part in parts if part)


def _command(item: Json, root: Path) -> ToolUse:
    return tool_use("shell", {"command": unwrapped(text_of(item, "command"))}, root)


def unwrapped(command: str) -> str:
    """Return what a shell is told to do, without the words that start the shell."""
    try:
        words = shlex.split(command)
    except ValueError:
        return command
    shell = len(words) == 3 and words[0].rpartition("/")[2] in _SHELLS
    return words[2] if shell and words[1] in ("-lc", "-c") else command


def _changes(item: Json, root: Path) -> ToolUse:
    changes = list_of(item, "changes")
    paths = tuple(text_of(change, "path") for change in changes)
    first = tool_use("edit", {"path": paths[0] if paths else ""}, root)
    title = first.title if len(paths) < 2 else f"{first.title} and {len(paths) - 1} more"
    told = "\n".join(f"{text_of(change, 'kind')} {text_of(change, 'path')}" for change in changes)
    return ToolUse(title, ToolKind.EDIT, paths, "", cut(told))


def _mcp(item: Json, root: Path) -> ToolUse:
    name = f"mcp__{text_of(item, 'server')}__{text_of(item, 'tool')}"
    return tool_use(name, table_of(item, "arguments"), root)


def _search(item: Json, root: Path) -> ToolUse:
    return tool_use("web_search", {"query": text_of(item, "query")}, root)


_USES: Final[dict[str, Any]] = {
    "command_execution": _command,
    "file_change": _changes,
    "mcp_tool_call": _mcp,
    "web_search": _search,
}


def _plan(item: Json) -> PlanChanged:
    return PlanChanged(
        tuple(
            (
                one_line(text_of(entry, "text")),
                PlanState.DONE if value_of(entry, "completed") is True else PlanState.PENDING,
            )
            for entry in list_of(item, "items")
        )
    )


def _less(total: int | None, before: int | None) -> int:
    return max(0, (total or 0) - (before or 0))
