"""Which program a profile would start, and which version it is.

A version is asked once for each file as it is now; the answer is kept in Weft's home, so that
nothing waits for it: who must not wait reads what is known, and who may, asks.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.agents.child import ChildSession
from core.agents.driver import DriverUnavailable
from core.domain.agent_event import ProcessOutput
from core.paths import replace_file, weft_home

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.agents.programs import Program

LIMIT_S: Final = 20.0
"""How long a program may take to tell its version; then it stays unknown."""
_FILE: Final = "agent-versions.json"
_VERSION: Final = re.compile(r"\d+\.\d+(?:\.\d+)*")
_ENVIRONMENT: Final = (
    "PATH", "HOME", "LANG", "SYSTEMROOT", "COMSPEC", "PATHEXT", "APPDATA",
    "LOCALAPPDATA", "TEMP", "TMP", "USERPROFILE",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Installed:
    """A program as it is found: its file, and its version if that is known."""

    file: str
    version: str = ""


def installed(program: Program, command: tuple[str, ...], path: str | None) -> Installed | None:
    """Return what is known of the program that *command* starts, without starting it.

    None when it is not there, or is none that *program* describes.
    """
    if not command or Path(command[0]).stem != Path(program.command[0]).stem:
        return None
    file = shutil.which(command[0], path=path)
    if file is None:
        return None
    return Installed(file, _kept().get(_fingerprint(file), ""))


async def learn(program: Program, command: tuple[str, ...], path: str | None) -> Installed | None:
    """Like `installed`, and ask the program for its version if that is not known."""
    found = installed(program, command, path)
    if found is None or found.version or not program.version:
        return found
    version = await _asked([found.file, *program.version], program.env)
    if version:
        await asyncio.to_thread(_keep, _fingerprint(found.file), version)
    return Installed(found.file, version)


def age_problem(program: Program, found: Installed | None) -> str:
    """Return one sentence when the version that was found is too old, else nothing."""
    if found is None or not found.version or not program.least:
        return ""
    if _numbers(found.version) >= _numbers(program.least):
        return ""
    return (
        f"{program.title} {found.version} is too old: Weft needs {program.least} or newer"
        f"{how_to_get(program)}."
    )


def how_to_get(program: Program) -> str:
    """Return how to install *program*, as the end of a sentence; nothing when unknown."""
    return f"; get it with: {program.install}" if program.install else ""


async def _asked(argv: list[str], environment: Mapping[str, str]) -> str:
    known = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    try:
        child = await ChildSession.start(
            argv,
            worktree=Path(tempfile.gettempdir()),
            environment={**known, **environment},
            stdin=None,
        )
    except DriverUnavailable:
        return ""
    version = ""
    try:
        async with asyncio.timeout(LIMIT_S):
            async for event in child.events():
                if isinstance(event, ProcessOutput) and not version:
                    told = _VERSION.search(" ".join(event.lines))
                    version = told[0] if told else ""
    except TimeoutError:
        _kill(child.agent.pid)
    await child.close()
    return version


def _kill(pid: int) -> None:
    """End a program that leads a group of its own, and what it started."""
    with suppress(ProcessLookupError):
        if sys.platform == "win32":
            os.kill(pid, signal.SIGTERM)
        else:
            os.killpg(pid, signal.SIGKILL)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _fingerprint(file: str) -> str:
    """Return what changes when another version takes the file's place."""
    try:
        real = Path(file).resolve()
        status = real.stat()
    except OSError:
        return file
    return f"{real}:{status.st_size}:{status.st_mtime_ns}"


def _kept() -> dict[str, str]:
    try:
        found = json.loads((weft_home() / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _keep(fingerprint: str, version: str) -> None:
    file = weft_home() / _FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    path = fingerprint.partition(":")[0]
    kept = {key: value for key, value in _kept().items() if not key.startswith(f"{path}:")}
    fresh = file.with_name(f"{_FILE}.{os.getpid()}")
    fresh.write_text(
        json.dumps({**kept, fingerprint: version}, indent=1), encoding="utf-8", newline="\n"
    )
    replace_file(fresh, file)  # two at once: one of the answers is asked again
