"""Start git: argument lists only, a hardened environment, a deadline, killed on cancel.

What an agent or a repository can write is data, not configuration. So every call names the git
directory itself (a rewritten `.git` file in a worktree is never read), and the environment
switches off what a repository's configuration could run: hooks, fsmonitor, credential helpers,
unusual transports. Filters and merge drivers have no such switch; functions that could meet them
say so.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from core.errors import EnvironmentFault
from core.processes.identity import WINDOWS
from core.processes.programs import NO_WINDOW

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_S: Final = 600.0
"""Upper bound of one git process; long work is cancelled by its task, not by this."""
_READ_LIMIT: Final = 1 << 20

_SAFE_CONFIG: Final = (
    ("core.fsmonitor", "false"),
    ("core.hooksPath", os.devnull),
    ("core.pager", "cat"),
    ("core.editor", "false"),
    ("credential.helper", ""),
    ("protocol.ext.allow", "never"),
    ("safe.bareRepository", "explicit"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("advice.detachedHead", "false"),
    *((("core.longpaths", "true"),) if WINDOWS else ()),  # worktrees lie deeper than a checkout
    ("submodule.recurse", "false"),  # a submodule's own configuration could run something
    ("push.recurseSubmodules", "no"),
)


class GitFailed(EnvironmentFault):
    """A git command ended with a status that is no answer.

    Attributes:
        argv: The arguments after `git`.
        status: Exit status; negative is a signal.
        stderr: What git said, decoded.
    """

    code = "git_failed"

    def __init__(self, argv: tuple[str, ...], status: int, stderr: bytes) -> None:
        said = stderr.decode("utf-8", "replace").strip()
        super().__init__(f"git {argv[0] if argv else ''} failed: {_gist(said, status)}")
        self.argv = argv
        self.status = status
        self.stderr = said


def _gist(said: str, status: int) -> str:
    """Return the line that says what failed; advice and progress stand before and after it."""
    lines = said.splitlines()
    told = [line for line in lines if line.startswith(("fatal: ", "error: "))]
    return (told or lines[-1:] or [f"exit status {status}"])[0]


@dataclass(frozen=True, slots=True)
class GitPlace:
    """Where a git command works; nothing is discovered from the current folder.

    Attributes:
        git_dir: The git directory: the common one, or `…/worktrees/<id>` for a worktree.
        work_tree: The folder of files, or None for commands that need none.
        extra_env: Variables on top of the hardened ones, such as a private index or a
            quarantine for objects.
        config: Configuration (key, value) on top of the hardened one; the last one wins.
    """

    git_dir: Path
    work_tree: Path | None = None
    extra_env: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    config: tuple[tuple[str, str], ...] = ()

    @property
    def common_dir(self) -> Path:
        """Return the repository's common git directory, also of a worktree's place."""
        return Path(self.extra_env.get("GIT_COMMON_DIR", self.git_dir))

    def with_env(self, **variables: str) -> GitPlace:
        """Return the same place with more environment variables."""
        return replace(self, extra_env={**self.extra_env, **variables})

    def with_config(self, *pairs: tuple[str, str]) -> GitPlace:
        """Return the same place with more configuration, stronger than any file's."""
        return replace(self, config=(*self.config, *pairs))


@dataclass(frozen=True, slots=True)
class GitDone:
    """A git command that ended with an accepted status."""

    status: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        """Return stdout decoded, without the last line end; odd bytes survive."""
        return self.stdout.decode("utf-8", "surrogateescape").rstrip("\n")

    @property
    def records(self) -> list[str]:
        """Return the NUL-terminated records of `-z` output."""
        return self.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]


