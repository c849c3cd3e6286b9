"""Copy the ignored files that a repository names, such as `.env`, into a new worktree."""

from __future__ import annotations

import glob
import os
import shutil
import stat
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from core.errors import UserError
from core.paths import real_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PRIVATE_MODE = 0o600
_SECRET_NAMES = (".env", "secret", "token", "credential", "password", ".pem", ".key", ".netrc")


def copy_named(main: Path, worktree: Path, patterns: Iterable[str]) -> tuple[str, ...]:
    """Copy files of the main checkout into *worktree*; what is there already stays.

    A pattern is a path or glob relative to the repository; a folder is copied whole. Modes are
    kept, but files that look like secrets become readable by the person alone.

    Returns:
        The copied paths, with `/`. A pattern that matches nothing is no error: the file may
        exist on other people's machines only.

    Raises:
        UserError: A pattern leaves the repository, by `..`, an absolute path or a symbolic link,
            or names something inside `.git`.
    """
    copied: list[str] = []
    for pattern in patterns:
        for source in _sources(main, pattern):
            inside = source.relative_to(main)
            target = worktree / inside
            if not target.exists() and not target.is_symlink():
                _copy(source, target, worktree)
                copied.append(inside.as_posix())
    return tuple(copied)


def _sources(main: Path, pattern: str) -> Iterator[Path]:
    parts = PurePosixPath(pattern.replace("\\", "/")).parts
    if not parts or Path(pattern).is_absolute() or parts[0] == "/" or ".." in parts:
        raise _refused(pattern, "it must be a path inside the repository")
    if any(part.lower() == ".git" for part in parts):
        raise _refused(pattern, "nothing of .git is copied")
    for name in sorted(glob.glob("/".join(parts), root_dir=main, recursive=True)):  # noqa: PTH207  root_dir keeps the main folder's own brackets from being a pattern
        yield from _files_below(main, main / name, pattern)


def _files_below(main: Path, source: Path, pattern: str) -> Iterator[Path]:
    root = main.resolve()
    if not _is_below(root, source):
        raise _refused(pattern, f"{source} leads out of the repository")
    if not source.is_dir():
        if source.is_file():
            yield source
        return
    for folder, folders, files in os.walk(source):  # does not follow links to folders
        folders[:] = [name for name in folders if name.lower() != ".git"]
        for name in files:
            file = Path(folder, name)
            if not _is_below(root, file):
                raise _refused(pattern, f"{file} leads out of the repository")
            if file.is_file():
                yield file


def _is_below(root: Path, place: Path) -> bool:
    real = real_path(place)
    return real is not None and real.is_relative_to(root)


def _copy(source: Path, target: Path, worktree: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.parent.resolve().is_relative_to(worktree.resolve()):
        raise _refused(source.name, f"{target.parent} leads out of the worktree")
    shutil.copyfile(source, target)
    mode = stat.S_IMODE(source.stat().st_mode)
    if any(word in source.name.lower() for word in _SECRET_NAMES):
        mode &= _PRIVATE_MODE
    target.chmod(mode)


def _refused(pattern: str, why: str) -> UserError:
    return UserError(f"copy = {pattern!r} cannot be copied: {why}.", hint="Change `copy`.")
