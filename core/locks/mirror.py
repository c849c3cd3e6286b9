"""Locks as readable files in `.task-locks/`, for tools that cannot ask: a copy of the database.

The copy is kept while its folder is there; the setting `lock_files` makes and removes the folder.
So whichever process changes a lock, without knowing the settings, brings the copy up to date.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from core.clock import iso
from core.git.exclude import ensure_excluded
from core.locks.rows import read_locks
from core.paths import replace_file
from core.store.transactions import after_commit

if TYPE_CHECKING:
    from pathlib import Path

    from core.domain.lock import Lock
    from core.domain.repo import Repo

logger = logging.getLogger(__name__)

FOLDER: Final = ".task-locks"
_SUFFIX: Final = ".lock"
_MARK: Final = "weft-lock-files"
"""In the git directory."""
_LONGEST: Final = 200
"""Letters of a name; a longer one ends in a digest, since file systems stop at 255."""


def switch(repo: Repo, *, on: bool) -> None:
    """Make the folder and fill it, or remove it; cheap when all is so already.

    A bare repository has no folder to hold it. What another has put there, such as a link or files
    that the repository tracks, stays as it is, and no lock files are written then. A disk that
    fails is logged and not raised.
    """
    if repo.path == repo.git_dir or (on and _is_ours(repo)) or not (on or _mark(repo).is_file()):
        return
    folder = repo.path / FOLDER
    try:
        if not on:
            if _is_ours(repo):
                _write(folder, {})
                if not any(folder.iterdir()):
                    folder.rmdir()
            _mark(repo).unlink()
            return
        if folder.is_symlink() or (folder.exists() and any(folder.iterdir())):
            _tell_taken(folder)
            return
        ensure_excluded(repo.git_dir, [f"/{FOLDER}/"])
        _mark(repo).touch()
        folder.mkdir(exist_ok=True)
    except OSError as error:
        _tell_failed(folder, str(error))
        return
    refresh(repo)


def refresh_after_commit(repo: Repo) -> None:
    """Bring the copy up to date once the present transaction is committed."""
    after_commit(lambda: refresh(repo))


def refresh(repo: Repo) -> None:
    """Bring the copy up to date, if there is one; a disk that fails is logged and not raised."""
    folder = repo.path / FOLDER
    if not _is_ours(repo):
        return
    found: dict[str, list[Lock]] = {}
    for lock in read_locks("lock.repo_id = ?", repo.id):
        found.setdefault(file_name(lock.path), []).append(lock)
    try:
        _write(folder, {name: _content(locks) for name, locks in found.items()})
    except OSError as error:
        _tell_failed(folder, str(error))


def file_name(path: str) -> str:
    """Return the name of a lock's file: percent-encoded outside `A-Z a-z 0-9 . _ -`."""
    name = quote(path, safe="._-", errors="surrogateescape").replace("~", "%7E")
    if len(name) > _LONGEST:
        digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
        name = f"{name[:_LONGEST]}-{digest}"
    return name + _SUFFIX


def _mark(repo: Repo) -> Path:
    """Return the file that says that the folder was made by us: its files are removed again."""
    return repo.git_dir / _MARK


def _is_ours(repo: Repo) -> bool:
    folder = repo.path / FOLDER
    return _mark(repo).is_file() and folder.is_dir() and not folder.is_symlink()


@lru_cache(maxsize=64)
def _tell_taken(folder: Path) -> None:
    logger.warning("%s is not Weft's: no lock files are written there.", folder)


@lru_cache(maxsize=64)
def _tell_failed(folder: Path, why: str) -> None:
    logger.warning("The lock files in %s could not be written: %s", folder, why)


def _content(locks: list[Lock]) -> str:
    first = locks[0]
    told: dict[str, object] = {
        "file": first.path,
        "lockedBy": first.worker,
        "taskId": first.task,
        "lockedAt": iso(first.locked_at),
        "expiresAt": None if first.expires_at is None else iso(first.expires_at),
    }
    if len(locks) > 1:
        told["sharedWith"] = [{"lockedBy": one.worker, "taskId": one.task} for one in locks[1:]]
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _write(folder: Path, wanted: dict[str, str]) -> None:
    """Make the folder hold exactly *wanted*; each file is replaced as a whole."""
    for file in folder.glob(f"*{_SUFFIX}"):
        if file.name not in wanted:
            file.unlink(missing_ok=True)
    for name, content in wanted.items():
        file, new = folder / name, folder / f".{os.getpid()}.new"
        if file.is_file() and file.read_text(encoding="utf-8") == content:
            continue
        new.write_text(content, encoding="utf-8", newline="\n")
        replace_file(new, file)
