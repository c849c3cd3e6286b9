"""Put the commit guard where the settings want it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.errors import EnvironmentFault
from core.events import log
from core.locks import guard
from core.store.transactions import transaction
from core.worktrees.repo_lock import worktrees_locked

if TYPE_CHECKING:
    from pathlib import Path

    from core.engine.context import Engine

NOTICE: Final = (
    "Commits in worktrees that touch what another holds will be refused: for that git's"
    " extensions.worktreeConfig was switched on. To do without: commit_guard = false"
)


def enable(engine: Engine) -> str:
    """Prepare the repository for guarded worktrees; return the notice when that is new."""
    if not engine.settings().flag("commit_guard") or not guard.enable(engine.repo):
        return ""
    with transaction():
        log.record("repo.guarded", engine.now(), actor=engine.actor, repo=str(engine.repo.path))
    return NOTICE


async def guard_worktree(engine: Engine, worktree: Path) -> None:
    """Guard the commits of a ready worktree, or take the guard off, as the settings want it.

    Raises:
        EnvironmentFault: The hooks or git's configuration cannot be written.
    """
    repo, settings = engine.repo, engine.settings()
    try:
        if not settings.flag("commit_guard"):
            guard.remove(repo, worktree)
            return
        if not guard.is_enabled(repo):
            async with worktrees_locked(repo.git_dir):
                enable(engine)
        guard.install(repo, worktree, settings.lines("critical_files"))
    except OSError as error:
        raise EnvironmentFault(
            f"The commit guard could not be written: {error.strerror}: {error.filename}.",
            hint="Make room there, or do without: commit_guard = false",
        ) from error
