"""Open a task's worktree in the person's editor or terminal."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.errors import EnvironmentFault, Refused
from core.processes.batch import startable
from core.processes.identity import WINDOWS
from core.processes.outliving import Outliving
from core.processes.programs import CREATION_FLAGS, NEW_SESSION, own_environment
from core.tasks import board

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.engine.context import Engine

_EDITORS: Final = ("code", "cursor", "zed", "subl", "idea", "pycharm", "gvim", "kate", "gedit")
_FILES: Final = ("xdg-open", "open", "explorer")
_TERMINALS: Final = (
    "x-terminal-emulator", "gnome-terminal", "konsole", "xfce4-terminal", "alacritty", "kitty",
    "wezterm", "foot", "xterm", *(("wt", "powershell") if WINDOWS else ()),
)  # fmt: skip
_STARTS_ELSEWHERE: Final = {"wt": ("-d", ".")}
"""Words without which a terminal does not begin in the folder that it is started in."""
_NEW_CONSOLE: Final[int] = getattr(subprocess, "CREATE_NEW_CONSOLE", 0) if WINDOWS else 0

_opened: Final = Outliving()


def open_task(engine: Engine, key: str, *, terminal: bool = False) -> str:
    """Open the worktree of a task in the editor, or with *terminal* in a terminal.

    The settings `editor` and `terminal` name the programs; without them the first that is found.

    Raises:
        NotFound: Unknown task.
        Refused: It has no worktree, or there is no such program.
        EnvironmentFault: The program does not start.
    """
    task = board.get_task(engine.repo, key)
    folder = Path(task.worktree or "")
    if not task.worktree or not folder.is_dir():
        raise Refused(f"{task.key} has no worktree.", hint=f"Claim it first: weft claim {task.key}")
    command = _terminal(engine) if terminal else _editor(engine)
    argv = [*command, *([] if terminal else [str(folder)])]
    _start(argv, folder, terminal=terminal)
    return f"{task.key} is open in {Path(command[0]).name}: {folder}"


def _editor(engine: Engine) -> list[str]:
    named = engine.settings().text("editor") or os.environ.get("VISUAL", "")
    return _chosen(named, (*_EDITORS, *_FILES), "editor")


def _terminal(engine: Engine) -> list[str]:
    named = engine.settings().text("terminal") or os.environ.get("TERMINAL", "")
    if not named and sys.platform == "darwin":
        return ["open", "-a", "Terminal", "."]
    return _chosen(named, _TERMINALS, "terminal")


def _chosen(named: str, known: Iterable[str], what: str) -> list[str]:
    if named:
        return _words(named)
    for program in known:
        if shutil.which(program):
            return [program, *_STARTS_ELSEWHERE.get(program, ())]
    raise Refused(
        f"No {what} was found here.", hint=f'Name yours in the settings: {what} = "PROGRAM"'
    )


def _words(named: str) -> list[str]:
    r"""Split a command line; on Windows `\` is a letter, and quotes only hold words together."""
    if not WINDOWS:
        return shlex.split(named)
    return [word.strip('"') for word in shlex.split(named, posix=False)]


def _start(argv: list[str], folder: Path, *, terminal: bool) -> None:
    """Start a program that outlives this one; on Windows a terminal gets a console of its own."""
    console = _NEW_CONSOLE if terminal else 0
    nothing = None if console else subprocess.DEVNULL
    try:
        process = subprocess.Popen(
            startable(argv, None),
            cwd=folder,
            env=own_environment(),
            stdin=nothing,
            stdout=nothing,
            stderr=nothing,
            start_new_session=NEW_SESSION,
            creationflags=console or CREATION_FLAGS,
        )
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise EnvironmentFault(f"{argv[0]} could not be started: {said}.") from error
    _opened.add(process)
