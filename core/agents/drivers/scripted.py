"""A real child process that does what a JSON script says; it serves the demo and the tests.

The profile's command is the script's file. See `core.agents.scripted_agent` for the steps.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from core.agents import scripted_agent
from core.agents.child import ChildSession, fill_command
from core.agents.driver import DriverUnavailable
from core.domain.agent_event import MessageChunk, ProcessOutput, ToolCall, Unrecognized
from core.processes.programs import script_command

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from core.agents.driver import LaunchSpec
    from core.domain.agent_event import AgentEvent
    from core.processes.identity import ProcessIdentity


class ScriptedSession:
    """A scripted agent: its own lines become messages and tool calls, the rest is output."""

    def __init__(self, child: ChildSession) -> None:
        self._child = child

    @property
    def agent(self) -> ProcessIdentity:
        """Return who the process is."""
        return self._child.agent

    async def events(self) -> AsyncIterator[AgentEvent]:
        """Yield what it says, until and including `TurnEnded`."""
        async for event in self._child.events():
            if isinstance(event, ProcessOutput) and event.stream == "stdout":
                for told in told_by(event.lines):
                    yield told
            else:
                yield event

    @property
    def takes_words(self) -> bool:
        """Return False: a script has one turn."""
        return self._child.takes_words

    async def say(self, text: str) -> None:
        """Refuse: a script has one turn.

        Raises:
            DriverUnavailable: Always.
        """
        await self._child.say(text)

    async def steer(self, text: str) -> bool:
        """Return False: a script hears nothing."""
        return await self._child.steer(text)

    async def answer(self, token: str, answer: str) -> bool:
        """Return False: a script asks nothing."""
        return await self._child.answer(token, answer)

    async def cancel(self) -> bool:
        """Return False: a script knows only signals."""
        return await self._child.cancel()

    async def close(self) -> None:
        """Let go of the pipes and wait for the process."""
        await self._child.close()


class ScriptedDriver:
    """Runs `core.agents.scripted_agent` with the profile's script."""

    name = "scripted"
    can_ask = False

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
            script_command(Path(scripted_agent.__file__), str(script)),
            worktree=spec.worktree,
            environment=spec.environment,
            stdin=spec.prompt,
        )
        return ScriptedSession(child)


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
    if not line.startswith(scripted_agent.PREFIX):
        return None
    try:
        kind, text = json.loads(line.removeprefix(scripted_agent.PREFIX))
    except ValueError:
        return None
    match kind:
        case "message":
            return MessageChunk(str(text))
        case "tool":
            return ToolCall(str(text))
        case _:
            return Unrecognized(line)
