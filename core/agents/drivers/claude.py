"""Claude Code, by its stream-json both ways: one process, many turns, permissions asked."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from core.agents.child import ChildSession, program_problem
from core.agents.claude_asking import Asking
from core.agents.claude_reader import ClaudeReader
from core.agents.driver import DriverUnavailable
from core.agents.invocation import invocation, program_of
from core.agents.json_lines import LONGEST, Json, parse_line, table_of, text_of
from core.agents.last_words import LastWords
from core.domain.agent_event import ProcessOutput, TurnEnded, TurnOutcome

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from core.agents.driver import LaunchSpec
    from core.domain.agent_event import AgentEvent
    from core.processes.identity import ProcessIdentity

_PROTOCOL: Final = (
    "-p", "--verbose", "--input-format", "stream-json", "--output-format", "stream-json",
    "--permission-prompt-tool", "stdio", "--replay-user-messages",
)  # fmt: skip
_CANCELLED: Final = "The turn was taken back."


class ClaudeSession:
    """A conversation with Claude Code; satisfies `AgentSession`."""

    def __init__(self, child: ChildSession, reader: ClaudeReader, asking: Asking) -> None:
        self._child = child
        self._output = child.events()
        self._reader = reader
        self._asking = asking
        self._ready: deque[AgentEvent] = deque()
        self._requests = 1  # the first was to begin
        self._unheard: set[str] = set()
        self._in_turn = True
        self._cancelling = False
        self._gone = False
        self._last_words = LastWords()

    @property
    def agent(self) -> ProcessIdentity:
        """Return who the process is: the same for all turns."""
        return self._child.agent

    @property
    def takes_words(self) -> bool:
        """Whether the process is there to listen."""
        return not self._gone

    async def events(self) -> AsyncIterator[AgentEvent]:
        """Yield what it says in this turn, until and including `TurnEnded`."""
        while True:
            while self._ready:
                event = self._ready.popleft()
                yield event
                if isinstance(event, TurnEnded):
                    return
            await self._take(await anext(self._output))

    async def say(self, text: str) -> None:
        """Begin the next turn.

        Raises:
            DriverUnavailable: The process has ended.
        """
        if self._gone:
            raise DriverUnavailable("Claude Code has ended and hears nothing any more.")
        self._reader.begin_turn()
        await self._child.send(_message(text, str(uuid4())))
        self._in_turn = True

    async def steer(self, text: str) -> bool:
        """Put words into the turn; what comes too late for it goes on as part of the same turn."""
        if not self._in_turn or self._cancelling:
            return False
        name = str(uuid4())
        self._unheard.add(name)
        if await self._sent(_message(text, name)):
            return True
        self._unheard.discard(name)
        return False

    async def answer(self, token: str, answer: str) -> bool:
        """Answer a permission by an option, or a question by words; False when it is not open."""
        reply = self._asking.answer(token, answer)
        return reply is not None and await self._sent(reply)

    async def cancel(self) -> bool:
        """Interrupt the turn; the process goes on and takes further words."""
        if not self._in_turn or self._gone:
            return False
        self._cancelling = True
        return await self._interrupt()

    async def close(self) -> None:
        """Close its input, at which it ends, and wait for that."""
        self._gone = True
        await self._child.close()
        await self._output.aclose()  # type: ignore[attr-defined]

    async def _take(self, event: AgentEvent) -> None:
        if isinstance(event, TurnEnded):
            self._gone = True
            self._ready.append(self._end_of_process(event))
        elif isinstance(event, ProcessOutput) and event.stream == "stdout":
            for line in event.lines:
                self._ready.extend(await self._read(line))
        else:
            if isinstance(event, ProcessOutput):
                self._last_words.take(event.lines)
            self._ready.append(event)

    async def _read(self, line: str) -> list[AgentEvent]:
        told = parse_line(line)
        if told is None:
            return [ProcessOutput("stdout", (line,))] if line else []
        match text_of(told, "type"):
            case "control_request":
                return await self._asked(told)
            case "control_cancel_request":
                self._asking.forget(text_of(told, "request_id"))
                return []
            case "user":
                self._unheard.discard(text_of(told, "uuid"))  # it tells back what it takes up
        found = [event for raw in self._reader.read(told) if (event := self._judged(raw))]
        if self._reader.given_up and self._in_turn:
            await self._interrupt()
        return found

    def _judged(self, event: AgentEvent) -> AgentEvent | None:
        """Return the event; None for the end of a turn that goes on, for words wait in it."""
        if not isinstance(event, TurnEnded):
            return event
        if self._unheard and event.outcome is TurnOutcome.DONE and not self._cancelling:
            self._reader.begin_turn()
            return None
        self._in_turn = False
        self._unheard.clear()
        self._reader.given_up = ""
        self._asking.clear()
        if self._cancelling:
            self._cancelling = False
            return TurnEnded(TurnOutcome.CANCELLED, reason=_CANCELLED, denied=event.denied)
        return event

    async def _asked(self, told: Json) -> list[AgentEvent]:
        """Return a request for leave as an event; refuse what this driver does not know."""
        asked = self._asking.asked(told)
        if asked is None:
            name = text_of(table_of(told, "request"), "subtype")
            await self._sent(_refusal(text_of(told, "request_id"), f"No {name} here."))
            return []
        return [asked]

    def _end_of_process(self, end: TurnEnded) -> TurnEnded:
        if self._cancelling:
            return TurnEnded(TurnOutcome.CANCELLED, end.exit_code, _CANCELLED)
        found = self._reader.ended(end)
        if found.outcome is TurnOutcome.FAILED:
            return replace(found, reason=f"{found.reason}{self._last_words.tell()}")
        return found

    async def _interrupt(self) -> bool:
        self._requests += 1
        return await self._sent(_request(f"weft-{self._requests}", {"subtype": "interrupt"}))

    async def _sent(self, text: str) -> bool:
        if self._gone:
            return False
        try:
            await self._child.send(text)
        except DriverUnavailable:
            return False
        return True


class ClaudeDriver:
    """Starts Claude Code so that it talks JSON on both sides."""

    name = "claude"
    can_ask = True

    def problem(self, command: tuple[str, ...], path: str | None) -> str:
        """Return why *command* cannot be started, or nothing."""
        return program_problem(command, path)

    async def start(self, spec: LaunchSpec) -> ClaudeSession:
        """Start it in the worktree and give it the prompt.

        Raises:
            DriverUnavailable: The program is missing or refuses to start.
        """
        if program_of(spec) is None:
            spec = replace(spec, program=self.name)
        started = invocation(spec)
        argv = [*started.argv, *_PROTOCOL]
        if spec.session:
            argv += ["--resume", spec.session]
        child = await ChildSession.start(
            argv,
            worktree=spec.worktree,
            environment=started.environment,
            stdin=_request("weft-1", {"subtype": "initialize"})
            + _message(spec.prompt, str(uuid4())),
            keep_input=True,
            longest=LONGEST,
        )
        return ClaudeSession(child, ClaudeReader(spec.worktree), Asking(spec.worktree))


def _line(told: dict[str, Any]) -> str:
    return json.dumps(told) + "\n"


def _message(text: str, name: str) -> str:
    content = [{"type": "text", "text": text.replace("\0", "")}]
    message = {"role": "user", "content": content}
    return _line({"type": "user", "uuid": name, "message": message})


def _request(request_id: str, request: dict[str, Any]) -> str:
    return _line({"type": "control_request", "request_id": request_id, "request": request})


def _refusal(request_id: str, why: str) -> str:
    response = {"subtype": "error", "request_id": request_id, "error": why}
    return _line({"type": "control_response", "response": response})
