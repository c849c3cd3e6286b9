"""Where Weft keeps its own files: the home, the database, the runs."""

from __future__ import annotations

import os
import stat
import time
from contextlib import suppress
from pathlib import Path

from core.errors import UsageError

_SQLITE_PREFIX = "sqlite:///"
_WINDOWS = os.name == "nt"
_READERS_S = 0.5


def expanded(path: str) -> Path:
    """Return *path* with a leading `~` or `~name` replaced by that person's home.

    Raises:
        UsageError: There is no such person.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise UsageError(f"{path} names the home of nobody known here.") from error


def weft_home() -> Path:
    """Return `$WEFT_HOME`, else the platform's user data folder for Weft (not yet made)."""
    named = os.environ.get("WEFT_HOME")
    if named:
        return expanded(named).absolute()
    import platformdirs  # only when needed: it costs 6 ms of each command

    return Path(platformdirs.user_data_dir("weft", appauthor=False))


def database_file() -> Path:
    """Return the SQLite file that `$WEFT_DATABASE_URL` names, else `$WEFT_HOME/weft.db`.

    Raises:
        UsageError: The address is of a kind that this version cannot open.
    """
    url = os.environ.get("WEFT_DATABASE_URL")
    if not url:
        return weft_home() / "weft.db"
    if not url.startswith(_SQLITE_PREFIX):
        raise UsageError(
            f"WEFT_DATABASE_URL is not understood: {url.split(':', 1)[0]}:…",
            hint="Use sqlite:///PATH, or unset it for the default.",
        )
    return expanded(url.removeprefix(_SQLITE_PREFIX)).absolute()


def user_settings_file() -> Path:
    """Return the person's own settings file, which may not exist."""
    return weft_home() / "config.toml"


def runs_folder() -> Path:
    """Return the folder that holds those of all runs; it may not exist."""
    return weft_home() / "runs"


def run_folder(run_id: str) -> Path:
    """Return the folder that holds the transcript and logs of one run."""
    return runs_folder() / run_id


def scratch_folder(name: str) -> Path:
    """Return a folder of Weft's own below its home, made now, private to the user."""
    folder = weft_home() / name
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def real_path(path: Path) -> Path | None:
    """Return where *path* leads with every link followed; None for a circle of links.

    None also for what cannot be read. Before Python 3.13 `Path.resolve` raises for a circle;
    since then it leaves the link in its answer.
    """
    try:
        real = path.resolve()
    except (OSError, RuntimeError):
        return None
    return None if any(place.is_symlink() for place in (real, *real.parents)) else real


def remove_folder(folder: Path, *, ignore_errors: bool = False) -> None:
    """Remove *folder* with all that is in it, git's objects too.

    git writes them read-only, and Windows keeps such a file from being removed.

    Raises:
        OSError: Something cannot be removed, unless *ignore_errors*.
    """
    import shutil  # seldom needed

    if _WINDOWS:
        for place, _, names in os.walk(folder):
            for name in names:
                with suppress(OSError):  # what cannot be made writable cannot be removed either
                    os.chmod(os.path.join(place, name), stat.S_IREAD | stat.S_IWRITE)  # noqa: PTH101, PTH118  no Path per file
    shutil.rmtree(folder, ignore_errors=ignore_errors)


def replace_file(fresh: Path, file: Path) -> None:
    """Put *fresh* in the place of *file* at once: whoever reads sees the one or the other whole.

    On Windows it waits up to half a second for who is reading *file* at this moment.

    Raises:
        OSError: It cannot be written there, or is being read for longer.
    """
    deadline = time.monotonic() + _READERS_S
    while True:
        try:
            fresh.replace(file)
        except PermissionError:
            if not _WINDOWS or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return
