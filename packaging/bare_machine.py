"""A machine on which Weft was never installed: an empty home, a clean environment, no Python.

Linux can be given one by bubblewrap: a root that holds the system's folders read-only, with every
Python in them covered, the bundle, and a home. Elsewhere, and where bubblewrap may not do that,
the environment alone is clean, and `told` says so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

_SYSTEM: Final = ("/bin", "/lib", "/lib32", "/lib64", "/sbin")
_SYSTEM_READ_ONLY: Final = ("/usr", "/etc", "/sys", "/nix", "/run/dbus")
_PYTHONS: Final = (
    "/usr/bin/*python*",
    "/usr/local/bin/*python*",
    "/usr/lib/python*",
    "/usr/lib/*/libpython*",
    "/usr/lib/*/python*",
    "/usr/local/lib/*python*",
    "/usr/share/python*",
)
_LOOK_FOR_PYTHON: Final = "! python3 -c 1 && ! python -c 1 && git --version"


@dataclass(frozen=True)
class Machine:
    """Where a bundle is tried.

    Attributes:
        bundle: The folder of the bundle.
        home: The person's home, empty at first.
        environ: All that a program gets.
        root: Words that start a program in a root of its own; empty where that is not possible.
        told: What this machine lacks, in words.
    """

    bundle: Path
    home: Path
    environ: dict[str, str]
    root: tuple[str, ...]
    told: str

    @classmethod
    def prepare(cls, bundle: Path, home: Path) -> Machine:
        """Return a machine around *bundle*; the rest of this one is not on it where possible."""
        git = shutil.which("git")
        if git is None:
            raise SystemExit("git is not on PATH.")
        environ = _environment(home, Path(git))
        machine = cls(bundle, home, environ, (), "a clean environment")
        if os.name != "nt":
            _put_listener_before(Path(git), home)
        without = replace(machine, root=_root(bundle, home), told="no Python in its file system")
        if not without.root:
            return machine
        looked = without.run(["sh", "-c", _LOOK_FOR_PYTHON], 30)
        if looked.returncode == 0:
            return without
        return replace(machine, told=f"a clean environment alone: {looked.stderr.strip()}")

    @property
    def weft(self) -> Path:
        """Return the program that a person starts."""
        return self.bundle / ("weft.exe" if os.name == "nt" else "weft")

    @property
    def weft_home(self) -> Path:
        """Return the folder in which Weft keeps its files."""
        return Path(self.environ["WEFT_HOME"])

    def elsewhere(self, name: str, **more: str) -> Machine:
        """Return the same machine with Weft's files in another folder, and *more* variables."""
        folder = str(self.home / name / "weft-home")
        return replace(self, environ={**self.environ, "WEFT_HOME": folder, **more})

    def run(self, words: list[str], limit_s: float) -> subprocess.CompletedProcess[str]:
        """Run a program to its end."""
        return subprocess.run(
            [*self.root, *words],
            env=self.environ,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=limit_s,
            check=False,
        )

    def started(self, words: list[str], log: IO[bytes]) -> Started:
        """Start a program that is ended on leaving the context."""
        return Started(
            [*self.root, *words], env=self.environ, cwd=self.home, stdout=log, stderr=log
        )


class Started(subprocess.Popen[bytes]):
    """A program that is asked to end, then waited for, when its context is left."""

    def __exit__(self, *_: object) -> None:
        self.terminate()
        try:
            self.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()
            self.wait()


def _environment(home: Path, git: Path) -> dict[str, str]:
    system = [r"C:\Windows\System32"] if os.name == "nt" else ["/usr/bin", "/bin"]
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "DISPLAY") if name in os.environ}
    return {
        **kept,
        "HOME": str(home),
        "USERPROFILE": str(home),
        "PATH": os.pathsep.join(dict.fromkeys([str(home / "bin"), str(git.parent), *system])),
        "WEFT_HOME": str(home / "weft-home"),
    }


def _put_listener_before(git: Path, home: Path) -> None:
    """Have each start of git leave its environment in `git.env`, so that it can be looked at."""
    listener = home / "bin" / "git"
    listener.parent.mkdir()
    listener.write_text(
        f"#!/bin/sh\nenv >> '{home}/git.env'\nexec '{git}' \"$@\"\n", encoding="utf-8"
    )
    listener.chmod(0o755)


def _root(bundle: Path, home: Path) -> tuple[str, ...]:
    """Return the words of bubblewrap for a root without Python, or none without bubblewrap."""
    program = shutil.which("bwrap")
    if program is None or not sys.platform.startswith("linux"):
        return ()
    words = [program, "--dev", "/dev", "--bind", "/proc", "/proc", "--tmpfs", "/tmp"]  # noqa: S108
    words += chain.from_iterable(("--ro-bind-try", name, name) for name in _SYSTEM_READ_ONLY)
    for name in _SYSTEM:
        link = Path(name)
        if link.is_symlink():
            words += ["--symlink", str(link.readlink()), name]
        elif link.is_dir():
            words += ["--ro-bind", name, name]
    words += chain.from_iterable(_covered())
    words += ["--ro-bind-try", "/tmp/.X11-unix", "/tmp/.X11-unix"]  # noqa: S108  where X listens
    words += ["--bind", str(home), str(home), "--ro-bind", str(bundle), str(bundle)]
    return (*words, "--chdir", str(home))


def _covered() -> Iterator[tuple[str, ...]]:
    """Lay an empty folder over each folder of Python's, and nothing over each file."""
    seen = {found.resolve() for each in _PYTHONS for found in Path("/").glob(each[1:])}
    for path in sorted(seen):
        if path.is_dir():
            yield ("--tmpfs", str(path))
        elif path.is_file() and str(path).startswith("/usr/"):
            yield ("--ro-bind", "/dev/null", str(path))
