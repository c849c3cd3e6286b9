"""A real child process that does what a JSON script says; it serves the demo and the tests.

The profile's command is the script's file. See `core.agents.scripted_agent` for the steps.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from core.agents.child import ChildSession, fill_command
from core.agents.driver import DriverUnavailable
from core.domain.agent_event import (
    MessageChunk,
    PermissionAsked,
    PlanChanged,
    PlanState,
    ProcessOutput,
    RateLimited,
    SessionStarted,
    ToolCall,
    ToolKind,
    ToolState,
    TurnEnded,
    TurnOutcome,
    Unrecognized,
    UsageReported,
)
from core.domain.question import OptionKind, QuestionOption
from core.processes.programs import script_command

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from core.agents.driver import LaunchSpec
    from core.domain.agent_event import AgentEvent
    from core.processes.identity import ProcessIdentity

AGENT: Final = Path(__file__).parents[1] / "scripted_agent.py"
"""A program of its own, not imported: it would lie in the memory of each runner."""
PREFIX: Final = "\u2301weft "
"""Begins a line that is an event of the scripted agent's own format: JSON `[kind, text]`."""
_DENYING = frozenset({OptionKind.DENY, OptionKind.DENY_ALWAYS})


class ScriptedSession:
    """A scripted agent: its own lines become events, the rest is output."""

    def __init__(self, child: ChildSession) -> None:
        self._child = child
        self._said = _told(child.events())
        self._open: dict[str, PermissionAsked] = {}
        self._denied: list[str] = []
        self._steerable = False
        self._waits = False

    @property
    def agent(self) -> ProcessIdentity:
        """Return who the process is."""
        return self._child.agent

    @property
    def takes_words(self) -> bool:
        """Whether the script ended a turn and waits for what is said next."""
        return self._waits

    async def events(self) -> AsyncIterator[AgentEvent]:
        """Yield what it says, until and including `TurnEnded`."""
        async for event in self._said:
            match event:
                case TurnEnded(exit_code=status):
                    self._waits = status is None
                    denied = (*event.denied, *self._denied)
                    self._denied.clear()
                    self._open.clear()
                    yield replace(event, denied=denied)
                    return
                case PermissionAsked(token):
                    self._open[token] = event
                case Unrecognized(raw) if raw == _STEERABLE:
                    self._steerable = True
                    continue
            yield event

    async def say(self, text: str) -> None:
        """Begin the next turn.

        Raises:
            DriverUnavailable: The script has ended.
        """
        if not self._waits:
            raise DriverUnavailable("The script waits for no words.")
        self._waits = False
        await self._send("say", text)

    async def steer(self, text: str) -> bool:
        """Put words into the turn, if the script is steerable."""
        if not self._steerable:
            return False
        try:
            await self._send("steer", text)
        except DriverUnavailable:
            return False
        return True

    async def answer(self, token: str, answer: str) -> bool:
        """Answer what it asked; False when it does not wait for that."""
        asked = self._open.pop(token, None)
        if asked is None:
            return False
        if any(option.id == answer and option.kind in _DENYING for option in asked.options):
            self._denied.append(asked.title)
        try:
            await self._send("answer", [token, answer])
        except DriverUnavailable:
            return False
        return True

    async def cancel(self) -> bool:
        """Take the turn back."""
        try:
            await self._send("cancel", True)
        except DriverUnavailable:
            return False
        return True

    async def close(self) -> None:
        """Let the script end, if it only waits for words."""
        await self._child.close()

    async def _send(self, kind: str, value: object) -> None:
        await self._child.send(json.dumps({kind: value}) + "\n")


