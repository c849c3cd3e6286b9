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
class LaunchSpec:
    """All that a driver needs to start one agent.

    Attributes:
        task: Key of the task.
        worktree: Its folder: the agent's current folder, checked by the caller just before.
        command: The profile's program and arguments, with their fields not yet replaced.
        prompt: The first message.
        environment: The whole environment; nothing of the caller's is added.
    """

    task: str
    worktree: Path
    command: tuple[str, ...]
    prompt: str
    environment: Mapping[str, str]


class AgentSession(Protocol):
    """One running agent process."""

    @property
    def agent(self) -> ProcessIdentity:
        """Return who the process is."""
        ...

    def events(self) -> AsyncIterator[AgentEvent]:
        """Yield what the agent says, until and including `TurnEnded`; to be walked once.

        A slow reader slows the agent down; nothing piles up in memory.
        """
        ...

    async def close(self) -> None:
        """Let go of the process's pipes and wait for its end; whoever owns it has ended it."""
        ...


class AgentDriver(Protocol):
    """Starts sessions of one kind of agent."""

    @property
    def name(self) -> str:
        """Return the word that profiles name it by."""
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
