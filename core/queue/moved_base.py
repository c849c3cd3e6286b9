"""Whether a run moved the base by itself, past every check: seen when it has ended, never undone.

Others move the base meanwhile with every right: a person commits, Weft merges. A move counts as
the run's when git noted the very same move for its worktree's HEAD, or when the base went to a
commit that was made in its worktree: nobody else has that before the task is in review.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from core.errors import EnvironmentFault
from core.events import log
from core.git.command import GitPlace
from core.git.reflog import COMMIT_MADE, RefMove, ref_moves
from core.git.worktrees import worktree_place
from core.store.transactions import transaction

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from core.domain.repo import Repo


@dataclass(frozen=True, slots=True)
class MovedBase:
    """Where a run moved the base from and to; `is_tip` is false when others moved it since."""

    base: str
    before: str
    after: str
    is_tip: bool

    def told(self, repo: Repo) -> str:
        """Return what people are told: two or three sentences."""
        said = (
            f"The run itself moved {self.base} from {self.before[:10]} to {self.after[:10]},"
            " past every check."
        )
        git = f"git -C {shlex.quote(str(repo.path))}"
        ref = shlex.quote(repo.base_ref)
        if not self.is_tip:
            return (
                f"{said} It was moved again since; a person should look:"
                f" {git} log {self.before[:10]}..{ref}"
            )
        return f"{said} A person can put it back: {git} update-ref {ref} {self.before} {self.after}"


async def look_at_base(repo: Repo, worktree: Path, before: str) -> MovedBase | None:
    """Return how the run in *worktree* moved the base since it was at *before*, or None."""
    base_moves = await ref_moves(GitPlace(repo.git_dir), repo.base_ref)
    since = tuple(reversed(tuple(takewhile(lambda move: move.oid != before, base_moves))))
    if not since:
        return None
    try:
        of_run = await ref_moves(worktree_place(repo.git_dir, worktree), "HEAD")
    except EnvironmentFault:  # the folder is gone, and what git noted of it
        return None
    theirs = [at for at, move in enumerate(since) if _is_of_run(move, of_run)]
    if not theirs:
        return None
    first, last = theirs[0], theirs[-1]
    return MovedBase(
        base=repo.base,
        before=since[first - 1].oid if first else before,
        after=since[last].oid,
        is_tip=last == len(since) - 1,
    )


def _is_of_run(move: RefMove, of_run: tuple[RefMove, ...]) -> bool:
    return any(
        move == own or (move.oid == own.oid and COMMIT_MADE.match(own.message)) for own in of_run
    )


def base_at_start(repo: Repo, task: str, run: str) -> str:
    """Return the base's commit when the run's agent started; empty when it never did."""
    return log.fact(repo, task, run, kind="run.started", name="base_sha")


def record_moved_base(
    repo: Repo, moved: MovedBase, *, run: str, task: str, worker: str, now: datetime
) -> None:
    """Record `base.moved_by_run`."""
    with transaction():
        log.record(
            "base.moved_by_run",
            now,
            actor=worker,
            repo=str(repo.path),
            task=task,
            worker=worker,
            run=run,
            base=moved.base,
            before=moved.before,
            after=moved.after,
        )
