"""Which programs Weft itself starts, from a checkout, a wheel or a frozen bundle alike."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.processes.identity import WINDOWS

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

RUNNER: Final = "weft-runner"
"""Name of the bundle's second executable, which has no Qt."""

NEW_SESSION: Final = not WINDOWS
"""For Popen's `start_new_session`: the process outlives its starter's terminal and window."""
NO_WINDOW: Final[int] = getattr(subprocess, "CREATE_NO_WINDOW", 0) if WINDOWS else 0
"""For Popen's `creationflags`: a console, if it has one on Windows, that nobody sees."""
CREATION_FLAGS: Final[int] = (
    NO_WINDOW | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) if WINDOWS else 0
)
"""For Popen's `creationflags`: the same as a new session, on Windows.

An unseen console rather than none (`DETACHED_PROCESS`): without one, each git and each tool that
such a process starts would open a window of its own.
"""

_LIBRARY_PATHS: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LIBPATH")
_OF_THE_BUNDLE: Final = "_PYI_"


def is_frozen() -> bool:
    """Whether this is a PyInstaller bundle."""
    return bool(getattr(sys, "frozen", False))


def undo_bundle(environ: MutableMapping[str, str], bundle: str) -> None:
    """Take out of *environ* what the starter of *bundle* put there, for all child processes.

    With the bundle's library path git, an agent or an editor would load our libraries in place of
    the system's. For this process itself it has been read before the first line of Python.
    """
    for name in _LIBRARY_PATHS:
        original = environ.pop(f"{name}_ORIG", None)
        if original:
            environ[name] = original
        elif name in environ and environ[name].startswith(bundle):
            del environ[name]
    for name in [name for name in environ if name.startswith(_OF_THE_BUNDLE)]:
        del environ[name]


def runner_command(run_id: str) -> list[str]:
    """Return the command line of the runner of one run."""
    if is_frozen():
        return [_bundled_runner(), run_id]
    # -P: the folder it starts in must not be able to bring a package called `core`.
    return [sys.executable, "-P", "-m", "core.runner", run_id]


def errand_command() -> list[str]:
    """Return the command line of a process that does one act for a runner's agent."""
    if is_frozen():
        return [_bundled_runner(), "--errand"]
    return [sys.executable, "-P", "-m", "core.interfaces.cli.errand"]


def weft_command() -> list[str]:
    """Return the command line of `weft` as a program of another environment can start it."""
    if is_frozen():
        return [_bundled_runner(), "--weft"]
    root = str(Path(__file__).parents[2])
    code = (
        f"import sys; sys.path.insert(0, {root!a});"  # in ASCII: a batch file has another code page
        " from core.interfaces.cli.app import main; main()"
    )
    return [sys.executable, "-P", "-c", code]


def script_command(file: Path, *argv: str) -> list[str]:
    """Return the command line that runs one of Weft's stand-alone files (standard library only)."""
    if is_frozen():
        return [_bundled_runner(), "--script", str(file), *argv]
    return [sys.executable, "-I", str(file), *argv]


def python_command() -> list[str]:
    """Return the command line of a Python that runs `-m MODULE …`; the bundle's own has no more."""
    if is_frozen():
        return [_bundled_runner(), "--python"]
    return [sys.executable]


def own_environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for a program of Weft's own or of the person's.

    It is the caller's without the marks of a run. Of a bundle there is nothing in it: the bundle's
    programs begin with `undo_bundle`.
    """
    source = os.environ if environ is None else environ
    return {key: value for key, value in source.items() if key not in _RUN_MARKS}


def importable(environ: Mapping[str, str]) -> dict[str, str]:
    """Return *environ* with the folder of this package on Python's path."""
    root = str(Path(__file__).parents[2])
    older = environ.get("PYTHONPATH")
    return {**environ, "PYTHONPATH": f"{root}{os.pathsep}{older}" if older else root}


_RUN_MARKS: Final = frozenset(
    {"WEFT_REPO", "WEFT_TASK", "WEFT_WORKER", "WEFT_RUN", "WEFT_SOCKET", "WEFT_LAUNCH_TOKEN"}
)


def _bundled_runner() -> str:
    name = f"{RUNNER}.exe" if WINDOWS else RUNNER
    return str(Path(sys.executable).with_name(name))
