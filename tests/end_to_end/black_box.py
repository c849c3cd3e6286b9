"""Weft as people and programs meet it: real processes of the console script, nothing imported."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

ENDS_S: Final = 90.0
"""A bound for one command on a busy machine, not an expectation."""


def command() -> list[str]:
    """Return how `weft` is started: its console script, else as a module."""
    name = "weft.exe" if os.name == "nt" else "weft"
    script = Path(sys.executable).with_name(name)
    if script.exists():
        return [str(script)]
    return [sys.executable, "-c", "from core.interfaces.cli.app import main; main()"]


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err


@dataclass(frozen=True, slots=True)
class Weft:
    """The command line, called from *folder*."""

    folder: Path

    def __call__(
        self,
        *words: str,
        status: int = 0,
        stdin: str | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> Said:
        """Run one command to its end; another exit status than *status* fails the test."""
        said = self.tried(*words, stdin=stdin, environ=environ)
        assert said.status == status, f"weft {' '.join(words)} → {said.status}\n{said.all}"
        return said

    def tried(
        self,
        *words: str,
        stdin: str | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> Said:
        """Run one command to its end, however it ends; a traceback fails the test."""
        done = subprocess.run(
            [*command(), *words],
            cwd=self.folder,
            env=os.environ | (environ or {}),
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            encoding="utf-8",
            timeout=ENDS_S,
            check=False,
        )
        said = Said(done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in said.err, f"weft {' '.join(words)}\n{said.err}"
        return said

    def json(self, *words: str, status: int = 0) -> Any:
        """Run one command with `--json` and return what it printed."""
        return json.loads(self(*words, "--json", status=status).out)

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """Start a command and return its process, its output in pipes."""
        return subprocess.Popen(
            [*command(), *words],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def task(self, key: str) -> dict[str, Any]:
        """Return a task as JSON, with its runs."""
        found: dict[str, Any] = self.json("task", "show", key)
        return found

    def runs(self) -> list[dict[str, Any]]:
        """Return the live runs as JSON."""
        found: list[dict[str, Any]] = self.json("status")["runs"]
        return found


class WindowProcess:
    """The window's engine in a process of its own; see `window_process.py`."""

    def __init__(self, folder: Path) -> None:
        self.heard: list[dict[str, Any]] = []
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("window_process.py")), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def of(self, kind: str) -> list[Any]:
        """Return what was heard of one kind: board, event, started, end."""
        return [line[kind] for line in list(self.heard) if kind in line]

    def tell(self, line: str) -> None:
        """Have it do something."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        """End it as a crash would."""
        self._process.kill()
        self._finish()

    def close(self) -> int:
        """Let it end; return its exit status. Safe to call twice."""
        assert self._process.stdin is not None
        if not self._process.stdin.closed:
            self._process.stdin.close()
        return self._finish()

    def _finish(self) -> int:
        status = self._process.wait(ENDS_S)
        self._reader.join(ENDS_S)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None and not pipe.closed:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        return status

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.heard.append(json.loads(line))
