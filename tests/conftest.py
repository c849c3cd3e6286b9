"""What every test gets: a private machine, and a check that it left nothing behind.

The host's git configuration, home folder and Weft folders are masked before the first test and
anew for each test, in the environment, so that child processes see the mask too. After each test
an unexpected ERROR line in the log, a child process that still runs or a thread that was not
joined fails it.

`WEFT_TEST_GIT=/path/to/git` runs everything with that git instead of the one on PATH; the first
lines of the report say which one was used.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import psutil
import pytest

from tests.scenarios import Repo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

GRACE_S = 5.0
"""How long what a test started may take to end after it: a bound, not a wait."""

_GIT_CONFIG = """\
[user]
    name = Weft Tests
    email = tests@weft.invalid
[init]
    defaultBranch = main
[commit]
    gpgSign = false
[core]
    autocrlf = false
    fsync = none
[gc]
    auto = 0
[maintenance]
    auto = false
"""
_SCRUBBED_PREFIXES = ("GIT_", "WEFT_", "XDG_")
_SCRUBBED = ("EDITOR", "VISUAL", "PAGER", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE")


def pytest_configure() -> None:
    """Put the git that `WEFT_TEST_GIT` names first on PATH, for this process and its children.

    Raises:
        pytest.UsageError: It is not a program of that name.
    """
    if os.name == "nt":
        _find_programs_of_git()
    chosen = os.environ.get("WEFT_TEST_GIT")
    if not chosen:
        return
    program = Path(chosen).absolute()
    if shutil.which("git", path=str(program.parent)) != str(program):
        raise pytest.UsageError(f"WEFT_TEST_GIT names no program git: {chosen}")
    path = os.environ["PATH"].split(os.pathsep)
    if path[0] != str(program.parent):  # a worker process has it already
        os.environ["PATH"] = os.pathsep.join([str(program.parent), *path])


def _find_programs_of_git() -> None:
    """Let tests run `sh`, `test` or `sleep` on Windows too: git has them, but not on PATH."""
    git = shutil.which("git")
    if git is None or shutil.which("sh") is not None:
        return
    folders = [above / "usr" / "bin" for above in Path(git).resolve().parents]
    found = [str(folder) for folder in folders if (folder / "sh.exe").is_file()]
    # Behind all else: Windows has a `find` and a `sort` of its own.
    os.environ["PATH"] = os.pathsep.join([os.environ["PATH"], *found])


def pytest_report_header() -> str:
    """Say with which git the tests run."""
    program = shutil.which("git")
    if program is None:
        return "git: none on PATH"
    done = subprocess.run([program, "version"], capture_output=True, text=True, check=False)
    return f"git: {done.stdout.strip().removeprefix('git version ')}, {program}"


@pytest.fixture(scope="session", autouse=True)
def masked_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Mask the machine for fixtures that live longer than one test."""
    with pytest.MonkeyPatch.context() as patch:
        mask_machine(patch, tmp_path_factory.mktemp("session-home"))
        yield


