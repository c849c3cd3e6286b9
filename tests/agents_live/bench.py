"""One program's own place: a repository, homes, a model, and Weft's command line in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from core.agents.programs import programs
from tests.agents_live.installing import bin_folders
from tests.agents_live.script import Step, carried
from tests.agents_live.scripted_model import ScriptedModel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.agents_live.programs import Genuine

ROOT: Final = Path(__file__).resolve().parents[2]
WEFT: Final = Path(sys.executable).with_name("weft")
ENDED: Final = ("done", "failed", "aborted", "lost")
_POLL_S: Final = 0.3
_IDENTITY: Final = {
    "GIT_AUTHOR_NAME": "Ana", "GIT_AUTHOR_EMAIL": "ana@example.invalid",
    "GIT_COMMITTER_NAME": "Ana", "GIT_COMMITTER_EMAIL": "ana@example.invalid",
}  # fmt: skip


class Failed(Exception):
    """Something was seen that should not be."""


class NotThere(Exception):
    """The program has no such thing: there is nothing to show."""


class Bench:
    """A fresh place for one program and one case."""

    def __init__(
        self, folder: Path, installed: Path, genuine: Genuine, minutes: float, *, policy: str
    ) -> None:
        self.genuine = genuine
        self.model = ScriptedModel()
        self.repo = folder / "repo"
        self.weft_home = folder / "weft"
        home = folder / "home"
        for place in (self.repo, self.weft_home, home):
            place.mkdir(parents=True)
        places = [*bin_folders(installed, genuine), Path(sys.executable).parent]
        self.environment = {
            "PATH": os.pathsep.join([*map(str, places), "/usr/bin", "/bin"]),
            "HOME": str(home), "WEFT_HOME": str(self.weft_home), "LANG": "C.UTF-8",
            "TERM": "dumb", "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **_IDENTITY,
            **genuine.prepare(home, self.model.origin),
        }  # fmt: skip
        settings = f"run_minutes = {minutes}\n"
        if policy != "watched":
            settings += _profile(genuine.profile, policy)
        (self.weft_home / "config.toml").write_text(settings)
        self._make_repository()
        self.weft("init")
        if policy == "open":
            self.weft("permit", genuine.profile, "--repo-name", self.repo.name)
        self.weft("worker", "add", "agent-1", "--type", "agent", "--agent", genuine.profile)

    def close(self) -> None:
        """End the model and whatever still runs."""
        for pid in self.left_over():
            os.kill(pid, 9)
        self.model.close()

    def weft(self, *words: str, ok: bool = True) -> str:
        """Run one command of Weft's; fail when it fails and *ok*."""
        done = subprocess.run(
            [str(WEFT), *words],
            cwd=self.repo, env=self.environment, capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL, timeout=120,
        )  # fmt: skip
        if ok and done.returncode != 0:
            raise Failed(f"weft {words[0]}: {_last(done.stderr or done.stdout)}")
        return done.stdout

    def ask(self, *words: str) -> Any:
        """Run one command of Weft's and return its JSON."""
        return json.loads(self.weft("--json", *words))

    def start(self, *steps: Step, title: str = "Greet") -> str:
        """Add a task that makes the model do *steps*, and run it; return its key."""
        key = self.weft("task", "add", title, "--description", carried(*steps)).split()[0]
        self.weft("run", key)
        return key

    def run(self, key: str) -> dict[str, Any]:
        """Return the newest run of a task."""
        runs: list[dict[str, Any]] = self.ask("task", "show", key)["runs"]
        return runs[0]

    def until(
        self, what: str, seen: Callable[[], Any], limit_s: float, *, pace_s: float = _POLL_S
    ) -> Any:
        """Return what *seen* returns once that is true."""
        deadline = time.monotonic() + limit_s
        while not (found := seen()):
            if time.monotonic() > deadline:
                raise Failed(f"not within {limit_s:.0f} s: {what}")
            time.sleep(pace_s)
        return found

    def ended(
        self, key: str, limit_s: float, *, answers: Sequence[str] = (), before: str = ""
    ) -> dict[str, Any]:
        """Return the run once it has ended; its questions are answered in turn, then `yes`."""
        left = list(answers)

        def look() -> dict[str, Any] | None:
            run = self.run(key)
            if run["id"] == before:
                return None
            if run["status"] == "waiting":
                self.weft("answer", key, left.pop(0) if left else "yes", ok=False)
            return run if run["status"] in ENDED else None

        found: dict[str, Any] = self.until(f"the end of {key}", look, limit_s)
        return found

    def worktree(self, key: str) -> Path:
        """Return the task's folder."""
        return Path(self.ask("task", "show", key)["worktree"])

    def transcript(self, key: str) -> list[dict[str, Any]]:
        """Return the lines of the newest run's transcript."""
        file = Path(self.run(key)["transcript"])
        return [json.loads(line) for line in file.read_text().splitlines()]

    def git(self, *words: str) -> str:
        """Return what git says in the repository."""
        done = subprocess.run(
            ["git", *words], cwd=self.repo, env=self.environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        return done.stdout.strip()

    def left_over(self) -> list[int]:
        """Return processes that carry the mark of a run of this place."""
        mark = f"WEFT_REPO={self.repo}\0".encode()
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                environment = (entry / "environ").read_bytes()
                dead = (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
            except OSError:
                continue
            if mark in environment and not dead:
                found.append(int(entry.name))
        return found

    def command_lines(self, holding: str) -> list[str]:
        """Return the command lines of all processes that hold *holding*."""
        found = []
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = entry.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            except OSError:
                continue
            if holding in line:
                found.append(line)
        return found

    def _make_repository(self) -> None:
        (self.repo / "README.md").write_text("# Shop\n")
        for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "Begin"]):
            self.git(*words)


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return " / ".join(line.strip() for line in lines[-2:])


def _profile(name: str, policy: str) -> str:
    """Return the preset *name* as a profile of the person's own, with another policy."""
    known = programs()[name]
    return (
        f"[agents.{name}]\ndriver = '{known.driver}'\npermissions = '{policy}'\n"
        f"command = {json.dumps(list(known.command))}\n"
    )
