"""What claims are made under in one repository: its settings, the base, names of worktrees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import NotFound
from core.git.command import run_git_now
from core.queue.claims import ClaimTerms
from core.worktrees.naming import Templates, place

if TYPE_CHECKING:
    from core.domain.task import Task
    from core.domain.worker import Worker
    from core.engine.context import Engine

_OF_PERSON = ("default", ".weft.toml")


def terms(engine: Engine) -> ClaimTerms:
    """Return what claims are made under here."""
    templates = templates_of(engine)

    def where(task: Task, worker: Worker) -> tuple[str, str]:
        found = place(engine.repo, task, worker, templates)
        return found.branch, str(found.path)

    return ClaimTerms(
        rules=engine.rules(),
        approval=engine.approval(),
        lease=engine.lease(),
        stale_after=engine.stale_after(),
        base_sha=base_sha(engine),
        place=where,
        limits=engine.limits(),
    )


def base_sha(engine: Engine) -> str:
    """Return the commit of the base now; git is asked only when the ref may have moved.

    Raises:
        NotFound: The base branch is gone.
    """
    return engine.base_commit(lambda: _read_base(engine))


def _read_base(engine: Engine) -> str:
    found = run_git_now(
        engine.place,
        "rev-parse",
        "--verify",
        "--quiet",
        f"{engine.repo.base_ref}^{{commit}}",
        ok=(0, 1),
    )
    if found.status:
        raise NotFound(
            f"There is no branch {engine.repo.base}, the base of {engine.repo.name}.",
            hint="Name another base: weft init --base BRANCH",
        )
    return found.text


def templates_of(engine: Engine) -> Templates:
    """Return how worktrees and branches are named here."""
    settings = engine.settings()
    return Templates(
        path=settings.text("worktree_path"),
        branch=settings.text("branch"),
        may_leave_parent=settings.source["worktree_path"] not in _OF_PERSON,
    )
