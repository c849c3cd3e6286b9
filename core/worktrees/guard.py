"""The last look before anything is started in a worktree: it is ours, and not the main checkout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import EnvironmentFault
from core.git.worktrees import rewritten_links, worktree_git_dir, worktree_place

if TYPE_CHECKING:
    from pathlib import Path

    from core.git.command import GitPlace


class NotOurWorktree(EnvironmentFault):
    """A folder is not the linked worktree that it should be; nothing was started in it."""

    code = "not_our_worktree"


def require_worktree(main: Path, common_dir: Path, path: Path) -> GitPlace:
    """Return the git place of the linked worktree at *path*, or refuse.

    Called right before every spawn and every act of git there. It reads a few small files and
    starts nothing. What the folder says of itself is not believed: the repository must know it,
    and the links both ways must be as git made them.

    Args:
        main: The main checkout, in which nothing of Weft's ever runs.
        common_dir: The common git directory.
        path: The folder.

    Raises:
        NotOurWorktree: With one sentence that says what is wrong.
    """
    if not path.is_dir():
        raise NotOurWorktree(
            f"The worktree {path} is gone.", hint="Retry the task: its branch is still there."
        )
    if path.is_symlink():
        raise NotOurWorktree(f"{path} is a symbolic link, not a worktree.")
    if main.exists() and path.samefile(main):
        raise NotOurWorktree(f"{path} is the main checkout: nothing of Weft's runs there.")
    if worktree_git_dir(common_dir, path) is None:
        raise NotOurWorktree(f"{path} is not a worktree of {main}.")
    problems = rewritten_links(common_dir, path)
    if problems:
        raise NotOurWorktree(
            f"{path} was tampered with: {problems[0]}",
            hint="Look at the folder; `git worktree repair` mends a link that broke by accident.",
        )
    return worktree_place(common_dir, path)
