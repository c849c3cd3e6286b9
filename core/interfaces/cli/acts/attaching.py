"""`weft attach`: hand the terminal over to the agent's own interface."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from core.errors import EnvironmentFault
from core.interfaces.cli import terminal
from core.processes.identity import WINDOWS
from core.processes.programs import own_environment

if TYPE_CHECKING:
    from core.domain.session import Attachment
    from core.interfaces.cli.call import Call


def take_over(call: Call) -> int:
    """Become the agent's program on a terminal; elsewhere, and as JSON, print the command."""
    found: Attachment = call.perform(call.engine())
    if call.as_json or not (terminal.is_tty(sys.stdin) and terminal.is_tty(sys.stdout)):
        call.show(found)
        return 0
    environment = {**own_environment(), **found.environment}
    program, *_ = found.command
    try:
        os.chdir(found.folder)
        if WINDOWS:  # there, executing ends this process before the other has the terminal
            from core.processes.batch import startable

            argv = startable(found.command, environment.get("PATH"))
            return subprocess.run(argv, env=environment, check=False).returncode
        os.execvpe(program, found.command, environment)  # noqa: S606  the person asked for it
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise EnvironmentFault(f"{program} could not be started: {said}.") from error
