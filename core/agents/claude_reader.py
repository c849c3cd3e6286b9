"""What programs of Claude Code's stream-json say: Claude Code itself, and Qwen Code after it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from core.agents.json_lines import (
    Json,
    amount_of,
    count_of,
    list_of,
    table_of,
    text_of,
    value_of,
)
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
    ToolState,
    TurnEnded,
    TurnOutcome,
    Unrecognized,
    UsageReported,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_OVERLOADED: Final = frozenset({429, 503, 529})
_NO_ENTRY: Final = frozenset({401, 403})
_MOST_TRIES_WITHOUT_ENTRY: Final = 2
"""A key that was refused twice is not taken the tenth time, a minute later."""
_QUIET: Final = frozenset({
    "stream_event", "control_response", "keep_alive", "tool_progress", "command_lifecycle",
})  # fmt: skip
_QUIET_SYSTEM: Final = frozenset({
    "status", "compact_boundary", "hook_started", "hook_response", "task_started",
    "task_progress", "task_updated", "task_notification",
})  # fmt: skip
_ENDS: Final = {
    "error_max_turns": "It reached its greatest number of turns.",
    "error_max_budget_usd": "It reached its own budget.",
}
_NO_RESULT: Final = "It ended in the midst of its turn, without a result."
_API_ERROR: Final = re.compile(r"\[API Error: .*\]\s*\Z", re.DOTALL)
"""Qwen Code ends well after an error of its provider, with this as its last words."""


class ClaudeReader:
    """Reads one session, over all its turns.

    Attributes:
        session: Its id.
        given_up: A sentence once its provider does not let it in, else empty.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self.session = ""
        self.given_up = ""
        self._model = ""
        self._uses: dict[str, ToolUse] = {}
        self._plan: dict[str, tuple[str, PlanState]] = {}
        self._input = self._cached = self._output = 0
        self._counted: set[str] = set()
        self._result: TurnEnded | None = None

    def read(self, told: Json) -> Iterator[AgentEvent]:
        """Yield what one line says; the line that ends a turn yields `TurnEnded`."""
        match text_of(told, "type"):
            case "system":
                yield from self._system(told)
            case "assistant":
                yield from self._assistant(told)
            case "user":
                yield from self._results(told)
            case "result":
                yield from self._ended(told)
            case "rate_limit_event":
                yield from _limit(table_of(told, "rate_limit_info"))
            case kind if kind not in _QUIET:
                yield Unrecognized(cut(json.dumps(told)))

    def begin_turn(self) -> None:
        """Forget how the turn before ended: this one has to tell its own end."""
        self._result = None

    def ended(self, end: TurnEnded) -> TurnEnded:
        """Return how a turn ended whose process ended too."""
        result, self._result = self._result, None
        if result is None:
            if end.outcome is not TurnOutcome.DONE:
                return end
            return TurnEnded(TurnOutcome.FAILED, end.exit_code, _NO_RESULT)
        if result.outcome is not TurnOutcome.DONE:
            return result
        if end.outcome is TurnOutcome.DONE:
            return TurnEnded(TurnOutcome.DONE, end.exit_code, "", result.denied)
        return TurnEnded(end.outcome, end.exit_code, end.reason, result.denied)

    def _system(self, told: Json) -> Iterator[AgentEvent]:
        kind = text_of(told, "subtype")
        if kind == "init":
            model = text_of(told, "model")
            if (self.session, self._model) != (text_of(told, "session_id"), model):
                self.session, self._model = text_of(told, "session_id"), model
                yield SessionStarted(self.session, model)
        elif kind == "api_retry":
            yield from self._retry(told)
        elif kind not in _QUIET_SYSTEM:
            yield Unrecognized(cut(json.dumps(told)))

    def _retry(self, told: Json) -> Iterator[AgentEvent]:
        status, attempt = count_of(told, "error_status"), count_of(told, "attempt")
        wait_s = (amount_of(told, "retry_delay_ms") or 0.0) / 1000
        why = f"{status or ''} {text_of(told, 'error')}".strip()
        said = f"The provider answered {why}; try {attempt} of {count_of(told, 'max_retries')}."
        if status in _OVERLOADED:
            yield RateLimited(said, datetime.now(UTC) + timedelta(seconds=wait_s))
        else:
            yield ProcessOutput("stderr", (said,))
        if status in _NO_ENTRY and attempt >= _MOST_TRIES_WITHOUT_ENTRY:
            self.given_up = f"The provider does not let it in: {why}."

    def _assistant(self, told: Json) -> Iterator[AgentEvent]:
        inner = value_of(told, "parent_tool_use_id") is not None  # a helper of the agent's own
        for part in list_of(told, "message", "content"):
            match text_of(part, "type"):
                case "text" | "thinking" as kind if text := text_of(part, kind):
                    yield MessageChunk(harmless_text(text), thought=inner or kind == "thinking")
                case "tool_use":
                    yield from self._begun(part)
        yield from self._spent(table_of(told, "message"))

    def _begun(self, part: Json) -> Iterator[AgentEvent]:
        name, arguments = text_of(part, "name"), table_of(part, "input")
        use = tool_use(name, arguments, self._root)
        self._uses[text_of(part, "id")] = use
        if self._planned(name.lower(), arguments):
            yield PlanChanged(tuple(self._plan.values()))
        else:
            yield use.call(text_of(part, "id"), ToolState.RUNNING)

    def _planned(self, name: str, arguments: Json) -> bool:
        """Take a use of one of the tools by which it keeps its plan; False for any other."""
        if name in ("todowrite", "todo_write"):
            todos = list_of(arguments, "todos")
            self._plan = {
                str(number): (one_line(text_of(todo, "content")), _state(text_of(todo, "status")))
                for number, todo in enumerate(todos)
            }
        elif name == "taskcreate":
            words = one_line(text_of(arguments, "subject"))
            self._plan[str(len(self._plan) + 1)] = (words, PlanState.PENDING)
        elif name == "taskupdate" and text_of(arguments, "taskId") in self._plan:
            key, status = text_of(arguments, "taskId"), text_of(arguments, "status")
            if status:
                self._plan[key] = (self._plan[key][0], _state(status))
        else:
            return False
        return True

    def _results(self, told: Json) -> Iterator[AgentEvent]:
        for part in list_of(told, "message", "content"):
            if text_of(part, "type") != "tool_result":
                continue
            call = text_of(part, "tool_use_id")
            use = self._uses.pop(call, None)
            if use is None:
                continue
            failed = value_of(part, "is_error") is True
            state = ToolState.FAILED if failed else ToolState.DONE
            yield use.ended(call, state, _words(value_of(part, "content")))

    def _spent(self, message: Json) -> Iterator[AgentEvent]:
        """Tell what the session has used at least, while the turn goes on."""
        usage, name = table_of(message, "usage"), text_of(message, "id")
        if name in self._counted or not _input(usage):
            return
        self._counted.add(name)
        self._input += _input(usage)
        self._cached += count_of(usage, "cache_read_input_tokens")
        self._output += count_of(usage, "output_tokens")
        yield UsageReported(self._input, self._output, self._cached, model=self._model)

    def _ended(self, told: Json) -> Iterator[AgentEvent]:
        self.session = text_of(told, "session_id") or self.session
        self._uses.clear()
        if usage := self._total(told):
            yield usage
        denied = tuple(self._denial(one) for one in list_of(told, "permission_denials"))
        status = count_of(told, "api_error_status")
        said = text_of(told, "result")
        broken = _API_ERROR.search(said)
        failed = value_of(told, "is_error") is True or broken is not None
        if failed and (status in _OVERLOADED or "429" in said[:40]):
            yield RateLimited(one_line(said))
        end = TurnEnded(TurnOutcome.DONE, denied=denied)
        if failed:
            reason = self.given_up or (f"{one_line(broken[0])}." if broken else _reason(told))
            end = TurnEnded(TurnOutcome.FAILED, reason=reason, denied=denied)
        self._result = end
        yield end

    def _total(self, told: Json) -> UsageReported | None:
        """Return what the process has used in all; each model's figures are totals already."""
        models = [table for table in table_of(told, "modelUsage").values() if table]
        if models:
            cached = sum(count_of(model, "cacheReadInputTokens") for model in models)
            written = sum(count_of(model, "cacheCreationInputTokens") for model in models)
            self._input = sum(count_of(model, "inputTokens") for model in models) + cached + written
            self._cached = cached
            self._output = sum(count_of(model, "outputTokens") for model in models)
        elif not self._input:
            usage = table_of(told, "usage")
            self._input, self._cached = _input(usage), count_of(usage, "cache_read_input_tokens")
            self._output = count_of(usage, "output_tokens")
        if not self._input:
            return None
        cost = amount_of(told, "total_cost_usd")
        return UsageReported(self._input, self._output, self._cached, cost, self._model)

    def _denial(self, denial: Json) -> str:
        name, arguments = text_of(denial, "tool_name"), table_of(denial, "tool_input")
        return tool_use(name, arguments, self._root).title


def _state(status: str) -> PlanState:
    try:
        return PlanState(status)
    except ValueError:
        return PlanState.PENDING


def _input(usage: Json) -> int:
    """Return the whole prompt side: this format tells what was cached apart."""
    names = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    return sum(count_of(usage, name) for name in names)


def _words(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "\n".join(text_of(part, "text") for part in parts if text_of(part, "text"))


def _reason(told: Json) -> str:
    kind = text_of(told, "subtype")
    if kind in _ENDS:
        return _ENDS[kind]
    errors = [one for one in list_of(told, "errors") if isinstance(one, str)]
    said = one_line(" ".join(errors) or text_of(told, "result") or kind)
    return said if said.endswith(".") else f"{said}."


def _limit(limit: Json) -> Iterator[AgentEvent]:
    if text_of(limit, "status") != "rejected":
        return
    until = amount_of(limit, "resetsAt")
    kind = text_of(limit, "rateLimitType").replace("_", " ")
    again = datetime.fromtimestamp(until, UTC) if until and until < 1e11 else None
    yield RateLimited(f"Its limit is used up ({kind}).", again)
