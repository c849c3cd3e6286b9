"""Changes that git was told not to look at: `assume-unchanged` and `skip-worktree`.

People keep their own settings that way. `git diff` is silent about them, but git does not
overwrite them either: it refuses as a whole, as `git merge` does.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from core.git.command import run_git
from core.git.private_index import copy_index, set_flag, with_index

if TYPE_CHECKING:
    from collections.abc import Collection

    from core.git.command import GitPlace

_SKIPPED: Final = "S"


async def hidden_changes(place: GitPlace, among: Collection[str]) -> tuple[str, ...]:
    """Return which of the paths *among* differ from the index although a flag hides it.

    A path that is not on disk does not count: sparse checkouts leave files out in this way.
    """
    there = [path for path in await _hidden(place, set(among)) if _is_there(place, path)]
    if not there:
        return ()
    with TemporaryDirectory(prefix="weft-index-") as folder:
        index = Path(folder, "index")
        copy_index(place.git_dir, index)
        private = with_index(place, index)
        await set_flag(private, there, "--no-assume-unchanged")
        await set_flag(private, there, "--no-skip-worktree")
        done = await run_git(private, "diff-files", "--name-only", "-z", "--ignore-submodules=all")
    return tuple(sorted(set(done.records) & set(there)))


async def _hidden(place: GitPlace, among: set[str]) -> list[str]:
    listed = (await run_git(place, "ls-files", "-v", "-z")).records
    words = (record.split(" ", 1) for record in listed)
    return [path for tag, path in words if path in among and (tag == _SKIPPED or tag.islower())]


def _is_there(place: GitPlace, path: str) -> bool:
    assert place.work_tree is not None
    file = place.work_tree / path
    return file.is_symlink() or file.is_file()
