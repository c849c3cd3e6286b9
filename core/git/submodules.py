"""Submodules of a worktree: which of them hold uncommitted work.

git would find that out by starting itself inside each submodule, where the submodule's own
configuration may name programs (filters, a file system monitor). An agent can write there, so it
is done here, with all of them off.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.errors import EnvironmentFault
from core.git.command import GitPlace, run_git
from core.git.config import filters_off

if TYPE_CHECKING:
    from collections.abc import Iterator

_GITLINK: Final = b"160000 "
_DEEPEST: Final = 8
"""Submodules of submodules; deeper ones can only be a loop."""


async def dirty_submodules(place: GitPlace, *, depth: int = 0) -> tuple[str, ...]:
    """Return the paths of checked-out submodules with changed or untracked files, at any depth.

    One that cannot be read counts as well: it may hold anything.
    """
    if place.work_tree is None or depth > _DEEPEST:
        return ()
    listed = await run_git(place, "ls-files", "--stage", "-z")
    found = []
    for path in _gitlinks(listed.stdout):
        folder = place.work_tree / path
        if _is_odd(folder) or (
            (inside := _place_of(folder)) is not None and await _is_dirty(inside, depth)
        ):
            found.append(path)
    return tuple(found)


def _gitlinks(stdout: bytes) -> Iterator[str]:
    """Yield the paths of submodules in `ls-files --stage -z`; there are hardly ever any."""
    if not (stdout.startswith(_GITLINK) or b"\0" + _GITLINK in stdout):
        return
    for record in stdout.split(b"\0"):
        if record.startswith(_GITLINK):
            yield record.partition(b"\t")[2].decode("utf-8", "surrogateescape")


def _is_odd(folder: Path) -> bool:
    """Whether what should name its repository is neither file nor folder, such as a pipe."""
    link = folder / ".git"
    return link.exists() and not link.is_file() and not link.is_dir()


def _place_of(folder: Path) -> GitPlace | None:
    """Return the submodule's own repository, or None where it is not checked out."""
    link = folder / ".git"
    if folder.is_symlink() or not link.exists():
        return None
    if link.is_dir():
        return GitPlace(link, folder)
    text = link.read_bytes().decode("utf-8", "surrogateescape").rstrip("\n")
    return GitPlace(Path(folder, text.removeprefix("gitdir: ")), folder)


async def _is_dirty(inside: GitPlace, depth: int) -> bool:
    try:
        quiet = await filters_off(inside)
        done = await run_git(
            quiet, "status", "--porcelain=v2", "-z", "--no-renames", "--untracked-files=normal",
            "--ignore-submodules=dirty",
        )  # fmt: skip
        return bool(done.stdout) or bool(await dirty_submodules(inside, depth=depth + 1))
    except EnvironmentFault:
        return True
