"""Set Weft up from a clone, then run, test, check or measure it: `python3 packaging/dev.py run`.

Needs Python 3.11 and git 2.39 and nothing else: the standard library alone is used here, uv is
fetched into `.weft-dev/` where it is missing, and everything Python goes into `.venv/`.

This is a script, and the folder is no package: a package of its name would shadow the library.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import system_packages
from steps import ROOT, Step, run_step, run_steps, say, summarise, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

VENV = ROOT / ".venv"
TOOLS = ROOT / ".weft-dev" / "tools"
STAMP = VENV / "weft-dev.json"

OLDEST_PYTHON = (3, 11)
OLDEST_GIT = (2, 39)
OLDEST_UV = (0, 9)

INTERRUPTED = 130
NOTHING_COLLECTED = 5
"""pytest's exit status when no test matched."""


class SetupError(Exception):
    """Something that the person at the keyboard has to put right; the text says how."""


def main(argv: Sequence[str]) -> int:
    """Do what the command line asks and return the exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # on Windows a log may have few letters
        sys.stdout.reconfigure(errors="replace")
    parser = argparse.ArgumentParser(prog="dev.py", description=__doc__.partition("\n\n")[0])
    parser.add_argument(
        "command",
        choices=sorted(COMMANDS),
        help="run: open the window, or without a display run the demo; test: every check and "
        "test; lint: the checks alone; bench: the benchmarks; bundle: build and try the bundle; "
        "setup: install only",
    )
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="passed on to weft or pytest")
    asked = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, _end_on_sigterm)
    try:
        check_python(sys.version_info[:3])
        return COMMANDS[asked.command](asked.rest)
    except SetupError as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        say("interrupted")
        return INTERRUPTED


# --- commands ---------------------------------------------------------------------------------


def command_run(rest: Sequence[str]) -> int:
    """Open the window; without a display, run the demo from end to end in the terminal."""
    check_git(git_version())
    arguments = weft_arguments(rest, display=has_display(sys.platform, os.environ))
    if not arguments:
        install_system_packages(system_packages.WINDOW)
    install_python_packages(groups=())
    return replace_process([str(program("weft")), *arguments])


def command_setup(rest: Sequence[str]) -> int:
    """Install everything that the other commands need."""
    del rest
    check_git(git_version())
    install_system_packages(system_packages.WINDOW)
    install_python_packages(groups=("dev",))
    say(f"Ready. Start Weft with: {program('weft')}")
    return 0


def command_lint(rest: Sequence[str]) -> int:
    """Run the checks that need no test."""
    del rest
    install_python_packages(groups=("dev",))
    return summarise(lint_steps())


def command_test(rest: Sequence[str]) -> int:
    """Run the checks and the tests; what follows `test` goes to pytest."""
    check_git(git_version())
    install_system_packages(system_packages.WINDOW)
    install_system_packages(system_packages.SCREEN_TESTS, optional=True)
    install_python_packages(groups=("dev",))
    return summarise([*lint_steps(), *test_steps(rest)])


def command_bench(rest: Sequence[str]) -> int:
    """Run the benchmarks, alone and one after another."""
    check_git(git_version())
    install_system_packages(system_packages.WINDOW)
    install_python_packages(groups=("dev",))
    words = [*PYTEST, "-m", "benchmark", "-p", "no:xdist", "-s", "tests/benchmarks", *rest]
    return summarise([run_step("benchmarks", [python(), *words], shown=True)])


def command_bundle(rest: Sequence[str]) -> int:
    """Build the bundle into `dist/weft`, and try it; what follows goes to PyInstaller."""
    install_system_packages(system_packages.WINDOW)
    install_python_packages(groups=("bundle",))
    folders = ["--distpath", str(ROOT / "dist"), "--workpath", str(ROOT / "build")]
    spec = [*folders, "--noconfirm", "packaging/weft.spec", *rest]
    built = run_step("bundle", [python(), "-m", "PyInstaller", *spec])
    if not built.passed:
        return summarise([built])
    tries = [python(), "packaging/smoke_test.py", "dist/weft"]
    return summarise([built, run_step("smoke test", tries, shown=True)])


COMMANDS = {
    "bundle": command_bundle,
    "run": command_run,
    "setup": command_setup,
    "lint": command_lint,
    "test": command_test,
    "bench": command_bench,
}


def weft_arguments(rest: Sequence[str], *, display: bool) -> list[str]:
    """Return what `weft` is called with; an empty list opens the window."""
    if display or (rest and not rest[0].startswith("-")):
        return list(rest)
    return ["demo", "--headless", *rest]


def has_display(platform: str, environ: Mapping[str, str]) -> bool:
    """Return whether a window can be shown: elsewhere than on Linux it always can."""
    if not platform.startswith("linux"):
        return True
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


# --- what the machine must have ---------------------------------------------------------------


def check_python(version: tuple[int, ...]) -> None:
    """Refuse a Python that is too old."""
    if version[:2] < OLDEST_PYTHON:
        raise SetupError(
            f"Weft needs Python {dotted(OLDEST_PYTHON)} or newer, and this is {dotted(version)}: "
            "start this script with a newer python3."
        )


def check_git(version: tuple[int, ...] | None) -> None:
    """Refuse a machine without git, or with one that cannot merge in memory."""
    wish = f"Weft needs git {dotted(OLDEST_GIT)} or newer"
    if version is None:
        raise SetupError(f"{wish}, and there is none on PATH: install git and run this again.")
    if version[:2] < OLDEST_GIT:
        raise SetupError(f"{wish}, and this is {dotted(version)}: install a newer git, please.")


def git_version() -> tuple[int, ...] | None:
    """Return the version of the git on PATH, or None without one."""
    return version_of("git")


def version_of(name: str) -> tuple[int, ...] | None:
    """Return what `NAME --version` says, or None if that does not work."""
    path = shutil.which(name)
    if path is None:
        return None
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    return parse_version(done.stdout) if done.returncode == 0 else None


def parse_version(text: str) -> tuple[int, ...] | None:
    """Return the first dotted number in *text*: `git version 2.39.5 (Apple)` is (2, 39, 5)."""
    found = re.search(r"\d+(?:\.\d+)+", text)
    return tuple(int(part) for part in found[0].split(".")) if found else None


def dotted(version: Iterable[int]) -> str:
    """Return a version as people write it."""
    return ".".join(str(part) for part in version)


# --- system packages --------------------------------------------------------------------------


def install_system_packages(wanted: Sequence[str], *, optional: bool = False) -> None:
    """Bring in what is missing on Debian and Ubuntu; elsewhere Qt's wheel has what it needs.

    Raises:
        SetupError: Something is missing, not *optional*, and could not be installed from here.
    """
    missing = system_packages.missing(wanted)
    if not missing:
        return
    say(f"Installing system packages: {' '.join(missing)}")
    if system_packages.install(missing):
        return
    advice = system_packages.advice(missing)
    if not optional:
        raise SetupError(f"Qt needs system packages that are missing here. Run: {advice}")
    say(f"note: tests that need a screen are left out. To have them: {advice}")


# --- Python packages --------------------------------------------------------------------------


def install_python_packages(groups: Sequence[str]) -> None:
    """Make `.venv` hold exactly the lock, unless its stamp says that it does already."""
    stamp = read_stamp()
    if is_current(stamp, digest(version_of(python())), groups):
        return
    groups = with_those_before(stamp, groups)
    uv = find_uv() or fetch_uv()
    say("Installing Python packages into .venv (about 100 MB to fetch the first time) ...")
    interpreter = python() if (version_of(python()) or ()) >= OLDEST_PYTHON else sys.executable
    words = [str(uv), "sync", "--locked", "--python", interpreter, "--no-default-groups"]
    # Bytecode now: where writing it later is switched off, each command would take twice as long.
    words.append("--compile-bytecode")
    environ = {name: text for name, text in os.environ.items() if name != "VIRTUAL_ENV"}
    environ |= {"UV_PROJECT_ENVIRONMENT": str(VENV), "UV_PYTHON_DOWNLOADS": "never"}
    if not os.access(Path.home(), os.W_OK):
        environ.setdefault("UV_CACHE_DIR", str(ROOT / ".weft-dev" / "cache"))
    words += [f"--group={group}" for group in groups] or ["--inexact"]
    try:
        call(words, "uv sync", environ)
    except SetupError as error:
        if "certificate" not in str(error):
            raise
        # uv brings its own authorities; behind a proxy only the system knows the right one.
        call(words, "uv sync", environ | {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"})
    done = {"digest": digest(version_of(python())), "groups": list(groups)}
    STAMP.write_text(json.dumps(done), encoding="utf-8")


def digest(version: tuple[int, ...] | None, root: Path = ROOT) -> str:
    """Return a hash that changes whenever `.venv` has to.

    Args:
        version: Of the interpreter in `.venv`, which an upgrade of the system may exchange.
        root: The repository; moving it breaks the programs in `.venv`, which name their path.
    """
    parts = [(root / name).read_bytes() for name in ("uv.lock", "pyproject.toml")]
    return hashlib.sha256(b"\0".join([*parts, repr((version, str(root))).encode()])).hexdigest()


def read_stamp(path: Path = STAMP) -> Mapping[str, object]:
    """Return what the last installation left, or nothing if it did not end."""
    try:
        stamp = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def is_current(stamp: Mapping[str, object], wanted: str, groups: Iterable[str]) -> bool:
    """Return whether *stamp* is of this lock and covers *groups*."""
    have = stamp.get("groups")
    return stamp.get("digest") == wanted and isinstance(have, list) and set(groups) <= set(have)


def with_those_before(stamp: Mapping[str, object], groups: Iterable[str]) -> list[str]:
    """Return *groups* and those installed before: running Weft must not remove the test tools."""
    have = stamp.get("groups")
    return sorted({*groups, *(have if isinstance(have, list) else ())})


def find_uv() -> str | None:
    """Return a uv that works and is new enough: the person's own, or the one fetched before."""
    # With its ending: before Python 3.12 `which` adds none to a path on Windows.
    for candidate in ("uv", str(program("uv", TOOLS)), str(TOOLS / "bin" / program("uv").name)):
        version = version_of(candidate)
        if version and version >= OLDEST_UV:
            return candidate
    return None


