"""Is a plan still true? A stamp of everything that it was made from, cheap enough to ask often."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from core.domain.task import TaskStatus
from core.errors import EnvironmentFault
from core.git.command import GitPlace
from core.git.private_index import index_stamp
from core.git.refs import HEADS, list_refs
from core.git.status import operation_in_progress
from core.git.worktrees import worktree_place
from core.tasks.board import list_tasks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from core.domain.conflict import Contender
    from core.domain.plan import Strategy
    from core.domain.repo import Repo


async def plan_stamp(
    repo: Repo,
    contenders: Sequence[Contender],
    *,
    strategy: Strategy,
    order: Sequence[str] | None = None,
) -> str:
    """Return what changes whenever a plan of these contenders could come out otherwise.

    One git process (the branches), the board, and a look at each worktree's index: a commit, a
    moved base, a task that comes, goes or changes, staging, a merge or rebase that begins or
    ends. A file that is edited and not yet staged is not seen: that costs a walk over all files,
    and the run itself looks again before anything lands.
    """
    refs = await list_refs(GitPlace(repo.git_dir), "refs/heads")
    parts = [
        repo.base,
        refs.get(repo.base_ref, ""),
        strategy.value,
        repr((order, repo.drivers)),
        *(repr((one, refs.get(HEADS + one.branch, ""))) for one in contenders),
        *(_worktree_part(repo, one.worktree) for one in contenders),
        *_board_parts(repo, refs),
    ]
    text = "\n".join(parts).encode("utf-8", "surrogateescape")
    return hashlib.sha256(text).hexdigest()[:32]


def _board_parts(repo: Repo, refs: dict[str, str]) -> Iterator[str]:
    """Yield what other tasks say: whether they have landed, and where their work is."""
    for task in list_tasks(repo):
        head = "" if task.status is TaskStatus.DONE else refs.get(HEADS + (task.branch or ""), "")
        yield repr((task.key, task.status, task.depends_on, head))


def _worktree_part(repo: Repo, folder: Path | None) -> str:
    if folder is None:
        return ""
    try:
        git_dir = worktree_place(repo.git_dir, folder).git_dir
    except EnvironmentFault:
        return "gone"
    return f"{index_stamp(git_dir)} {operation_in_progress(git_dir)}"
