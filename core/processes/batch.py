"""Programs of Windows that are batch files: `npm` installs `claude.cmd`, which starts node.

By a bare name the system finds `.exe` files alone, and on Weft's own PATH. A batch file is run by
`cmd`, which takes `%`, `&` and quotes in its arguments for commands: so the program behind it is
started instead, and one whose program cannot be told gets no such argument.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.processes.identity import WINDOWS

if TYPE_CHECKING:
    from collections.abc import Sequence

_BATCH: Final = frozenset({".cmd", ".bat"})
_READ_BY_CMD: Final = re.compile(r'["%&|<>^!\r\n]')
_PROGRAM: Final = re.compile(r'SET "_prog=(?P<name>[\w.-]+)"', re.IGNORECASE)
_LAST: Final = re.compile(r'(?P<by>"%_prog%" +)?"%dp0%\\(?P<target>[^"%]+)" +%\*\s*$')
"""How the batch files of npm (cmd-shim) end: a program and a script, or a program alone."""


def startable(argv: Sequence[str], path: str | None) -> list[str]:
    """Return *argv* as a process can be started from it; on Windows its program is looked for.

    Args:
        argv: The program and its arguments.
        path: The `PATH` to look on; this process's own when None.

    Raises:
        ValueError: It is a batch file that cannot be given these arguments.
    """
    if not WINDOWS or not argv:
        return list(argv)
    file = shutil.which(argv[0], path=path)
    return list(argv) if file is None else unwrapped(Path(file), argv[1:], path)


def unwrapped(file: Path, arguments: Sequence[str], path: str | None) -> list[str]:
    """Return the command that starts what the batch file *file* would; else *file* itself.

    Raises:
        ValueError: As of `startable`.
    """
    if file.suffix.lower() not in _BATCH:
        return [str(file), *arguments]
    behind = _behind(file, path)
    if behind:
        return [*behind, *arguments]
    if any(_READ_BY_CMD.search(argument) for argument in arguments):
        raise ValueError(
            f"{file} is a batch file, which would take its arguments for commands;"
            " name the program that it starts"
        )
    return [str(file), *arguments]


def _behind(file: Path, path: str | None) -> list[str]:
    """Return program and script that a batch file of npm's starts; nothing for any other."""
    text = file.read_text(encoding="utf-8", errors="replace")
    last, named = _LAST.search(text), _PROGRAM.findall(text)
    if last is None:
        return []
    target = str(file.parent.joinpath(*last["target"].split("\\")))
    if not last["by"]:
        return [target]
    if not named:
        return []
    name = named[-1]
    beside = file.with_name(f"{name}.exe")
    program = str(beside) if beside.is_file() else shutil.which(name, path=path)
    return [] if program is None else [program, target]
