"""A sandbox for one agent, by bubblewrap: what it can see, what it can change, whom it reaches.

It sees the system's programs read-only, a home that is empty but for what its profile names, and
its worktree. It can change the worktree and, of the repository, what a commit needs: new objects
and its own branch. The repository's configuration, its hooks, every other branch and the links
between worktree and repository are read-only, so a plain `git commit` works and the base cannot
move. It sees no process of the person's. Whether there is a network is yes or no; in between
stands `core.agents.network_gate`.

What it does not stop: existing loose objects of the repository could be deleted by an agent that
wants to do harm (packs cannot), and of the home entries that a profile names everything can be
changed but the files that would steer the agent next time.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.agents.driver import DriverUnavailable
from core.agents.network_gate import gate_outside, gate_within
from core.agents.permissions import Policy
from core.git.refs import HEADS
from core.git.worktrees import worktree_git_dir
from core.processes.identity import LINUX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PROGRAM: Final = "bwrap"
EVERYWHERE: Final = "*"
"""As an entry of `network`: no limit at all."""
_TRY_S: Final = 10.0
_SYSTEM: Final = ("/usr", "/etc", "/opt", "/nix", "/gnu", "/snap", "/var/lib/snapd")
_MERGED: Final = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ALONE: Final = (
    "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
    "--die-with-parent", "--new-session",
)  # fmt: skip
_KERNEL: Final = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")
"""Root may write these without any capability, and so steer the whole system."""
_STEERING: Final = (
    "settings.json", "settings.local.json", "hooks", "agents", "commands", "skills", "plugins",
    "CLAUDE.md", "AGENTS.md", "GEMINI.md", "QWEN.md", "config.toml", "config.json", "mcp.json",
)  # fmt: skip
"""In an agent's own folder: what would run or widen something the next time it starts."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What one sandbox is made around.

    Attributes:
        worktree: The agent's folder, checked by the caller.
        common_dir: The repository's common git directory.
        branch: Short name of the task's branch.
        base: Short name of the base branch.
        command: The agent's program and arguments.
        environment: The agent's whole environment; `PATH` and `HOME` are looked at.
        home: Entries of the person's home that it may use and change.
        network: Hosts that it reaches; empty for none, `*` for all.
        writable: Further files and folders that it may change, such as the runner's socket.
        scratch: Folder for the gate of the network; without it a list of hosts opens nothing.
    """

    worktree: Path
    common_dir: Path
    branch: str
    base: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    home: tuple[str, ...] = ()
    network: tuple[str, ...] = ()
    writable: tuple[Path, ...] = ()
    scratch: Path | None = None


@cache
def sandbox_problem() -> str:
    """Return one sentence that says why no sandbox works here, or nothing.

    Found out by starting one, once in a process: a version says nothing of what the kernel and
    the distribution allow.
    """
    if not LINUX:
        return "Only Linux has it; the other policies are watched and open."
    if shutil.which(PROGRAM) is None:
        return "It needs the program bwrap: install the package bubblewrap."
    argv = [PROGRAM, *_ALONE, "--unshare-net", "--ro-bind", "/", "/", "--proc", "/proc", "true"]
    try:
        done = subprocess.run(argv, capture_output=True, timeout=_TRY_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bwrap cannot be started: {error}."
    if done.returncode == 0:
        return ""
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return f"This system does not let bwrap make one: {said[-1] if said else done.returncode}."


def wrapping(policy: str, around: Surroundings) -> tuple[str, ...]:
    """Return the words before the agent's own: none unless *policy* is sandboxed.

    Makes the folders that the sandbox needs in the repository's git directory, and those that the
    profile names of the home.

    Raises:
        DriverUnavailable: There is no sandbox here, or none can be made around this branch.
    """
    if policy != Policy.SANDBOXED:
        return ()
    problem = sandbox_problem() or _branch_problem(around)
    if problem:
        raise DriverUnavailable(f"It wants a sandbox. {problem}")
    admin = worktree_git_dir(around.common_dir, around.worktree)
    if admin is None:
        raise DriverUnavailable(f"{around.worktree} is not a worktree any more.")
    shared = EVERYWHERE in around.network
    gated = bool(around.network) and not shared and around.scratch is not None
    walls = _Walls([PROGRAM, *_ALONE, *(() if shared else ("--unshare-net",))])
    _system(walls)
    _programs(walls, around)
    _home(walls, around)
    _repository(walls, around, admin)
    walls.bind("--bind", *around.writable)
    walls.add("--setenv", "TMPDIR", "/tmp")  # noqa: S108  its own: a tmpfs in the sandbox
    within: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    if gated and around.scratch is not None:
        outside = gate_outside(around.scratch, around.network)
        within, opening = gate_within(around.scratch, around.network)
        walls.add(*opening)
    walls.add("--chdir", str(around.worktree), "--")
    return (*outside, *walls.words, *within)


class _Walls:
    """The words of bwrap as they come together.

    A path that leads through a symbolic link is bound where it really is, and under its own name
    too unless a folder around it already brings the link.
    """

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self._covered: list[Path] = []

    def add(self, *words: str) -> None:
        """Add words as they are."""
        self.words += words

    def bind(self, how: str, *places: Path) -> None:
        """Bind each of *places* that is there to its own name."""
        for place in places:
            if not place.exists():
                continue
            real = place.resolve()
            self.words += (how, str(real), str(real))
            if real != place and not any(place.is_relative_to(there) for there in self._covered):
                self.words += (how, str(real), str(place))
            self._covered += (real, place)


def _branch_problem(around: Surroundings) -> str:
    """Return why no part of the repository's refs is the task's alone, or nothing."""
    if (around.common_dir / "reftable").is_dir():
        return "The repository keeps its refs in one table: one branch cannot be singled out."
    folder, _, name = around.branch.rpartition("/")
    if not folder or not name:
        return f"The branch {around.branch!r} needs a folder of its own, as in worker/{{task}}."
    if around.base.startswith(f"{folder}/"):
        return f"The base {around.base!r} lies in the same folder as the branch {around.branch!r}."
    return ""


def _system(walls: _Walls) -> None:
    """Add what every program needs, read-only."""
    walls.bind("--ro-bind", *map(Path, _SYSTEM))
    for name in _MERGED:
        path = Path(name)
        if path.is_symlink():
            walls.add("--symlink", str(path.readlink()), name)
        else:
            walls.bind("--ro-bind", path)
    walls.add("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/run")  # noqa: S108
    walls.bind("--ro-bind", *map(Path, _KERNEL))
    names = Path("/etc/resolv.conf").resolve()
    if not names.is_relative_to("/etc"):
        walls.bind("--ro-bind", names)


def _programs(walls: _Walls, around: Surroundings) -> None:
    """Add programs that live outside the system's folders: those on PATH, and Weft itself."""
    home = _home_of(around).resolve()
    found = {Path(sys.prefix), Path(sys.base_prefix), Path(__file__).parents[2]}
    path = around.environment.get("PATH", "")
    for entry in path.split(":"):
        folder = Path(entry)
        if entry and folder.is_absolute() and folder.is_dir():
            found.add(_installation(folder, home))
    program = shutil.which(around.command[0], path=path) if around.command else None
    if program is not None:
        found.update(_packages(Path(program)))
    kept = (folder for folder in found if not home.is_relative_to(folder.resolve()))
    walls.bind("--ro-bind", *sorted(kept))