def fetch_uv() -> str:
    """Install uv into a private folder, by whichever of venv and pip this Python has."""
    say("Fetching uv into .weft-dev ...")
    if not has_module("ensurepip") and not has_module("pip"):
        install_venv_module()
    shutil.rmtree(TOOLS, ignore_errors=True)
    pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if has_module("ensurepip"):
        call([sys.executable, "-m", "venv", str(TOOLS)], "python -m venv")
        call([str(program("python", TOOLS)), *pip, "uv"], "pip install uv")
    else:
        call([sys.executable, *pip, "--target", str(TOOLS), "uv"], "pip install uv")
    uv = find_uv()
    if uv is None:
        raise SetupError("uv was installed but does not start: install uv yourself, please.")
    return uv


def install_venv_module() -> None:
    """Bring in the modules that Debian's python3 leaves out."""
    name = f"python{dotted(sys.version_info[:2])}-venv"
    debian = system_packages.is_debian_like()
    if debian and system_packages.install([name]):
        return
    way = f"run {system_packages.advice([name])}" if debian else "install uv or pip"
    raise SetupError(f"This Python has neither pip nor venv, and there is no uv: {way}.")


def has_module(name: str) -> bool:
    """Return whether a fresh interpreter finds a module; a package just installed counts."""
    words = [sys.executable, "-c", f"import {name}"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def scripts(venv: Path) -> Path:
    """Return where a virtual environment keeps its programs."""
    return venv / ("Scripts" if os.name == "nt" else "bin")


def program(name: str, venv: Path = VENV) -> Path:
    """Return where a virtual environment, Weft's own unless named, has a program."""
    return scripts(venv) / (f"{name}.exe" if os.name == "nt" else name)


def python() -> str:
    """Return the interpreter of `.venv`."""
    return str(program("python"))


# --- checks and tests -------------------------------------------------------------------------

PYTEST = ("-m", "pytest")


def lint_steps() -> list[Step]:
    """Run every check, as many at once as there are cores; each is quiet unless it fails."""
    checks = {
        "mypy": [python(), "-m", "mypy"],  # the longest first
        **{f"mypy for {name}": mypy_for(name) for name in ("win32", "darwin")},
        "ruff check": [python(), "-m", "ruff", "check", "."],
        "ruff format": [python(), "-m", "ruff", "format", "--check", "."],
        "lint-imports": [str(program("lint-imports"))],
    }
    return run_steps(checks, at_once=cores())


def mypy_for(platform: str) -> list[str]:
    """Return the words that check Weft, without its tests, as if it ran on another system.

    `WINDOWS` and `LINUX` are what the code asks before it does what one system alone can; a cache
    of its own keeps the next look under a second.
    """
    windows = "--always-true" if platform == "win32" else "--always-false"
    known = ["--always-false=LINUX", f"{windows}=WINDOWS", f"{windows}=_WINDOWS"]
    options = [*known, "--no-warn-unreachable", f"--cache-dir=.mypy_cache/{platform}"]
    return [python(), "-m", "mypy", f"--platform={platform}", *options, "core", "gui", "resources"]


def test_steps(rest: Sequence[str]) -> list[Step]:
    """Run the tests on every core, then those that need a screen under Xvfb."""
    marks = "not benchmark and not xvfb"
    # One more than there are cores: many tests wait for processes of theirs.
    words = [*PYTEST, "-n", str(cores() + 1), "-q", "-m", marks, *rest]
    offscreen = {"QT_QPA_PLATFORM": "offscreen"}
    steps = [run_step("tests", [python(), *words], shown=True, environ=offscreen)]
    xvfb = shutil.which("xvfb-run")
    if xvfb:
        screen = [xvfb, "--auto-servernum", "--server-args=-screen 0 1920x1080x24"]
        words = [*screen, python(), *PYTEST, "-q", "-m", "xvfb", *rest]
        environ = {"QT_QPA_PLATFORM": "xcb"}
        fine = (0, NOTHING_COLLECTED)
        step = run_step("tests on a screen", words, shown=True, environ=environ, fine=fine)
        # A screen, a window manager and an accessibility bus are many processes that can come
        # late on a busy machine: what failed gets one more try, and that shows.
        if not step.passed:
            again = [*words, "--last-failed"]
            step = run_step("once more", again, shown=True, environ=environ, fine=fine)
        steps.append(step)
    return steps


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# --- processes --------------------------------------------------------------------------------


def call(words: Sequence[str], name: str, environ: Mapping[str, str] | None = None) -> None:
    """Run a tool quietly; if it fails, say what it said."""
    done = subprocess.run(
        words, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode:
        said = hide_hosts(done.stdout.decode(errors="replace")).strip()
        raise SetupError(f"{name} failed (exit status {done.returncode}):\n{said}")


def hide_hosts(text: str) -> str:
    """Leave out whose server a tool spoke to: logs are pasted into public places."""
    return re.sub(r"(\w+://)[^\s/]+", r"\1...", text)


def replace_process(words: Sequence[str]) -> int:
    """Become another program; where that is not possible, wait for it."""
    sys.stdout.flush()
    if os.name == "posix":
        os.execv(words[0], list(words))  # noqa: S606  no shell: an argument list is what is wanted
    child = subprocess.Popen(words)
    wait_for(child)
    return child.returncode


def _end_on_sigterm(number: int, frame: object) -> NoReturn:
    del frame
    raise SystemExit(128 + number)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
