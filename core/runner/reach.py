"""How a run's agent reaches Weft: the place of its socket, and a `weft` on its path."""

from __future__ import annotations

import os
import shlex
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.agents.driver import McpServer
from core.paths import replace_file, run_folder, scratch_folder
from core.processes.identity import WINDOWS
from core.processes.programs import weft_command

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LONGEST_ADDRESS: Final = 100
"""Bytes of a socket's path that every system takes (Linux 107, macOS 103)."""
SOCKET_FILE: Final = "weft.sock"
_FOLDER: Final = "door"


def socket_folder(run_id: str) -> tuple[Path, bool]:
    """Return a private folder for the run's socket, made now, and whether it is a passing one.

    It is the run's own if the path is short enough for a socket, else a new one in the system's
    folder for temporary files, under a name that `forget_socket` knows.
    """
    own = run_folder(run_id) / _FOLDER
    if len(os.fsencode(own / SOCKET_FILE)) <= _LONGEST_ADDRESS:
        own.mkdir(parents=True, exist_ok=True, mode=0o700)
        return own, False
    passing = _passing_folder(run_id)
    try:
        passing.mkdir(mode=0o700)
    except FileExistsError:  # not ours, whoever made it: a run has but one runner
        from tempfile import mkdtemp  # seldom needed, as below

        return Path(mkdtemp(prefix="weft-")), True
    return passing, True


def forget_socket(run_id: str) -> None:
    """Take away what a killed runner left of its socket."""
    (run_folder(run_id) / _FOLDER / SOCKET_FILE).unlink(missing_ok=True)
    passing = _passing_folder(run_id)
    (passing / SOCKET_FILE).unlink(missing_ok=True)
    with suppress(OSError):  # it was never there, or holds what is not ours
        passing.rmdir()


def _passing_folder(run_id: str) -> Path:
    from tempfile import gettempdir

    return Path(gettempdir()) / f"weft-{run_id}"


def program_folder() -> Path:
    """Return a folder that holds `weft` and nothing else, for an agent's PATH."""
    folder = scratch_folder("program")
    words = weft_command()
    # On Windows too: agents have bash there, which starts no batch files.
    _put(folder / "weft", f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n'.encode())
    if WINDOWS:
        _put(folder / "weft.cmd", batch_text(words).encode("oem", "replace"))
    return folder


def batch_text(words: Sequence[str]) -> str:
    """Return a batch file that starts *words* with its own arguments behind them."""
    from subprocess import list2cmdline  # for Windows alone

    return f"@{list2cmdline(words).replace('%', '%%')} %*\r\n"


def _put(file: Path, content: bytes) -> None:
    if file.is_file() and file.read_bytes() == content:
        return
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    fresh.write_bytes(content)
    fresh.chmod(0o700)
    replace_file(fresh, file)  # another runner may start it at this moment


def with_weft(environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return *environment* with *folder* first on its path."""
    older = environment.get("PATH", os.defpath)
    return {**environment, "PATH": f"{folder}{os.pathsep}{older}"}


def mcp_server(environment: Mapping[str, str], folder: Path) -> McpServer:
    """Return Weft's own MCP server as an agent with *environment* is to start it."""
    marks = ("WEFT_RUN", "WEFT_SOCKET", "WEFT_TASK", "WEFT_WORKER", "WEFT_REPO", "PATH", "HOME")
    program = str(folder / "weft") if not WINDOWS else sys.executable
    words = (program, "mcp") if not WINDOWS else (*weft_command(), "mcp")
    return McpServer(words, {name: environment[name] for name in marks if name in environment})