def _installation(folder: Path, home: Path) -> Path:
    """Return what a folder of PATH needs: the whole prefix around `bin`, or just the folder.

    `~/.local` is no prefix: what other programs keep there is nobody's business.
    """
    prefix = folder.parent
    whole = folder.name == "bin" and (prefix / "lib").is_dir() and prefix.name != ".local"
    return prefix if whole and not home.is_relative_to(prefix.resolve()) else folder


def _packages(program: Path) -> Iterator[Path]:
    """Yield the folders that a program's file needs: links lead to where it is installed."""
    real = program.resolve()
    yield real.parent
    for folder in real.parents:
        if folder.name == "node_modules":
            yield folder
        elif (folder / "pyvenv.cfg").is_file():
            yield folder
            for line in (folder / "pyvenv.cfg").read_text("utf-8", "replace").splitlines():
                key, _, value = line.partition("=")
                if key.strip() == "home":
                    yield Path(value.strip()).resolve().parent


def _home(walls: _Walls, around: Surroundings) -> None:
    """Add a home that is empty but for what the profile names.

    The rest of it can be written too, but goes with the sandbox.
    """
    home = _home_of(around)
    walls.add("--dir", str(home))
    for entry in around.home:
        place = home / entry
        _make_folder(place)
        walls.bind("--bind", place)
        walls.bind("--ro-bind", *(place / name for name in _STEERING))


def _make_folder(place: Path) -> None:
    """Make a folder of the home that is not there yet, as before a program's first start.

    What cannot be bound would be lost with the sandbox, and with it the session. A name with an
    extension is a file's: its program makes that anew each time.
    """
    if place.exists() or place.is_symlink() or place.suffix:
        return
    try:
        place.mkdir(parents=True, mode=0o700, exist_ok=True)
    except OSError as error:
        said = error.strerror or str(error)
        raise DriverUnavailable(
            f"{place} cannot be made, which its sandbox needs: {said}."
        ) from error


def _home_of(around: Surroundings) -> Path:
    return Path(around.environment.get("HOME") or Path.home())


def _repository(walls: _Walls, around: Surroundings, admin: Path) -> None:
    """Add the worktree, and of the git directory what a commit on its own branch needs."""
    common = around.common_dir
    folder = around.branch.rpartition("/")[0]
    refs, log = common / HEADS / folder, common / "logs" / HEADS / folder
    (admin / "config.worktree").touch()
    for made in (refs, log):
        made.mkdir(parents=True, exist_ok=True)
    others = [place for place in sorted(refs.iterdir()) if place != common / HEADS / around.branch]
    objects = common / "objects"
    walls.bind("--ro-bind", *_alternates(objects), common)
    walls.bind("--bind", objects, refs, log, admin)
    walls.bind("--ro-bind", objects / "pack", objects / "info", *others)
    walls.bind("--ro-bind", *(admin / name for name in ("gitdir", "commondir", "config.worktree")))
    walls.bind("--bind", around.worktree)
    walls.bind("--ro-bind", around.worktree / ".git")


def _alternates(objects: Path) -> Iterator[Path]:
    """Yield other repositories' objects that this one borrows."""
    try:
        text = (objects / "info" / "alternates").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return
    for entry in text.splitlines():
        if entry and not entry.startswith("#"):
            yield (objects / entry).resolve()