class ScriptedDriver:
    """Runs `core.agents.scripted_agent` with the profile's script."""

    name = "scripted"
    can_ask = True

    def problem(self, command: tuple[str, ...], path: str | None) -> str:
        """Return why there is no script to follow, or nothing."""
        del path
        if len(command) != 1:
            return "A scripted profile's command is exactly one file: the script."
        fixed = Path(command[0])
        if "{" not in command[0] and fixed.is_absolute() and not fixed.is_file():
            return f"The script {fixed} is not there."
        return ""

    async def start(self, spec: LaunchSpec) -> ScriptedSession:
        """Start the script in the worktree; a relative name is looked for there.

        Raises:
            DriverUnavailable: There is no such script.
        """
        values = {"task": spec.task, "worktree": str(spec.worktree), "prompt": ""}
        script = spec.worktree.joinpath(*fill_command(spec.command, values))
        if not script.is_file():
            raise DriverUnavailable(f"The script {script} is not there.")
        child = await ChildSession.start(
            [*spec.wrap, *script_command(AGENT, str(script))],
            worktree=spec.worktree,
            environment=spec.environment,
            stdin=json.dumps({"prompt": spec.prompt}) + "\n",
            keep_input=True,
        )
        return ScriptedSession(child)


async def _told(said: AsyncIterator[AgentEvent]) -> AsyncIterator[AgentEvent]:
    async for event in said:
        if isinstance(event, ProcessOutput) and event.stream == "stdout":
            for told in told_by(event.lines):
                yield told
        else:
            yield event


def told_by(lines: tuple[str, ...]) -> Iterator[AgentEvent]:
    """Turn lines of a scripted agent into events; runs of plain lines stay together."""
    plain: list[str] = []
    for line in lines:
        event = _parse(line)
        if event is None:
            plain.append(line)
            continue
        if plain:
            yield ProcessOutput("stdout", tuple(plain))
            plain = []
        yield event
    if plain:
        yield ProcessOutput("stdout", tuple(plain))


def _parse(line: str) -> AgentEvent | None:
    if not line.startswith(PREFIX):
        return None
    try:
        kind, what = json.loads(line.removeprefix(PREFIX))
    except (ValueError, TypeError):
        return None
    read = _READERS.get(str(kind))
    if read is None:
        return Unrecognized(line)
    try:
        return read(what)
    except (ValueError, TypeError, LookupError, AttributeError):  # of another shape than ours
        return Unrecognized(line)


def _tool(what: dict[str, Any]) -> ToolCall:
    return ToolCall(
        title=what["title"],
        id=what.get("id", ""),
        kind=ToolKind(what.get("kind", "other")),
        state=ToolState(what.get("state", "running")),
        paths=tuple(what.get("paths", ())),
        diff=what.get("diff", ""),
        output=what.get("output", ""),
    )


def _permission(what: dict[str, Any]) -> PermissionAsked:
    options = what.get("options", ())
    return PermissionAsked(
        token=what["token"],
        title=what["title"],
        kind=ToolKind(what.get("kind", "other")),
        detail=what.get("detail", ""),
        paths=tuple(what.get("paths", ())),
        options=tuple(QuestionOption(o["id"], o["label"], OptionKind(o["kind"])) for o in options),
    )


def _rate_limit(what: dict[str, Any]) -> RateLimited:
    wait = what.get("seconds")
    until = None if wait is None else datetime.now(UTC) + timedelta(seconds=wait)
    return RateLimited(what["reason"], until)


def _turn(what: dict[str, Any]) -> TurnEnded:
    return TurnEnded(
        TurnOutcome(what["outcome"]),
        reason=what.get("reason", ""),
        denied=tuple(what.get("denied", ())),
    )


_STEERABLE = "steerable"
_READERS: dict[str, Callable[[Any], AgentEvent]] = {
    "message": lambda text: MessageChunk(str(text)),
    "thought": lambda text: MessageChunk(str(text), thought=True),
    "tool": _tool,
    "plan": lambda entries: PlanChanged(
        tuple((words, PlanState(state)) for words, state in entries)
    ),
    "session": lambda what: SessionStarted(**what),
    "usage": lambda what: UsageReported(**what),
    "permission": _permission,
    "rate_limit": _rate_limit,
    "steerable": lambda _: Unrecognized(_STEERABLE),
    "turn": _turn,
}
