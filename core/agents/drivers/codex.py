"""Codex, by `codex exec --json`: one process a turn, resumed for the next; it asks nothing."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from core.agents.child import program_problem
from core.agents.codex_reader import CodexReader
from core.agents.codex_rollout import NOTHING, codex_home, spent_by
from core.agents.invocation import program_of
from core.agents.programs import Program, programs
from core.agents.turn_processes import TurnProcesses

if TYPE_CHECKING:
    from core.agents.driver import LaunchSpec

_PROTOCOL: Final = ("exec", "--json", "--skip-git-repo-check")
_FROM_INPUT: Final = ("-",)


class CodexDriver:
    """Starts Codex so that it tells JSON lines; its own sandbox follows the policy."""

    name = "codex"
    can_ask = False

    def problem(self, command: tuple[str, ...], path: str | None) -> str:
        """Return why *command* cannot be started, or nothing."""
        return program_problem(command, path)

    async def start(self, spec: LaunchSpec) -> TurnProcesses:
        """Start it in the worktree with the prompt on its input.

        Raises:
            DriverUnavailable: The program is missing or refuses to start.
        """
        program = program_of(spec) or programs()[self.name]
        words = (*spec.command, *_PROTOCOL, *_project_is_untrusted(spec))
        spec = replace(spec, program=program.name, command=words)
        home = codex_home(spec.environment)
        before = NOTHING
        if spec.session:
            before = await asyncio.to_thread(spent_by, home, spec.session)
        reader = CodexReader(spec.worktree, home, before)
        session = TurnProcesses(spec, _with_input(program), reader)
        await session.begin(spec.prompt)
        return session


def _project_is_untrusted(spec: LaunchSpec) -> tuple[str, ...]:
    """Return the words by which settings in the repository do not count, whatever it is elsewhere.

    A person who trusts a repository trusts what is on it now, not what an agent writes there.
    """
    folders = dict.fromkeys([str(spec.worktree), spec.environment.get("WEFT_REPO", "")])
    named = ", ".join(
        f'{json.dumps(one)} = {{trust_level = "untrusted"}}' for one in folders if one
    )
    return ("-c", f"projects={{{named}}}")


def _with_input(program: Program) -> Program:
    """Return the preset with the word that makes it read its prompt: no argument is that long."""
    return replace(program, prompt=(*program.prompt, *_FROM_INPUT))
