"""The beginning of a session: who is there, logged in or not, which session, in which mode."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final, TypeVar

from acp import PROTOCOL_VERSION, RequestError
from acp.schema import (
    ClientCapabilities,
    EnvVariable,
    FileSystemCapabilities,
    Implementation,
    McpServerStdio,
)

from core.agents.acp.failures import LOGIN, UNKNOWN_METHOD, failure
from core.agents.acp.modes import Modes, modes_of, option_of
from core.agents.acp.same_minute import seconds_to_wait
from core.agents.acp.shape import one_line, table_at, tables_at, text_at
from core.agents.invocation import SERVER
from core.errors import EnvironmentFault
from core.processes.identity import look

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from acp.client.connection import ClientSideConnection
    from pydantic import BaseModel

    from core.agents.acp.shape import Message
    from core.agents.driver import LaunchSpec
    from core.processes.identity import ProcessIdentity

T = TypeVar("T")
STARTUP_S: Final = 300.0
"""How long the agent may take for each answer at the start: 150 s were seen on a busy machine."""
_STOPPED_S: Final = 5.0
_NOT_CONTINUED: Final = (
    "You have worked on this task before, in a session that cannot be taken up again. Look at what"
    " is there first (git log, git status, git diff), then go on from it.\n\n"
)


class CannotOpen(EnvironmentFault):
    """No session came about; the sentence says why."""


class Opening:
    """Makes the session of one run.

    Attributes:
        session: The agent's id of it, once it is there.
        agent: The name that the agent gives itself.
        resumed: Whether it is an earlier session that goes on.
        steerable: Whether words can be put into a turn under way (an extension of the protocol).
        model: What the session says of its model; may be empty.
        modes: The modes that it offers.
    """

    def __init__(
        self,
        connection: ClientSideConnection,
        spec: LaunchSpec,
        process: ProcessIdentity,
        tell: Callable[[str], Awaitable[None]],
        until_quiet: Callable[[], Awaitable[None]],
    ) -> None:
        self._connection = connection
        self._until_quiet = until_quiet
        self._spec = spec
        self._process = process
        self._tell = tell
        self._can: Message = {}
        self._logins: tuple[Message, ...] = ()
        self.session = ""
        self.agent = ""
        self.resumed = False
        self.steerable = False
        self.model = ""
        self.modes = Modes()

    async def open(self) -> None:
        """Greet the agent and get a session.

        Raises:
            CannotOpen: It speaks another version, takes too long, or has no session to give.
            RequestError: It refused.
            ConnectionError: It is gone.
        """
        greeting = _plain(await self._in_time(self._greet()))
        if greeting.get("protocolVersion") != PROTOCOL_VERSION:
            found = greeting.get("protocolVersion")
            raise CannotOpen(f"It speaks version {found} of ACP, and Weft {PROTOCOL_VERSION}.")
        self._can = table_at(greeting, "agentCapabilities")
        self._logins = tables_at(greeting, "authMethods")
        self.agent = text_at(table_at(greeting, "agentInfo"), "name")
        self.steerable = table_at(greeting, "_meta", "steering").get("supported") is True
        opened = await self._earlier() if self._spec.session else None
        if opened is None:
            opened = _plain(await self._new())
            self.session = text_at(opened, "sessionId")
        self.model = text_at(option_of(opened, "model"), "currentValue")
        self.modes = modes_of(opened)
        await self.set_mode()

    def prompt(self) -> str:
        """Return the first words, with what a session that was lost would have known."""
        lost = bool(self._spec.session) and not self.resumed
        return _NOT_CONTINUED + self._spec.prompt if lost else self._spec.prompt

    async def set_mode(self) -> None:
        """Set the mode that fits the policy, where one is offered.

        Raises:
            CannotOpen: The agent stays in a mode that leaves a person out, against the policy.
        """
        policy = "watched" if self._is_unwrapped else self._spec.permissions
        mode = self.modes.fitting(policy)
        if not mode:
            if self.modes.lets_slip(policy):
                await self._tell(f"It works in its mode {self.modes.current!r}, which asks little.")
            return
        try:
            await self._in_time(self._switch(mode))
        except RequestError as error:
            said = failure(error.code, str(error), error.data).reason
            if self.modes.lets_slip(policy):
                raise CannotOpen(f"It could not be made to ask ({mode}): {said}") from error
            await self._tell(f"Its mode stays {self.modes.current!r}: {said}")
            return
        self.modes = Modes(mode, self.modes.offered, self.modes.option)

    @property
    def _is_unwrapped(self) -> bool:
        return self._spec.permissions == "sandboxed" and not self._spec.wrap

    async def _switch(self, mode: str) -> None:
        if self.modes.option:
            await self._connection.set_config_option(
                config_id=self.modes.option, session_id=self.session, value=mode
            )
        else:
            await self._connection.set_session_mode(session_id=self.session, mode_id=mode)

    async def _greet(self) -> BaseModel:
        nothing = FileSystemCapabilities(read_text_file=False, write_text_file=False)
        return await self._connection.initialize(
            protocol_version=PROTOCOL_VERSION,
            client_capabilities=ClientCapabilities(fs=nothing, terminal=False),
            client_info=Implementation(name="weft", title="Weft", version=_version()),
        )

    async def _new(self) -> BaseModel:
        try:
            return await self._in_time(self._ask_for_new())
        except RequestError as error:
            login = self._login_by_key() if error.code == LOGIN else ""
            if not login:
                raise
        await self._in_time(self._connection.authenticate(method_id=login))
        return await self._in_time(self._ask_for_new())

    def _ask_for_new(self) -> Coroutine[Any, Any, BaseModel]:
        return self._connection.new_session(cwd=self._folder, mcp_servers=self._servers())

    def _login_by_key(self) -> str:
        """Return the way to log in by a key that is in the agent's environment."""
        if not any(name.endswith("_API_KEY") for name in self._spec.environment):
            return ""
        ids = [text_at(method, "id") for method in self._logins]
        return next((name for name in ids if "api-key" in name or name == "openai"), "")

    async def _earlier(self) -> Message | None:
        """Take up the earlier session by whatever the agent advertises; None when it cannot."""
        session, why = self._spec.session, "it has no way to"
        now = datetime.now(UTC)
        if wait_s := seconds_to_wait(self.agent, session, self._spec.environment, now):
            await self._tell(f"Waits {wait_s:.0f} s: until then the agent would empty its session.")
            await asyncio.sleep(wait_s)
        for ask in self._ways():
            try:
                opened = await self._in_time(ask(session))
            except RequestError as error:
                if error.code != UNKNOWN_METHOD:  # some advertise what they do not have
                    why = failure(error.code, str(error), error.data).reason
                continue
            self.session, self.resumed = session, True
            return _plain(opened)
        await self._tell(one_line(f"Session {session} could not be taken up again: {why}"))
        return None

    def _ways(self) -> list[Callable[[str], Coroutine[Any, Any, BaseModel | None]]]:
        """Return how to take a session up: without replaying it first, where that is known."""
        ways: list[Callable[[str], Coroutine[Any, Any, BaseModel | None]]] = []
        if "resume" in table_at(self._can, "sessionCapabilities"):
            ways.append(self._resume)
        if self._can.get("loadSession") is True:
            ways.append(self._load)
        return ways

    async def _resume(self, session: str) -> BaseModel | None:
        return await self._connection.resume_session(
            session_id=session, cwd=self._folder, mcp_servers=self._servers()
        )

    async def _load(self, session: str) -> BaseModel | None:
        opened = await self._connection.load_session(
            session_id=session, cwd=self._folder, mcp_servers=self._servers()
        )
        await self._until_quiet()  # Gemini goes on replaying after its answer
        return opened

    @property
    def _folder(self) -> str:
        return str(self._spec.worktree)

    def _servers(self) -> list[Any]:
        mcp = self._spec.mcp
        if mcp is None:
            return []
        command, *arguments = mcp.command
        variables = [EnvVariable(name=name, value=value) for name, value in mcp.environment.items()]
        return [McpServerStdio(name=SERVER, command=command, args=arguments, env=variables)]

    async def _in_time(self, asked: Coroutine[Any, Any, T]) -> T:
        """Wait for an answer; time in which the agent is suspended does not count.

        Raises:
            CannotOpen: It takes too long.
        """
        task = asyncio.ensure_future(asked)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + STARTUP_S
        try:
            while not (await asyncio.wait([task], timeout=_STOPPED_S))[0]:
                seen = look(self._process.pid)
                if seen is not None and seen.is_stopped:
                    deadline += _STOPPED_S
                elif loop.time() > deadline:
                    raise CannotOpen(f"It did not get ready within {STARTUP_S:.0f} s.")
            return await task
        finally:
            task.cancel()


def _plain(answer: BaseModel | None) -> Message:
    """Return an answer as its JSON."""
    found: Message = (
        {} if answer is None else answer.model_dump(mode="json", by_alias=True, exclude_none=True)
    )
    return found


def _version() -> str:
    try:
        return version("weft")
    except PackageNotFoundError:  # a bundle without its metadata
        return "0"
