"""Files that an agent reads and writes through its client: never outside of its worktree.

The client runs outside of any sandbox, so nothing that the agent can make in its folder, such as
a link that appears between a check and an opening, may lead it out.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from core.errors import UserError
from core.paths import real_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LARGEST: Final = 16 * 1024 * 1024
"""Bytes of one file that are read."""

_GIT: Final = frozenset({".git", "git~1"})
_BY_HANDLE: Final = os.open in os.supports_dir_fd
_FLAGS: Final[int] = (
    getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
)
_FOLDER: Final[int] = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)


def read_text(worktree: Path, path: str, *, line: int | None, limit: int | None) -> str:
    """Return a file's text, from *line* (1 is the first) on and at most *limit* lines.

    Raises:
        UserError: It is outside of the worktree, git's own, no plain file, or too large.
        FileNotFoundError: It is not there.
        OSError: It cannot be read.
    """
    with _opened(worktree, path, os.O_RDONLY) as handle:
        if os.fstat(handle).st_size > LARGEST:
            raise UserError(f"{path} is larger than {LARGEST >> 20} MiB.")
        with os.fdopen(handle, "rb", closefd=False) as file:
            text = file.read(LARGEST).decode("utf-8", "replace")
    if line is None and limit is None:
        return text
    first = max((line or 1) - 1, 0)
    lines = text.splitlines(keepends=True)
    return "".join(lines[first : None if limit is None else first + max(limit, 0)])


def write_text(worktree: Path, path: str, text: str) -> None:
    """Write a file whole, with the folders that it needs.

    Raises:
        UserError: It is outside of the worktree, git's own, or no plain file.
        OSError: It cannot be written.
    """
    flags = os.O_WRONLY | os.O_CREAT
    with _opened(worktree, path, flags) as handle:
        os.ftruncate(handle, 0)
        with os.fdopen(handle, "wb", closefd=False) as file:
            file.write(text.encode("utf-8", "replace"))


@contextmanager
def _opened(worktree: Path, path: str, flags: int) -> Iterator[int]:
    """Open *path* for as long as the block lasts; what it leads to is a plain file inside."""
    root = worktree.resolve()
    real = real_path(root / path)
    if real is None or not real.is_relative_to(root) or real == root:
        raise UserError(f"{path} is outside of the worktree.")
    parts = real.relative_to(root).parts
    # As Windows reads a name: without blanks and dots at its end, and a stream behind a colon.
    if any(part.partition(":")[0].rstrip(". ").casefold() in _GIT for part in parts):
        raise UserError(f"{path} belongs to git.")
    makes = bool(flags & os.O_CREAT)
    handle = _walk(root, parts, flags, makes=makes) if _BY_HANDLE else _plain(real, flags)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise UserError(f"{path} is not a plain file.")
        yield handle
    finally:
        os.close(handle)


def _walk(root: Path, parts: tuple[str, ...], flags: int, *, makes: bool) -> int:
    """Open folder by folder, following no link: *parts* were resolved, a link there is new."""
    folder = os.open(root, _FOLDER | getattr(os, "O_CLOEXEC", 0))
    try:
        for part in parts[:-1]:
            if makes:
                _make_folder(part, folder)
            deeper = os.open(part, _FOLDER | _FLAGS, dir_fd=folder)
            os.close(folder)
            folder = deeper
        return os.open(parts[-1], flags | _FLAGS, 0o666, dir_fd=folder)
    finally:
        os.close(folder)


def _make_folder(name: str, inside: int) -> None:
    try:
        os.mkdir(name, dir_fd=inside)
    except FileExistsError:
        return


def _plain(real: Path, flags: int) -> int:
    if flags & os.O_CREAT:
        real.parent.mkdir(parents=True, exist_ok=True)
    return os.open(real, flags | _FLAGS | getattr(os, "O_BINARY", 0), 0o666)
