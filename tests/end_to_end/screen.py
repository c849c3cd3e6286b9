"""A screen of a test's own: X server, window manager, accessibility bus, and a hand and an eye."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from tests.waiting import LONG_S, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PROGRAMS: Final = ("Xvfb", "openbox", "xdotool", "dbus-daemon")
LAUNCHERS: Final = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")
SYSTEM_PYTHON: Final = "/usr/bin/python3"
SIZE: Final = (1600, 1000)
EYE: Final = Path(__file__).with_name("accessibility_eye.py")
STEPS: Final = 12
"""The moves of a drag: one jump is not taken for one."""


def missing() -> str:
    """Return what this system lacks for a screen with an accessibility bus, or an empty text."""
    if not sys.platform.startswith("linux"):
        return f"an X server of its own on {sys.platform}"
    lacks = [name for name in PROGRAMS if shutil.which(name) is None]
    if _launcher() is None:
        lacks.append("at-spi-bus-launcher")
    words = [SYSTEM_PYTHON, "-c", "import gi; gi.require_version('Atspi', '2.0')"]
    if not Path(SYSTEM_PYTHON).exists() or subprocess.run(words, check=False).returncode:
        lacks.append("python3-gi with gir1.2-atspi-2.0")
    return ", ".join(lacks)


@dataclass(frozen=True, slots=True)
class Node:
    """Something on the screen, as a screen reader is told of it."""

    number: int
    name: str
    role: str
    description: str
    focused: bool
    enabled: bool
    focusable: bool
    box: tuple[int, int, int, int]

    @property
    def center(self) -> tuple[int, int]:
        left, top, width, height = self.box
        return left + width // 2, top + height // 2


@dataclass(slots=True)
class Screen:
    """An X display with a window manager and an accessibility bus; `close` ends all of it."""

    environ: dict[str, str] = field(repr=False)
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    @classmethod
    def start(cls, folder: Path) -> Self:
        """Start one; *folder* holds its sockets and its files."""
        folder.mkdir(mode=0o700)
        screen = cls(dict(os.environ) | {"XDG_RUNTIME_DIR": str(folder), "HOME": str(folder)})
        try:
            number = screen._start_server()
            screen.environ["DISPLAY"] = f":{number}"
            screen.environ["DBUS_SESSION_BUS_ADDRESS"] = screen._start_bus(folder)
            launcher = _launcher()
            assert launcher is not None
            screen._begin("openbox")
            screen._begin(launcher, "--launch-immediately")
            with screen.look_at("nobody") as eye:  # brings the registry up: it stays with us
                assert eye.find() == []
        except BaseException:
            screen.close()
            raise
        return screen

    def look_at(self, application: str) -> Eye:
        """Return an eye for one application."""
        return Eye(application, self.environ)

    def hand(self, *words: object) -> str:
        """Do something with mouse or keyboard, in the words of xdotool; return what it says."""
        done = subprocess.run(
            ["xdotool", *map(str, words)],
            env=self.environ,
            capture_output=True,
            encoding="utf-8",
            timeout=LONG_S,
            check=False,
        )
        return done.stdout.strip()

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Take what is at *start* and drop it at *end*, as fast as a hand does."""
        words: list[object] = ["mousemove", *start, "sleep", 0.05, "mousedown", 1, "sleep", 0.05]
        for step in range(1, STEPS + 1):
            place = (a + (b - a) * step // STEPS for a, b in zip(start, end, strict=True))
            words += ["mousemove", *place, "sleep", 0.02]
        self.hand(*words, "sleep", 0.1, "mouseup", 1)

    def click(self, place: tuple[int, int]) -> None:
        """Press the left button at *place*."""
        self.hand("mousemove", *place, "sleep", 0.05, "click", 1)

    def keys(self, *names: str) -> None:
        """Press keys one after the other."""
        self.hand("key", "--delay", 20, *names)

    def picture(self, path: Path) -> None:
        """Keep what is on the screen, where ImageMagick is there to do so."""
        if shutil.which("import"):
            words = ["import", "-window", "root", str(path)]
            subprocess.run(words, env=self.environ, check=False, timeout=LONG_S)

    def close(self) -> None:
        """End everything, the youngest first."""
        for process in reversed(self.processes):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(LONG_S)
            process.kill()
            process.wait(LONG_S)
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def _start_server(self) -> int:
        read, write = os.pipe()
        width, height = SIZE
        words = ["-displayfd", str(write), "-screen", "0", f"{width}x{height}x24"]
        self._begin("Xvfb", *words, "-nolisten", "tcp", "-noreset", passed=(write,))
        os.close(write)
        with os.fdopen(read) as told:
            return int(told.readline())

    def _start_bus(self, folder: Path) -> str:
        address = f"unix:path={folder / 'bus'}"
        bus = self._begin(
            "dbus-daemon", "--session", "--nofork", "--print-address=1", f"--address={address}"
        )
        assert bus.stdout is not None
        return bus.stdout.readline().strip()

    def _begin(self, *words: str, passed: tuple[int, ...] = ()) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            words,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            pass_fds=passed,
        )
        self.processes.append(process)
        return process


class Eye:
    """Finds things by the names that a screen reader says."""

    def __init__(self, application: str, environ: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [SYSTEM_PYTHON, str(EYE), application],
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Look no longer."""
        self._process.communicate(timeout=LONG_S)

    def is_there(self) -> bool:
        """Return whether the application is on the accessibility bus."""
        return self._ask({"wait": True}) is True

    def find(self, **wanted: Any) -> list[Node]:
        """Return what matches `name`, `prefix`, `role`; `within` is a node, `shown` is true."""
        if isinstance(wanted.get("within"), Node):
            wanted["within"] = wanted["within"].number
        found = self._ask({"find": wanted})
        if not isinstance(found, list):
            return []
        return [Node(**(node | {"box": tuple(node["box"])})) for node in found]

    def see(self, name: str | None = None, **wanted: Any) -> Node:
        """Wait until something is there and return it."""
        if name is not None:
            wanted["name"] = name
        found: list[Node] = self.until(lambda: self.find(**wanted), f"{wanted}")
        return found[0]

    def until(self, look: Callable[[], Any], what: str) -> Any:
        """Wait until *look* returns something, and return that."""
        seen: list[Any] = []

        def looked() -> bool:
            seen[:] = [look()]
            return bool(seen[0])

        try:
            wait_until(looked)
        except AssertionError as error:
            names = sorted({f"{n.role} {n.name!r}" for n in self.find() if n.name})
            raise AssertionError(f"not seen: {what}; there is: {', '.join(names)}") from error
        return seen[0]

    def press(self, node: Node) -> None:
        """Do what a screen reader's own key for it does."""
        assert self._ask({"press": node.number}) is True

    def _ask(self, request: dict[str, Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def _launcher() -> str | None:
    return next((path for path in LAUNCHERS if Path(path).exists()), None)
