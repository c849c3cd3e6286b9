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
from core.processes.identity import WINDOWS
from core.processes.programs import CREATION_FLAGS, NEW_SESSION, own_environment
from core.tasks import board

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.engine.context import Engine

_EDITORS: Final = ("code", "cursor", "zed", "subl", "idea", "pycharm", "gvim", "kate", "gedit")
_FILES: Final = ("xdg-open", "open", "explorer")
_TERMINALS: Final = (
    "x-terminal-emulator", "gnome-terminal", "konsole", "xfce4-terminal", "alacritty", "kitty",
    "wezterm", "foot", "xterm", "wt",
)  # fmt: skip

_opened: list[subprocess.Popen[bytes]] = []
"""What this process opened: to be collected when it ends, else it stays as a zombie."""


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
    _start(argv, folder)
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
        return shlex.split(named, posix=not WINDOWS)
    for program in known:
        if shutil.which(program):
            return [program]
    raise Refused(
        f"No {what} was found here.", hint=f'Name yours in the settings: {what} = "PROGRAM"'
    )


def _start(argv: list[str], folder: Path) -> None:
    _opened[:] = [process for process in _opened if process.poll() is None]
    try:
        process = subprocess.Popen(
            argv,
            cwd=folder,
            env=own_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=NEW_SESSION,
            creationflags=CREATION_FLAGS,
        )
    except OSError as error:
        raise EnvironmentFault(f"{argv[0]} could not be started: {error.strerror}.") from error
    _opened.append(process)
