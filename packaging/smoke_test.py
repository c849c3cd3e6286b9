"""Try a bundle as a person would: `python packaging/smoke_test.py dist/weft`.

Everything it starts gets an empty home and a clean environment. Where bubblewrap works, it also
gets a file system in which there is no Python at all: nothing but git, the system's libraries and
the bundle may be needed. With a display, or with Xvfb, the window is opened on the demo too, which
must go its whole way below it; `--picture FILE` keeps what the screen showed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from bare_machine import Machine
from screen import Screen
from weights import weigh

if TYPE_CHECKING:
    from collections.abc import Callable

WANTED: Final = ("collide in", "put aside", "merged")
"""What the demo must have told: a conflict seen, one branch put aside, others landed."""
LEAST_LANDED: Final = 2
LEAST_COLOURS: Final = 30
"""A painted window has more, an empty screen has one."""
PATIENCE_S: Final = 180.0
LOOK_S: Final = 0.2
CROWD: Final = 10
QUIET_S: Final = 20
"""After so long without news of its agent a runner has given back what only work needs."""
MOST_IDLE_MB: Final = 16
"""Resident memory of a runner whose agent is quiet: with more, it loads what it must not."""
MOST_PRIVATE_MB: Final = 11
"""What of it no other runner shares."""
OF_THE_BUNDLE: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "_PYI_", "_MEIPASS")
"""Variables that must not reach any program that is not Weft's own: it would load our libraries."""


R = TypeVar("R")


class Failed(Exception):
    """A try went wrong; the text says how."""


