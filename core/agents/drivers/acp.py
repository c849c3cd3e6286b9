"""Agents that speak the Agent Client Protocol: Claude, Codex, Gemini, OpenCode, Qwen and others.

The profile's command is the program with the word that makes it speak ACP (`gemini --acp`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.agents.acp.wire import LONGEST
from core.agents.child import ChildSession, program_problem
from core.agents.invocation import invocation

if TYPE_CHECKING:
    from core.agents.driver import AgentSession, LaunchSpec


class AcpDriver:
    """Starts the program; the session begins with its first turn, which can take a while."""

    name = "acp"
    can_ask = True

    def problem(self, command: tuple[str, ...], path: str | None) -> str:
        """Return why *command* cannot be started, or nothing."""
        return program_problem(command, path)

    async def start(self, spec: LaunchSpec) -> AgentSession:
        """Start the agent in its worktree.

        Raises:
            DriverUnavailable: The program is missing or cannot be executed.
        """
        # 20 MB, and half a second: only for a run that needs it, and before the agent starts.
        from core.agents.acp.session import AcpSession

        started = invocation(spec)
        child = await ChildSession.start(
            started.argv,
            worktree=spec.worktree,
            environment=started.environment,
            stdin="",
            keep_input=True,
            longest=LONGEST,
            exact=True,
        )
        return AcpSession(child, spec)
