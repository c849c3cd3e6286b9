"""Any program: its prompt as an argument or on standard input, success is exit status 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.agents.child import ChildSession, fill_command, program_problem, wants_prompt_on_stdin

if TYPE_CHECKING:
    from core.agents.driver import LaunchSpec

PROMPT_LIMIT: Final = 120_000
"""Bytes of one argument that Linux takes (128 KB), with room for the words around {prompt}."""


class CommandDriver:
    """Runs the profile's command and reports what it prints."""

    name = "command"
    can_ask = False

    def problem(self, command: tuple[str, ...], path: str | None) -> str:
        """Return why *command* cannot be started, or nothing."""
        return program_problem(command, path)

    async def start(self, spec: LaunchSpec) -> ChildSession:
        """Start the command with {task}, {worktree} and {prompt} replaced.

        Raises:
            DriverUnavailable: The program is missing or refuses to start.
        """
        prompt = spec.prompt.replace("\0", "")
        values = {
            "task": spec.task,
            "worktree": str(spec.worktree),
            "prompt": prompt.encode()[:PROMPT_LIMIT].decode("utf-8", "ignore"),
        }
        return await ChildSession.start(
            fill_command(spec.command, values),
            worktree=spec.worktree,
            environment=spec.environment,
            stdin=prompt if wants_prompt_on_stdin(spec.command) else None,
        )
