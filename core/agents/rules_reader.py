"""JSON lines read by rules that are data: `resources/agents/streams.toml` says how."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from core.agents.lines import harmless_text
from core.agents.tool_calls import ToolUse, cut, one_line, tool_use
from core.domain.agent_event import (
    AgentEvent,
    MessageChunk,
    ProcessOutput,
    SessionStarted,
    ToolState,
    TurnEnded,
    TurnOutcome,
    Unrecognized,
    UsageReported,
)
from resources.access import read_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from core.agents.json_lines import Json

_STREAMS: Final = "agents/streams.toml"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: a line that fits says *tell*, with what is found at *places*."""

    when: tuple[tuple[tuple[str, ...], Any], ...]
    starts: tuple[tuple[tuple[str, ...], str], ...]
    each: tuple[str, ...]
    tell: str
    adds: bool
    places: Mapping[str, tuple[tuple[str, ...], ...]]

    def fits(self, told: Json) -> bool:
        """Whether this rule speaks of *told*."""
        return all(_at(told, path) == [value] for path, value in self.when) and all(
            _text(told, (path,)).startswith(begun) for path, begun in self.starts
        )

    def found(self, told: Json) -> Iterator[Found]:
        """Yield what there is to take: from the line, or from each element of its list."""
        elements = [told]
        if self.each:
            listed = _at(told, self.each)
            elements = listed[0] if listed and isinstance(listed[0], list) else []
        for element in elements:
            if isinstance(element, dict):
                yield Found(element, self.places)


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule takes from one object."""

    told: Json
    places: Mapping[str, tuple[tuple[str, ...], ...]]

    def text(self, name: str) -> str:
        """Return the words at the first of the places of *name* that holds any."""
        return _text(self.told, self.places.get(name, ()))

    def total(self, name: str) -> float | None:
        """Return the sum of the numbers at the places of *name*; None when there is none."""
        numbers = [
            value
            for place in self.places.get(name, ())
            for value in _at(self.told, place)
            if isinstance(value, int | float)
        ]
        return sum(numbers) if numbers else None

    def table(self, name: str) -> Json:
        """Return the object at *name*, also when it is written as JSON in a text."""
        values = [value for place in self.places.get(name, ()) for value in _at(self.told, place)]
        value = values[0] if values else None
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                return {}
        return value if isinstance(value, dict) else {}


class RulesReader:
    """Reads one session of a program by its rules, over all its turns."""

    def __init__(self, name: str, root: Path) -> None:
        self._root = root
        self._rules, self._must_say_done = _stream(name)
        self.session = ""
        self.given_up = ""
        self._uses: dict[str, ToolUse] = {}
        self._totals: dict[str, float] = {}
        self._before: dict[str, float] = {}
        self._is_done = False
        self._failure = ""
        self._trouble = ""
        self._denied: list[str] = []

    def read(self, told: Json) -> Iterator[AgentEvent]:
        """Yield what one line says."""
        known = False
        for rule in self._rules:
            if rule.fits(told):
                known = known or bool(rule.when)
                for found in rule.found(told):
                    yield from _TELL[rule.tell](self, rule, found)
        if not known:
            yield Unrecognized(cut(json.dumps(told)))

    def ended(self, end: TurnEnded) -> TurnEnded:
        """Return how the turn ended."""
        denied, failure, trouble = tuple(self._denied), self._failure, self._trouble
        is_done = self._is_done or not self._must_say_done
        self._denied, self._failure, self._trouble, self._is_done = [], "", "", False
        self._before = dict(self._totals)
        if failure:
            return TurnEnded(TurnOutcome.FAILED, end.exit_code, _sentence(failure), denied)
        if end.outcome is not TurnOutcome.DONE:
            said = f"{end.reason} It said: {_sentence(trouble)}" if trouble else end.reason
            return TurnEnded(end.outcome, end.exit_code, said, denied)
        if not is_done:
            reason = "It ended in the midst of its turn, without saying that it is done."
            return TurnEnded(TurnOutcome.FAILED, end.exit_code, reason, denied)
        return TurnEnded(TurnOutcome.DONE, end.exit_code, "", denied)

    def _session(self, _rule: Rule, found: Found) -> Iterator[AgentEvent]:
        told = found.text("id")
        if told and told != self.session:
            self.session = told
            yield SessionStarted(told, found.text("model"))

    def _message(self, rule: Rule, found: Found) -> Iterator[AgentEvent]:
        if text := harmless_text(found.text("text")):
            yield MessageChunk(text, thought=rule.tell == "thought")

    def _tool(self, _rule: Rule, found: Found) -> Iterator[AgentEvent]:
        use = tool_use(found.text("name"), found.table("arguments"), self._root)
        self._uses[found.text("id")] = use
        yield use.call(found.text("id"), ToolState.RUNNING)

    def _tool_ended(self, rule: Rule, found: Found) -> Iterator[AgentEvent]:
        call = found.text("id")
        begun, name = self._uses.pop(call, None), found.text("name")
        state = ToolState.FAILED if rule.tell == "tool_failed" else ToolState.DONE
        if begun is not None:
            yield begun.ended(call, state, found.text("output"))
        elif name:
            use = tool_use(name, found.table("arguments"), self._root)
            yield use.call(call, state, found.text("output"))

    def _usage(self, rule: Rule, found: Found) -> Iterator[AgentEvent]:
        for name in ("input", "output", "cached", "cost"):
            told = found.total(name)
            if told is not None:
                below = self._totals if rule.adds else self._before
                self._totals[name] = below.get(name, 0.0) + told
        if self._totals:
            yield UsageReported(
                input_tokens=self._whole("input"),
                output_tokens=self._whole("output"),
                cached_tokens=self._whole("cached"),
                cost_usd=self._totals.get("cost") or None,
            )

    def _whole(self, name: str) -> int | None:
        return int(self._totals[name]) if name in self._totals else None

    def _refused(self, _rule: Rule, found: Found) -> Iterator[AgentEvent]:
        self._denied.append(
            tool_use(found.text("name"), found.table("arguments"), self._root).title
        )
        return iter(())

    def _failed(self, _rule: Rule, found: Found) -> Iterator[AgentEvent]:
        self._failure = found.text("reason") or "It failed and did not say why"
        return iter(())

    def _troubled(self, _rule: Rule, found: Found) -> Iterator[AgentEvent]:
        self._trouble = found.text("reason")
        yield ProcessOutput("stderr", (one_line(self._trouble),))

    def _done(self, _rule: Rule, _found: Found) -> Iterator[AgentEvent]:
        self._is_done = True
        return iter(())

    def _nothing(self, _rule: Rule, _found: Found) -> Iterator[AgentEvent]:
        return iter(())


_TELL: Final[Mapping[str, Callable[[RulesReader, Rule, Found], Iterator[AgentEvent]]]] = {
    "session": RulesReader._session,
    "message": RulesReader._message,
    "thought": RulesReader._message,
    "tool": RulesReader._tool,
    "tool_done": RulesReader._tool_ended,
    "tool_failed": RulesReader._tool_ended,
    "usage": RulesReader._usage,
    "denied": RulesReader._refused,
    "failure": RulesReader._failed,
    "trouble": RulesReader._troubled,
    "done": RulesReader._done,
    "nothing": RulesReader._nothing,
}


@cache
def _stream(name: str) -> tuple[tuple[Rule, ...], bool]:
    table = tomllib.loads(read_text(_STREAMS))[name]
    return tuple(_rule(raw) for raw in table["rules"]), table["ends"]


def _rule(raw: Mapping[str, Any]) -> Rule:
    known = ("when", "starts", "each", "tell", "adds")
    places = {
        name: tuple(_path(one) for one in ([value] if isinstance(value, str) else value))
        for name, value in raw.items()
        if name not in known
    }
    return Rule(
        when=tuple((_path(path), value) for path, value in raw["when"].items()),
        starts=tuple((_path(path), value) for path, value in raw.get("starts", {}).items()),
        each=_path(raw["each"]) if "each" in raw else (),
        tell=raw["tell"],
        adds=raw.get("adds", False),
        places=places,
    )


def _path(text: str) -> tuple[str, ...]:
    return tuple(text.split("."))


def _at(told: object, path: tuple[str, ...]) -> list[Any]:
    """Return what is at *path*: one value, none, or with `*` as many as the lists hold."""
    found = [told]
    for name in path:
        if name == "*":
            found = [one for value in found if isinstance(value, list) for one in value]
        else:
            found = [value[name] for value in found if isinstance(value, dict) and name in value]
    return found


def _text(told: Json, places: tuple[tuple[str, ...], ...]) -> str:
    for place in places:
        words = [value for value in _at(told, place) if isinstance(value, str)]
        if words:
            return "\n".join(words)
    return ""


def _sentence(text: str) -> str:
    line = one_line(text)
    return line if line.endswith((".", "!", "?")) else f"{line}."
