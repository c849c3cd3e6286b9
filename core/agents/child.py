"""An agent as a child process: started in its own session, its pipes read with flat memory."""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.agents.driver import DriverUnavailable
from core.agents.lines import LONGEST_LINE, LineReader
from core.domain.agent_event import ProcessOutput, TurnEnded, TurnOutcome
from core.processes.identity import WINDOWS, ProcessIdentity, look
from core.processes.programs import CREATION_FLAGS, NEW_SESSION

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from core.domain.agent_event import AgentEvent

_CHUNK: Final = 64 * 1024
_AHEAD: Final = 8
"""Chunks that may wait for the reader; then the pipe fills and the agent waits."""
_QUIET_S: Final = 0.3
"""How long nothing may come from a pipe after the agent's end, while others hold it open."""
_DRAIN_S: Final = 10.0
_FIELD: Final = re.compile(r"\{(task|worktree|prompt)\}")
_NOT_EXECUTABLE: Final = "is not there, or may not be executed"


def fill_command(command: tuple[str, ...], values: Mapping[str, str]) -> list[str]:
    """Replace {task}, {worktree} and {prompt} in each word; what was put in is not looked at."""
    return [_FIELD.sub(lambda found: values[found[1]], word) for word in command]


def wants_prompt_on_stdin(command: tuple[str, ...]) -> bool:
    """Whether no word of *command* holds {prompt}."""
    return not any("{prompt}" in word for word in command)


def program_problem(command: tuple[str, ...], path: str | None) -> str:
    """Return why the program of *command* cannot be started, or nothing."""
    if not command or not command[0]:
        return "The profile names no command."
    program = command[0]
    if "/" in program or "\\" in program:
        if Path(program).is_absolute() and shutil.which(program) is None:
            return f"{program} {_NOT_EXECUTABLE}."
        return ""  # relative to the worktree: known only there
    if shutil.which(program, path=path) is None:
        return f"The program {program!r} is not installed, or not on PATH."
    return ""


class _Pipes(asyncio.subprocess.SubprocessStreamProtocol):
    """Streams of a child that also tell of its exit at once.

    `Process.wait` would wait until every copy of the pipes is closed, also those that a daemon of
    the agent's inherited.
    """

    def __init__(self) -> None:
        super().__init__(_CHUNK, asyncio.get_running_loop())
        self.exited = asyncio.Event()

    def process_exited(self) -> None:
        """Be told by the loop that the process has ended."""
        super().process_exited()
        self.exited.set()