@pytest.fixture(autouse=True)
def home(
    masked_session: None, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The test's own home folder, the current one too; Weft's home is `weft-home` in it."""
    path = tmp_path_factory.mktemp("home")
    mask_machine(monkeypatch, path)
    # What works "here" if it is given no folder must not work on the checkout of Weft itself.
    monkeypatch.chdir(path)
    return path


@pytest.fixture
def weft_home(home: Path) -> Path:
    """The folder that `WEFT_HOME` names; it does not exist until something makes it."""
    return home / "weft-home"


@pytest.fixture
def repo(tmp_path: Path, home: Path) -> Repo:
    """A repository on `main` with one commit."""
    return Repo.create(tmp_path / "repo")


@pytest.fixture(autouse=True)
def no_unexpected_errors(
    request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> Iterator[None]:
    """Fail a test that logs an error, unless it is marked `logs_errors`."""
    yield
    if request.node.get_closest_marker("logs_errors"):
        return
    records = [*caplog.get_records("setup"), *caplog.get_records("call")]
    errors = [f"{r.name}: {r.getMessage()}" for r in records if r.levelno >= logging.ERROR]
    if errors:
        pytest.fail("logged as an error:\n" + "\n".join(errors), pytrace=False)


@pytest.fixture(autouse=True)
def no_leftovers(home: Path) -> Iterator[None]:
    """Fail a test that leaves a process or a thread behind, and end the process."""
    children_before = set(_live_children())
    threads_before = set(threading.enumerate())
    yield
    started = [child for child in _live_children() if child not in children_before]
    _, alive = psutil.wait_procs([*started, *_detached(home)], timeout=GRACE_S)
    processes = [f"process {_describe(process)}" for process in alive]
    _kill(alive)
    threads = [thread for thread in threading.enumerate() if thread not in threads_before]
    left = processes + [f"thread {thread.name}" for thread in _unjoined(threads)]
    if left:
        pytest.fail("left behind: " + "; ".join(left), pytrace=False)


def mask_machine(patch: pytest.MonkeyPatch, home: Path) -> None:
    """Point everything that programs read about the person and the machine at *home*."""
    for name in list(os.environ):
        if name.startswith(_SCRUBBED_PREFIXES) or name in _SCRUBBED:
            patch.delenv(name)
    config = home / ".gitconfig"
    config.write_text(_GIT_CONFIG, encoding="utf-8")
    runtime = home / "run"
    runtime.mkdir(mode=0o700)
    settings = {
        "HOME": home,
        "USERPROFILE": home,
        "APPDATA": home / "AppData" / "Roaming",
        "LOCALAPPDATA": home / "AppData" / "Local",
        "XDG_CONFIG_HOME": home / ".config",
        "XDG_DATA_HOME": home / ".local" / "share",
        "XDG_STATE_HOME": home / ".local" / "state",
        "XDG_CACHE_HOME": home / ".cache",
        "XDG_RUNTIME_DIR": runtime,
        "WEFT_HOME": home / "weft-home",
        "GIT_CONFIG_GLOBAL": config,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }
    for name, value in settings.items():
        patch.setenv(name, str(value))


def _live_children() -> list[psutil.Process]:
    """Return this process's descendants that run, without multiprocessing's own tracker."""
    if not _has_child():
        return []
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if _ask(child.status) not in {None, psutil.STATUS_ZOMBIE}
        and not any("resource_tracker" in word for word in _ask(child.cmdline) or ())
    ]


def _has_child() -> bool:
    """Whether there may be any child: most tests have none, and psutil looks at all processes."""
    threads = list(Path("/proc/self/task").glob("*/children"))
    try:
        return not threads or any(thread.read_bytes() for thread in threads)
    except OSError:  # one has just ended
        return True


def _detached(home: Path) -> list[psutil.Process]:
    """Return processes that belong to this test's Weft home but are nobody's children.

    Runs leave a transcript folder; without one there is nothing to look for, and the search
    reads the environment of every process.
    """
    if not (home / "weft-home" / "runs").is_dir():
        return []
    mine = str(home / "weft-home")
    return [
        process
        for process in psutil.process_iter()
        if process.pid != os.getpid()
        and (_ask(process.environ) or {}).get("WEFT_HOME") == mine
        and _ask(process.status) != psutil.STATUS_ZOMBIE
    ]


def _ask(question: Callable[[], T]) -> T | None:
    """Return what psutil answers, or None for a process that is gone or not ours."""
    try:
        return question()
    except psutil.Error:
        return None


def _describe(process: psutil.Process) -> str:
    return f"{process.pid} ({' '.join(_ask(process.cmdline) or ['?'])})"


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        _ask(process.kill)
    psutil.wait_procs(processes, timeout=GRACE_S)


def _unjoined(threads: list[threading.Thread]) -> list[threading.Thread]:
    """Return the threads that still run: Weft's own, and those that hold up the interpreter."""
    waited_for = [t for t in threads if not t.daemon or t.name.startswith("weft")]
    for thread in waited_for:
        thread.join(GRACE_S)
    return [thread for thread in waited_for if thread.is_alive()]
