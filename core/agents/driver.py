"""The contract between a runner and a kind of agent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from core.errors import UserError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from core.domain.agent_event import AgentEvent
    from core.processes.identity import ProcessIdentity


class DriverUnavailable(UserError):
    """The agent's program is missing or cannot be started; the sentence says which."""

    code = "agent_unavailable"


@dataclass(frozen=True, slots=True)
class McpServer:
    """Weft's own MCP server, which a driver offers to its agent under the name `weft`."""

    command: tuple[str, ...]
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LaunchSpec:
    """All that a driver needs to start one agent.

    Attributes:
        task: Key of the task.
        worktree: Its folder: the agent's current folder, checked by the caller just before.
        command: The profile's program and arguments, with their fields not yet replaced.
        prompt: The first message.
        environment: The whole environment; nothing of the caller's is added.
        permissions: `watched`, `sandboxed` or `open`; what it means is `core.agents.permissions`.
        session: The agent's own session to go on with, or empty for a new one.
        mcp: Weft's MCP server to offer, or None.
        wrap: Words to put before the program's: the sandbox; empty for none.
        scratch: A folder of the run's own for what the driver must write, such as settings.
        program: The preset whose words for permissions, MCP and resuming apply; empty for none.
    """

    task: str
    worktree: Path
    command: tuple[str, ...]
    prompt: str
    environment: Mapping[str, str]
    permissions: str = "watched"
    session: str = ""
    mcp: McpServer | None = None
    wrap: tuple[str, ...] = ()
    scratch: Path | None = None
    program: str = ""


class AgentSession(Protocol):
    """One conversation with an agent: turns of events, words and answers between them."""

    @property
    def agent(self) -> ProcessIdentity:
        """Return who the process is; a later turn may be another process."""
        ...

    @property
    def takes_words(self) -> bool:
        """Whether `say` can begin another turn."""
        ...

    def events(self) -> AsyncIterator[AgentEvent]:
        """Yield what the agent says in this turn, until and including `TurnEnded`.

        To be walked once a turn: again after `say`. A slow reader slows the agent down; nothing
        piles up in memory. The last turn's `TurnEnded` need not mean that the process has ended.
        """
        ...

    async def say(self, text: str) -> None:
        """Begin the next turn with *text*; only between turns and if `takes_words`.

        Raises:
            DriverUnavailable: The agent can be told nothing any more.
        """
        ...

    async def steer(self, text: str) -> bool:
        """Put words into the turn under way; False when this agent has no way to take them."""
        ...

    async def answer(self, token: str, answer: str) -> bool:
        """Answer a `PermissionAsked` by an option's id or words; False when it is not open."""
        ...

    async def cancel(self) -> bool:
        """Ask by protocol that the turn stop; False when there is no such word.

        After True, `events` ends with a `TurnEnded` of outcome cancelled, or not at all: the
        caller waits only for a while.
        """
        ...

    async def close(self) -> None:
        """Let the process end of itself if it is idle, let go of its pipes and wait for its end.

        Whoever owns the process ends it when this takes too long.
        """
        ...


class AgentDriver(Protocol):
    """Starts sessions of one kind of agent."""

    @property
    def name(self) -> str:
        """Return the word that profiles name it by."""
        ...

    @property
    def can_ask(self) -> bool:
        """Whether its agents wait for a person's permission (policy `watched` can bind)."""
        ...

    def problem(self, command: tuple[str, ...], path: str | None) -> str:
        """Return one sentence that says why *command* cannot be started, or nothing.

        *path* is the `PATH` that the agent will have.
        """
        ...

    async def start(self, spec: LaunchSpec) -> AgentSession:
        """Start the agent in its worktree, in a session of its own.

        Raises:
            DriverUnavailable: The program is missing or refuses to start.
        """
        ...