def main() -> int:
    """Run every try; return how many failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("bundle", type=Path, help="the folder with `weft` and `weft-runner`")
    parser.add_argument("--picture", type=Path, help="where to keep a picture of the window")
    asked = parser.parse_args()
    tries: list[tuple[str, Callable[[Machine], str]]] = [
        ("version", _version),
        ("doctor", _doctor),
        ("demo", _demo),
        ("children", _children),
        ("idle runners", _idle_runners),
        ("window", lambda machine: _window(machine, asked.picture)),
    ]
    failures = 0
    with tempfile.TemporaryDirectory(prefix="weft-smoke-", ignore_cleanup_errors=True) as home:
        machine = Machine.prepare(asked.bundle.resolve(), Path(home))
        print(f"{'machine':<13} {machine.told}")
        print(f"{'size':<13} {_size_mb(machine.bundle)} MB")
        for name, attempt in tries:
            began = time.monotonic()
            try:
                said = attempt(machine)
            except Failed as error:
                failures += 1
                said = f"FAILED: {error}"
            print(f"{name:<13} {time.monotonic() - began:5.1f} s  {said}", flush=True)
    print("The bundle works." if not failures else f"{failures} tries failed.")
    return failures


def _version(machine: Machine) -> str:
    return _weft(machine, "--version", wanted=("weft ",)).strip()


def _doctor(machine: Machine) -> str:
    _weft(machine, "doctor", wanted=("git",))
    return "ok"


def _demo(machine: Machine) -> str:
    """Go the whole way without a window."""
    _weft(machine, "demo", "--headless", wanted=WANTED)
    return "ok: agents worked, a conflict was seen, the others landed"


def _children(machine: Machine) -> str:
    """What an agent, its git and the hooks of that get must know nothing of the bundle."""
    if os.name == "nt":
        return "left out: the agent of this try is a shell script"
    repo = _repository(machine, "children")
    hook = repo / ".git" / "hooks" / "post-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nenv > '{machine.home}/hook.env'\n", encoding="utf-8")
    hook.chmod(0o755)
    work = f"env > '{machine.home}/agent.env'; echo done > work; git add work; git commit -qm Work"
    _agent(machine, repo, "shell", driver="command", command=["sh", "-c", work])
    _weft(machine, "run", "task-1", "--wait", "--repo", str(repo))
    status = _status(machine, repo)
    _require(status["queue"]["review"] == 1, f"the agent's work is not in review: {status}")
    for name in ("agent.env", "hook.env", "git.env"):
        text = (machine.home / name).read_text(encoding="utf-8", errors="replace")
        found = [line for line in text.splitlines() if line.startswith(OF_THE_BUNDLE)]
        _require("PATH=" in text, f"{name} is empty")
        _require(not found, f"{name} has {found}")
    return "ok: agent, git and hooks see nothing of the bundle"


def _idle_runners(machine: Machine) -> str:
    """Look at the memory of runners whose agents are quiet: of one alone, and of ten at once."""
    if not sys.platform.startswith("linux"):
        return "left out: reads /proc"
    repo = _repository(machine, "idle", f"max_workers = {CROWD}\n")
    script, stop = repo.parent / "idle.json", repo.parent / "stop"
    steps = [{"say": "waiting"}, {"wait_for": str(stop)}]
    script.write_text(json.dumps({"steps": steps}), encoding="utf-8")
    _agent(machine, repo, "quiet", driver="scripted", command=[str(script)])
    pids: list[int] = []
    try:
        pids.append(_idle(machine, repo, 1))
        time.sleep(QUIET_S)
        alone = weigh(pids)
        unwanted = _mapped(pids[0], "libssl", "libcrypto", "libQt6")
        for number in range(2, CROWD + 1):
            _weft(machine, "task", "add", "Work", "--repo", str(repo))
            _worker(machine, repo, f"agent-{number}", "quiet")
            pids.append(_idle(machine, repo, number))
        time.sleep(QUIET_S)
        together = weigh(pids)
    finally:
        stop.touch()
    _until(lambda: _status(machine, repo)["queue"]["review"] == CROWD, "the runs did not end")
    told = f"one alone {alone}; of {CROWD} at once each {together}"
    _require(not unwanted, f"an idle runner has loaded {unwanted}; {told}")
    _require(alone.resident < MOST_IDLE_MB, f"too much: {told}")
    _require((together.private or 0) < MOST_PRIVATE_MB, f"too much: {told}")
    return f"ok: {told}"


def _idle(machine: Machine, repo: Path, number: int) -> int:
    """Start the run of a task; return its runner once the agent is quiet."""
    _weft(machine, "run", f"task-{number}", "--repo", str(repo))
    run = _until(lambda: _waiting_run(machine, repo, number), "the agent did not begin")
    return int(run["runner_pid"])


def _mapped(pid: int, *names: str) -> list[str]:
    """Return which of these libraries a process has loaded, as far as that may be seen."""
    try:
        mapped = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    except PermissionError:
        return []
    return [name for name in names if name in mapped]


def _window(machine: Machine, picture: Path | None) -> str:
    """Open the window on the demo, let its agents work and land, and look at the screen."""
    with ExitStack() as stack:
        screen = Screen.find(machine.home)
        if screen is None:
            return "left out: no display, and no Xvfb"
        stack.callback(screen.close)
        machine = machine.elsewhere("window", DISPLAY=screen.display)
        log = stack.enter_context((machine.home / "window.log").open("w+b"))
        window = stack.enter_context(machine.started([str(machine.weft), "demo"], log))
        try:
            demo = machine.weft_home / "demo" / "1" / "storefront"
            _until(lambda: _has_tasks(machine, demo), "the window made no demo")
            if screen.can_be_read:
                _until(lambda: screen.colours() > LEAST_COLOURS, "nothing was painted")
            _weft(machine, "run", "--all", "--wait", "--repo", str(demo))
            _weft(machine, "merge", "run", "--yes", "--repo", str(demo))
            landed = _status(machine, demo)["queue"]["done"]
            _require(landed >= LEAST_LANDED, f"{landed} tasks landed")
            _require(window.poll() is None, f"the window ended with {window.returncode}")
            if picture is not None and screen.can_be_read:
                time.sleep(2.0)  # for the person who looks at it: the last landing is painted too
                screen.keep(picture)
        finally:
            log.seek(0)
            said = log.read().decode(errors="replace")
            if "Traceback" in said or window.poll() is not None:
                print(said)
        _require("Traceback" not in said, "the window told of a bug")
    seen = f", {screen.seen} colours on the screen" if screen.can_be_read else ""
    return f"ok: {landed} tasks of its demo landed below it{seen}"


def _has_tasks(machine: Machine, repo: Path) -> bool:
    if not repo.is_dir():
        return False
    words = [str(machine.weft), "status", "--json", "--repo", str(repo)]
    done = machine.run(words, PATIENCE_S)
    return done.returncode == 0 and sum(json.loads(done.stdout)["queue"].values()) > 0


def _repository(machine: Machine, name: str, settings: str = "") -> Path:
    """Make a repository with one task, registered."""
    repo = machine.home / name / "repo"
    repo.mkdir(parents=True)
    (repo / "readme.txt").write_text("A repository to try the bundle on.\n", encoding="utf-8")
    (repo / ".weft.toml").write_text(settings, encoding="utf-8")
    for words in (
        ("init", "-q", "-b", "main"),
        ("config", "user.name", "Smoke Test"),
        ("config", "user.email", "smoke@test.invalid"),
        ("add", "."),
        ("commit", "-q", "-m", "Begin"),
    ):
        _run(machine, ["git", "-C", str(repo), *words])
    _weft(machine, "init", "--repo", str(repo))
    _weft(machine, "task", "add", "Work", "--repo", str(repo))
    return repo


def _agent(machine: Machine, repo: Path, profile: str, *, driver: str, command: list[str]) -> None:
    """Register a worker with a profile of its own."""
    machine.weft_home.mkdir(exist_ok=True)
    with (machine.weft_home / "config.toml").open("a", encoding="utf-8") as config:
        words = f"driver = {json.dumps(driver)}\ncommand = {json.dumps(command)}\n"
        config.write(f"[agents.{profile}]\n{words}")
    _worker(machine, repo, f"agent-{profile}", profile)


def _worker(machine: Machine, repo: Path, name: str, profile: str) -> None:
    words = ("--type", "agent", "--agent", profile, "--repo", str(repo))
    _weft(machine, "worker", "add", name, *words)


def _waiting_run(machine: Machine, repo: Path, number: int) -> dict[str, Any]:
    words = ("task", "show", f"task-{number}", "--json", "--repo", str(repo))
    runs = json.loads(_weft(machine, *words))
    found = [run for run in runs.get("runs", []) if run.get("last_message") == "waiting"]
    return found[0] if found else {}


def _status(machine: Machine, repo: Path) -> dict[str, Any]:
    found = json.loads(_weft(machine, "status", "--json", "--repo", str(repo)))
    return {**found, "queue": Counter(found["queue"])}


def _weft(machine: Machine, *words: str, wanted: tuple[str, ...] = ()) -> str:
    """Run one command line of the bundle's; return what it printed."""
    return _run(machine, [str(machine.weft), *words], wanted)


def _run(machine: Machine, words: list[str], wanted: tuple[str, ...] = ()) -> str:
    done = machine.run(words, PATIENCE_S)
    said = done.stdout + done.stderr
    shown = " ".join(words[1:] if words[0] == str(machine.weft) else words)
    _require(done.returncode == 0, f"{shown!r} ended with {done.returncode}:\n{said}")
    missing = [word for word in wanted if word not in said]
    _require(not missing, f"{shown!r} did not tell of {missing}:\n{said}")
    return done.stdout


def _until(look: Callable[[], R], otherwise: str) -> R:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        found = look()
        if found:
            return found
        _require(time.monotonic() < deadline, f"{otherwise} in {PATIENCE_S:g} s")
        time.sleep(LOOK_S)


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Failed(otherwise)


def _size_mb(folder: Path) -> int:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return round(sum(path.stat().st_size for path in files) / 1_048_576)


if __name__ == "__main__":
    sys.exit(main())