def git_environment(
    extra: Mapping[str, str] | None = None, config: tuple[tuple[str, str], ...] = ()
) -> dict[str, str]:
    """Return the environment of every git process: the caller's without `GIT_*`, hardened.

    `GIT_CONFIG_GLOBAL`, `GIT_CONFIG_SYSTEM` and `GIT_CONFIG_NOSYSTEM` are kept: they choose
    which of the person's own files are read. Identity variables are kept too.
    """
    kept = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH")
    identity = ("GIT_AUTHOR_", "GIT_COMMITTER_")
    env = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("GIT_") or key in kept or key.startswith(identity)
    }
    env |= {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_ALLOW_PROTOCOL": "file:https:ssh",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "LC_ALL": "C",
        "LANGUAGE": "C",
        "GIT_CONFIG_COUNT": str(len(_SAFE_CONFIG) + len(config)),
    }
    for number, (key, value) in enumerate((*_SAFE_CONFIG, *config)):
        env[f"GIT_CONFIG_KEY_{number}"] = key
        env[f"GIT_CONFIG_VALUE_{number}"] = value
    env.update(extra or {})
    return env


def _environment(place: GitPlace | None) -> dict[str, str]:
    return git_environment() if place is None else git_environment(place.extra_env, place.config)


def _command_line(place: GitPlace | None, argv: tuple[str, ...]) -> list[str]:
    command = ["git"]
    if place is not None:
        command.append(f"--git-dir={place.git_dir}")
        if place.work_tree is not None:
            command.append(f"--work-tree={place.work_tree}")
    return [*command, *argv]


def _folder(place: GitPlace | None) -> Path | None:
    if place is None:
        return None
    return place.work_tree if place.work_tree is not None else place.git_dir


def _missing(error: OSError, place: GitPlace | None) -> EnvironmentFault:
    folder = _folder(place)
    if folder is not None and not folder.is_dir():
        return EnvironmentFault(f"The folder {folder} is gone.")
    return EnvironmentFault(
        f"git could not be started: {error.strerror or error}.",
        hint="Install git 2.39 or newer and make sure that it is on PATH.",
    )


async def run_git(
    place: GitPlace | None,
    *argv: str,
    ok: tuple[int, ...] = (0,),
    stdin: bytes | None = None,
    timeout_s: float = TIMEOUT_S,
) -> GitDone:
    """Run git and return what it said; the process is killed on cancel and at the deadline.

    Args:
        place: Where; None for commands that need no repository (`git version`).
        argv: Command and arguments. Object ids or full refs, never a person's words as options.
        ok: Exit statuses that are answers.
        stdin: Bytes for its standard input; none given means an empty one.
        timeout_s: Seconds until it is killed.

    Raises:
        GitFailed: Another exit status.
        EnvironmentFault: git or the folder is missing, or the deadline passed.
    """
    import asyncio  # 30 ms that a plain command, which only asks `run_git_now`, never pays

    try:
        process = await asyncio.create_subprocess_exec(
            *_command_line(place, argv),
            stdin=asyncio.subprocess.DEVNULL if stdin is None else asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=_folder(place),
            env=_environment(place),
            limit=_READ_LIMIT,
            creationflags=NO_WINDOW,
        )
    except OSError as error:
        raise _missing(error, place) from error
    try:
        async with asyncio.timeout(timeout_s):
            stdout, stderr = await process.communicate(stdin)
    except TimeoutError as error:
        raise EnvironmentFault(f"git {argv[0]} did not end within {timeout_s:.0f} s.") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    status = process.returncode
    assert status is not None
    if status not in ok:
        raise GitFailed(argv, status, stderr)
    return GitDone(status, stdout, stderr)


def run_git_now(
    place: GitPlace | None,
    *argv: str,
    ok: tuple[int, ...] = (0,),
    stdin: bytes | None = None,
    timeout_s: float = 60.0,
) -> GitDone:
    """Like `run_git`, but blocking: for the start of a command line, never for the window."""
    try:
        done = subprocess.run(
            _command_line(place, argv),
            input=b"" if stdin is None else stdin,
            capture_output=True,
            cwd=_folder(place),
            env=_environment(place),
            timeout=timeout_s,
            check=False,
            creationflags=NO_WINDOW,
        )
    except OSError as error:
        raise _missing(error, place) from error
    except subprocess.TimeoutExpired as error:
        raise EnvironmentFault(f"git {argv[0]} did not end within {timeout_s:.0f} s.") from error
    if done.returncode not in ok:
        raise GitFailed(argv, done.returncode, done.stderr)
    return GitDone(done.returncode, done.stdout, done.stderr)
