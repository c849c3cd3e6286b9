"""Where snapshots, trial merges and their verdicts are kept: below Weft's home, for a while.

Everything of one repository lies in one folder that has numbered generations. A generation is a
quarantine with what refers to it (private indexes, remembered verdicts), so nothing remembered
can outlive the objects that it names. When a generation is a day old or too large the next one is
begun; the former goes once nobody can be using it.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.git.command import GitPlace
from core.git.quarantine import Quarantine, make_quarantine
from core.paths import remove_folder, scratch_folder

if TYPE_CHECKING:
    from pathlib import Path

    from core.domain.repo import Repo

_OLDEST_S: Final = 24 * 3600.0
_GRACE_S: Final = 3600.0
"""How long a former generation stays for processes that still read it."""
_LARGEST_BYTES: Final = 512 * 1024 * 1024
_MEASURE_EVERY_S: Final = 60.0
_STARTED: Final = "started"

_measured: dict[Path, float] = {}


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation: its folder, the quarantine in it, and whether it was just begun."""

    folder: Path
    held: Quarantine
    is_new: bool = False

    def attributes_folder(self, commit: str) -> Path:
        """Return where the `.gitattributes` files of a commit are laid out."""
        return self.folder / "attributes" / commit


async def open_generation(repo: Repo, *, after: Generation | None = None) -> Generation:
    """Return the present generation of a repository; made when there is none.

    Args:
        repo: The repository.
        after: One that has turned out to be broken (a power cut, a deleted file): the next one
            is begun, unless somebody has done so already.
    """
    broken = after.folder if after else None
    folder, is_new = await asyncio.to_thread(_present_folder, repo.git_dir, broken)
    held = await make_quarantine(GitPlace(repo.git_dir), folder, drivers=repo.drivers)
    return Generation(folder, held, is_new)


def _present_folder(git_dir: Path, broken: Path | None) -> tuple[Path, bool]:
    name = hashlib.sha256(str(git_dir).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    home = scratch_folder("conflicts") / name
    home.mkdir(exist_ok=True, mode=0o700)
    numbers = sorted(int(path.name) for path in home.iterdir() if path.name.isdigit())
    newest = home / str(numbers[-1] if numbers else 1)
    if numbers and (newest == broken or _is_used_up(newest)):
        newest = home / str(numbers[-1] + 1)
    is_new = not (newest / _STARTED).exists()
    if is_new:
        newest.mkdir(exist_ok=True)
        (newest / _STARTED).touch()
    if len(numbers) > 1 and _age_s(newest) > _GRACE_S:
        for number in numbers[:-1]:
            remove_folder(home / str(number), ignore_errors=True)
    return newest, is_new


def _age_s(folder: Path) -> float:
    try:
        return time.time() - (folder / _STARTED).stat().st_mtime
    except FileNotFoundError:
        return 0.0  # another process is just making it


def _is_used_up(folder: Path) -> bool:
    if _age_s(folder) > _OLDEST_S:
        return True
    now = time.monotonic()
    if now - _measured.get(folder, float("-inf")) < _MEASURE_EVERY_S:
        return False
    _measured[folder] = now
    return _size_bytes(folder) > _LARGEST_BYTES


def _size_bytes(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_size
        except FileNotFoundError:
            continue  # git's temporary files come and go
    return total
