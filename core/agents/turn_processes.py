"""A session of an agent that does one turn a process: each later turn resumes by its own word."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.agents.child import ChildSession
from core.agents.driver import DriverUnavailable
from core.agents.invocation import Invocation, turn_invocation
from core.agents.json_lines import LONGEST, Reader, parse_line
from core.agents.last_words import LastWords
from core.domain.agent_event import ProcessOutput, TurnEnded, TurnOutcome

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from core.agents.driver import LaunchSpec
    from core.agents.programs import Program
    from core.domain.agent_event import AgentEvent
    from core.processes.identity import ProcessIdentity


class TurnProcesses:
    """One process a turn, its JSON lines read by a reader; satisfies `AgentSession`."""

    def __init__(self, spec: LaunchSpec, program: Program, reader: Reader) -> None:
        self._spec = spec
        self._program = program
        self._reader = reader
        self._child: ChildSession | None = None
        self._killed = False
        self._last_words = LastWords()

    async def begin(self, prompt: str) -> None:
        """Start the process of a turn.

        Raises:
            DriverUnavailable: It cannot be started.
        """
        session = self._reader.session or self._spec.session
        started = turn_invocation(self._spec, self._program, prompt, session)
        before, self._child = self._child, await _start(started, self._spec)
        if before is not None:
            await before.close()

    @property
    def agent(self) -> ProcessIdentity:
        """Return who the process of the last turn is."""
        return self._started().agent

    @property
    def takes_words(self) -> bool:
        """Whether the program can go on with its session, and told which it is."""
        return bool(self._program.resume and self._reader.session) and not self._killed

    async def events(self) -> AsyncIterator[AgentEvent]:
        """Yield what it says in this turn, until and including `TurnEnded`."""
        async for event in self._started().events():
            if isinstance(event, ProcessOutput):
                for told in self._told(event):
                    yield told
                if self._reader.given_up:
                    self._killed = True  # its owner ends the process
                    end = TurnEnded(TurnOutcome.FAILED, None, self._reader.given_up)
                    yield self._reader.ended(end)
                    return
            elif isinstance(event, TurnEnded):
                yield self._end(event)
                return

    async def say(self, text: str) -> None:
        """Begin another turn in the same session.

        Raises:
            DriverUnavailable: It has no session to go on with.
        """
        if not self.takes_words:
            raise DriverUnavailable(f"{self._program.title} has no session that could go on.")
        await self.begin(text)

    async def steer(self, text: str) -> bool:
        """Return False: it listens only before a turn."""
        return False

    async def answer(self, token: str, answer: str) -> bool:
        """Return False: it asks nothing in this mode."""
        return False

    async def cancel(self) -> bool:
        """Return False: it knows only signals."""
        return False

    async def close(self) -> None:
        """Let go of its pipes and wait for the end of its process."""
        if self._child is not None:
            await self._child.close()

    def _started(self) -> ChildSession:
        assert self._child is not None, "begin() comes first"
        return self._child

    def _told(self, output: ProcessOutput) -> Iterator[AgentEvent]:
        if output.stream == "stderr":
            self._last_words.take(output.lines)
            yield output
            return
        for line in output.lines:
            told = parse_line(line)
            if told is None:
                if line:
                    yield ProcessOutput("stdout", (line,))
                continue
            for event in self._reader.read(told):
                if not isinstance(event, TurnEnded):  # the process's end is the turn's
                    yield event

    def _end(self, end: TurnEnded) -> TurnEnded:
        self._killed = (end.exit_code or 0) < 0
        found = self._reader.ended(end)
        words = self._last_words.tell()
        if found.outcome is TurnOutcome.FAILED and found.reason == end.reason:
            return replace(found, reason=f"{end.reason}{words}")
        return found


async def _start(started: Invocation, spec: LaunchSpec) -> ChildSession:
    return await ChildSession.start(
        started.argv,
        worktree=spec.worktree,
        environment=started.environment,
        stdin=started.stdin,
        longest=LONGEST,
    )
