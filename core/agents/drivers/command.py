"""Any program: its prompt as an argument or on standard input, success is exit status 0.

Programs whose JSON lines are known are read, not only shown: their preset names the rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.agents.child import ChildSession, fill_command, program_problem, wants_prompt_on_stdin
from core.agents.claude_reader import ClaudeReader
from core.agents.invocation import environment_of, fields_of, program_of
from core.agents.rules_reader import RulesReader
from core.agents.turn_processes import TurnProcesses

if TYPE_CHECKING:
    from core.agents.driver import AgentSession, LaunchSpec
    from core.agents.json_lines import Reader

_CLAUDE: Final = "claude"


class CommandDriver:
    """Runs the profile's command and reports what it prints."""

    name = "command"
    can_ask = False

    def problem(self, command: tuple[str, ...], path: str | None) -> str:
        """Return why *command* cannot be started, or nothing."""
        return program_problem(command, path)

    async def start(self, spec: LaunchSpec) -> AgentSession:
        """Start the command with {task}, {worktree} and {prompt} replaced.

        Raises:
            DriverUnavailable: The program is missing or refuses to start.
        """
        program = program_of(spec)
        if program is not None and program.stream:
            session = TurnProcesses(spec, program, _reader(program.stream, spec))
            await session.begin(spec.prompt)
            return session
        prompt = spec.prompt.replace("\0", "")
        return await ChildSession.start(
            [*spec.wrap, *fill_command(spec.command, fields_of(spec, prompt))],
            worktree=spec.worktree,
            environment=environment_of(spec, program),
            stdin=prompt if wants_prompt_on_stdin(spec.command) else None,
        )


def _reader(stream: str, spec: LaunchSpec) -> Reader:
    """Return what reads *stream*: the format that two programs share, or rules."""
    return ClaudeReader(spec.worktree) if stream == _CLAUDE else RulesReader(stream, spec.worktree)
