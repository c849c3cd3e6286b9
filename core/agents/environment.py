"""The environment of an agent's process: an allow-list, never the caller's own.

So no key, token or address that happens to be in the person's shell reaches an agent that was
not meant to have it; above all not the database's address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.processes.identity import WINDOWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from core.agents.profiles import AgentProfile

ALLOWED: Final = ("PATH", "HOME", "LANG", "TERM", "TMPDIR")
_WINDOWS_NEEDS: Final = (
    "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "TEMP", "TMP", "USERPROFILE",
    "APPDATA", "LOCALAPPDATA", "PROGRAMFILES", "PROGRAMFILES(X86)", "PROGRAMW6432",
    "COMMONPROGRAMFILES", "PROGRAMDATA", "ALLUSERSPROFILE", "HOMEDRIVE", "HOMEPATH", "USERNAME",
    "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE", "OS",
)  # fmt: skip
"""Without these no Windows program starts, or finds its own files."""
_NEVER: Final = ("WEFT_DATABASE_URL", "WEFT_HOME", "WEFT_LAUNCH_TOKEN")
RUN_MARK: Final = "WEFT_RUN"
"""Every process of a run carries it with the run's id, so that none is overlooked."""


def allowed_names(profile: AgentProfile) -> tuple[str, ...]:
    """Return which of the person's variables an agent of *profile* may see."""
    return (*ALLOWED, *(_WINDOWS_NEEDS if WINDOWS else ()), *profile.passed)


def passed_on(names: Iterable[str], environ: Mapping[str, str]) -> dict[str, str]:
    """Return those of *names* that are set."""
    return {name: environ[name] for name in names if name in environ}


def agent_environment(
    base: Mapping[str, str],
    extra: Mapping[str, str],
    identity: Mapping[str, str],
    *,
    repo: Path,
    task: str,
    worker: str,
    run: str,
    socket: str = "",
) -> dict[str, str]:
    """Return the whole environment of an agent's process.

    Args:
        base: What `passed_on` gave.
        extra: The profile's own variables; they cannot set what belongs to Weft.
        identity: The person's git identity as `GIT_AUTHOR_…` and `GIT_COMMITTER_…`.
        repo: The main checkout, for the agent to know where it comes from.
        task: Key of the task.
        worker: Name of the worker.
        run: Id of the run.
        socket: Path of the runner's socket; empty when there is none.
    """
    own = {
        "WEFT_REPO": str(repo),
        "WEFT_TASK": task,
        "WEFT_WORKER": worker,
        RUN_MARK: run,
    }
    if socket:
        own["WEFT_SOCKET"] = socket
    found = {**base, **extra, **identity, **own}
    return {name: value for name, value in found.items() if name not in _NEVER}