class ChildSession:
    """A started child and its output as events; satisfies `AgentSession`."""

    def __init__(
        self,
        transport: asyncio.SubprocessTransport,
        pipes: _Pipes,
        stdin: bytes | None,
        *,
        keep_input: bool = False,
        longest: int = LONGEST_LINE,
        exact: bool = False,
    ) -> None:
        self._transport = transport
        self._pipes = pipes
        pid = transport.get_pid()
        seen = look(pid)
        # 0: it has ended already and was reaped; then it is never taken for alive.
        self._agent = seen.identity if seen else ProcessIdentity(pid, 0)
        self._taken = 0
        self._keep_input = keep_input
        self._queue: asyncio.Queue[AgentEvent] = asyncio.Queue(_AHEAD)
        self._readers = [
            asyncio.create_task(
                self._pump("stdout", pipes.stdout, LineReader(longest, exact=exact))
            ),
            asyncio.create_task(self._pump("stderr", pipes.stderr, LineReader())),
        ]
        self._writer = asyncio.create_task(self._send(stdin))

    @classmethod
    async def start(
        cls,
        argv: list[str],
        *,
        worktree: Path,
        environment: Mapping[str, str],
        stdin: str | None,
        keep_input: bool = False,
        longest: int = LONGEST_LINE,
        exact: bool = False,
    ) -> ChildSession:
        """Start *argv* in *worktree*; *stdin* is written to it, None gives it no input at all.

        Args:
            argv: The program and its arguments.
            worktree: Where it runs.
            environment: All of its environment.
            stdin: What it reads first.
            keep_input: Leave its input open for `send`; else it is closed after *stdin*.
            longest: Bytes that are kept of one line of standard output.
            exact: Leave its lines as they are: what is in them is made harmless by the caller.

        Raises:
            DriverUnavailable: It cannot be executed.
        """
        problem = program_problem(tuple(argv), environment.get("PATH"))
        if problem:
            raise DriverUnavailable(problem)
        try:
            if WINDOWS:
                from core.processes.batch import startable  # only there

                argv = startable(argv, environment.get("PATH"))
            transport, pipes = await asyncio.get_running_loop().subprocess_exec(
                _Pipes,
                *argv,
                cwd=worktree,
                env=dict(environment),
                stdin=asyncio.subprocess.DEVNULL if stdin is None else asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=NEW_SESSION,
                creationflags=CREATION_FLAGS,
            )
        except (OSError, ValueError) as error:
            if not worktree.is_dir():
                raise DriverUnavailable(f"The worktree {worktree} is gone.") from error
            said = getattr(error, "strerror", None) or str(error)
            raise DriverUnavailable(f"{argv[0]} could not be started: {said}.") from error
        return cls(
            transport,
            pipes,
            None if stdin is None else stdin.encode("utf-8", "replace"),
            keep_input=keep_input,
            longest=longest,
            exact=exact,
        )

    @property
    def agent(self) -> ProcessIdentity:
        """Return who the process is."""
        return self._agent

    @property
    def takes_words(self) -> bool:
        """Return False: a plain command has one turn."""
        return False

    async def say(self, text: str) -> None:
        """Refuse: a plain command has one turn.

        Raises:
            DriverUnavailable: Always.
        """
        raise DriverUnavailable("A plain command cannot be told anything once it has ended.")

    async def steer(self, text: str) -> bool:
        """Return False: nothing can be told to a plain command."""
        return False

    async def answer(self, token: str, answer: str) -> bool:
        """Return False: a plain command asks nothing."""
        return False

    async def cancel(self) -> bool:
        """Return False: a plain command knows only signals."""
        return False

    async def send(self, text: str) -> None:
        """Write *text* to its input, which was kept open.

        Raises:
            DriverUnavailable: It does not listen any more.
        """
        stdin = self._pipes.stdin
        if stdin is None or stdin.is_closing():
            raise DriverUnavailable("The agent does not listen any more.")
        await asyncio.wait([self._writer])  # what it was given first comes first
        try:
            stdin.write(text.encode("utf-8", "replace"))
            await stdin.drain()
        except (BrokenPipeError, ConnectionResetError) as error:
            raise DriverUnavailable("The agent does not listen any more.") from error

    def end_input(self) -> None:
        """Close its input, which many programs take as the word to end."""
        if self._pipes.stdin is not None:
            self._pipes.stdin.close()

    async def events(self) -> AsyncIterator[AgentEvent]:
        """Yield output as it comes and `TurnEnded` at the end; exit status 0 is success."""
        finish = asyncio.create_task(self._finish())
        try:
            while True:
                event = await self._queue.get()
                yield event
                if isinstance(event, TurnEnded):
                    return
        finally:
            finish.cancel()

    async def close(self) -> None:
        """Close its input, let go of the pipes and wait for its end, which its owner sees to."""
        self.end_input()
        for task in (*self._readers, self._writer):
            task.cancel()
        await asyncio.gather(*self._readers, self._writer, return_exceptions=True)
        await self._pipes.exited.wait()
        self._transport.close()  # a daemon may hold the other ends: do not wait for it

    async def _finish(self) -> None:
        """Wait for the end, then until the pipes are empty or only others hold them open."""
        await self._pipes.exited.wait()
        status = self._transport.get_returncode()
        assert status is not None
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _DRAIN_S
        while any(not reader.done() for reader in self._readers) and loop.time() < deadline:
            before = self._taken
            await asyncio.wait(self._readers, timeout=_QUIET_S)
            if self._taken == before and self._queue.empty():
                break
        await self._queue.put(turn_end(status))

    async def _pump(
        self, name: str, stream: asyncio.StreamReader | None, lines: LineReader
    ) -> None:
        assert stream is not None
        while chunk := await stream.read(_CHUNK):
            self._taken += 1
            if whole := lines.feed(chunk):
                await self._queue.put(ProcessOutput(name, tuple(whole)))
        if rest := lines.flush():
            await self._queue.put(ProcessOutput(name, tuple(rest)))

    async def _send(self, data: bytes | None) -> None:
        stdin = self._pipes.stdin
        if data is None or stdin is None:
            return
        with suppress(BrokenPipeError, ConnectionResetError):  # it does not read its input
            stdin.write(data)
            await stdin.drain()
            if self._keep_input:
                return
        stdin.close()
        # Also after a failure: until Python 3.11.4 asyncio else logs it as never retrieved.
        with suppress(BrokenPipeError, ConnectionResetError):
            await stdin.wait_closed()


def turn_end(status: int) -> TurnEnded:
    """Return what an exit status means, told in one sentence when it is no success."""
    if status == 0:
        return TurnEnded(TurnOutcome.DONE, 0)
    if status > 0:
        return TurnEnded(TurnOutcome.FAILED, status, f"The agent ended with exit status {status}.")
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return TurnEnded(TurnOutcome.FAILED, status, f"The agent was killed by {name}.")
