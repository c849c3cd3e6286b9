"""Make the worktree of a claimed task, or take up the one that is there; repair what was half made.

The journal's order: row `creating` → `git worktree add` → copied files → set-up → row `ready`.
Nobody is told of a worktree before it is ready, so one that is still `creating` and belongs to
no live process holds nobody's work.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.domain.worktree import Worktree, WorktreeState
from core.errors import EngineError, EnvironmentFault, Refused, UserError
from core.git.command import GitFailed, GitPlace
from core.git.config import filters_off
from core.git.exclude import ensure_excluded
from core.git.refs import HEADS, is_ancestor, merge_base, ref_exists, resolve, update_ref
from core.git.worktrees import add_worktree, list_worktrees
from core.paths import weft_home
from core.worktrees import journal
from core.worktrees.copying import copy_named
from core.worktrees.guard import NotOurWorktree, require_worktree
from core.worktrees.naming import ignore_pattern
from core.worktrees.renewal import clear, retire
from core.worktrees.repo_lock import provisioning_locked, worktrees_locked
from core.worktrees.setup_command import LIMIT_S, run_setup
from core.worktrees.stale_lock import clear_stale_locks

if TYPE_CHECKING:
    from core.clock import Clock
    from core.domain.claim import Claim
    from core.domain.repo import Repo
    from core.git.worktrees import WorktreeEntry


_CLASH: Final = re.compile(r"'refs/heads/([^']+)' exists; cannot create")
"""What git says where one name is the folder of another: refs are files."""


@dataclass(frozen=True, slots=True)
class Furnishing:
    """What a new worktree gets.

    Attributes:
        copy: Paths and globs of ignored files of the main checkout.
        setup: One line for the shell, or empty.
        setup_limit_s: Seconds that it may take.
        run_filters: Whether the repository's content filters (LFS) may run while git writes the
            files out: only after the person trusted it.
        may_renew: Whether a worktree that cannot be taken up is made anew, after its work was
            kept: that of an agent. A person may be at work in the folder, and is told instead.
        may_leave_parent: Whether the folder may lie outside the one that holds the repository.
    """

    copy: tuple[str, ...] = ()
    setup: str = ""
    setup_limit_s: float = LIMIT_S
    run_filters: bool = False
    may_renew: bool = False
    may_leave_parent: bool = False


async def provision(repo: Repo, claim: Claim, furnishing: Furnishing, *, clock: Clock) -> Worktree:
    """Return the ready worktree of *claim*, made now or taken up from an earlier attempt.

    An attempt of the same task on the same branch goes on where the last one stopped, with its
    commits and its uncommitted files. A branch without own commits starts anew from the base.

    Raises:
        Refused: The folder or the branch exists and is not Weft's for this task.
        UserError: The set-up command or a copied file failed; the worktree stays `creating`
            and is made anew by the next attempt.
        EnvironmentFault: git or the disk failed.
    """
    path = _path_of(repo, claim, furnishing)
    async with provisioning_locked(path):
        try:
            async with worktrees_locked(repo.git_dir):
                worktree = await _placed(repo, claim, path, furnishing, clock)
            if worktree.state is WorktreeState.READY:
                return worktree
            log = await _furnish(repo, worktree, furnishing)
        except OSError as error:
            raise EnvironmentFault(
                f"The worktree {path} could not be made: {error.strerror}: {error.filename}.",
                hint="Make room there, or change the setting `worktree_path`.",
            ) from error
        return journal.mark(repo, worktree, WorktreeState.READY, now=clock.now(), setup_log=log)


async def _furnish(repo: Repo, worktree: Worktree, furnishing: Furnishing) -> str:
    """Copy files and run the set-up command; return the name of its log, empty without one."""
    copy_named(repo.path, worktree.path, furnishing.copy)
    if not furnishing.setup:
        return ""
    log = weft_home() / "setup" / f"{repo.id}-{worktree.task}-{worktree.id}.log"
    require_worktree(repo.path, repo.git_dir, worktree.path)
    await run_setup(furnishing.setup, worktree.path, log, limit_s=furnishing.setup_limit_s)
    return str(log)


async def _placed(
    repo: Repo, claim: Claim, path: Path, furnishing: Furnishing, clock: Clock
) -> Worktree:
    """Bring folder and branch about; only under the repository's lock."""
    main = GitPlace(repo.git_dir)
    known = journal.find(repo, path)
    entries = await list_worktrees(main)
    at_path = _entry_at(entries, path)
    if known is not None and known.task != claim.task:
        await _make_way(repo, claim, known, furnishing, clock)
        known, entries, at_path = None, await list_worktrees(main), None
    why = "it was half made"
    if known is not None and known.state is WorktreeState.READY and at_path and path.is_dir():
        unfit = _why_unfit(repo, claim, at_path)
        if unfit is None:
            clear_stale_locks(repo.git_dir, path)
            return known
        if not furnishing.may_renew:
            raise unfit
        why = unfit.message
    await _refuse_foreign(repo, claim, path, entries, ours=known, may_renew=furnishing.may_renew)
    if known is not None:
        await clear(repo, known, task=claim.task, why=why, now=clock.now())
    pattern = ignore_pattern(repo, path)
    if pattern is not None:
        ensure_excluded(repo.git_dir, [pattern])
    start = await _start_of(repo, main, claim)
    worktree = journal.begin(
        repo,
        task=claim.task,
        worker=claim.worker,
        path=path,
        branch=claim.branch,
        base_sha=start.base_sha,
        now=clock.now(),
    )
    await _add(main, path, claim.branch, start.create_at, run_filters=furnishing.run_filters)
    return worktree


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a branch begins; `create_at` is None when it exists and has commits of its own."""

    base_sha: str
    create_at: str | None


async def _start_of(repo: Repo, main: GitPlace, claim: Claim) -> _Start:
    base = await resolve(main, claim.base_sha or repo.base_ref)
    if base is None:
        raise EnvironmentFault(
            f"The base branch {repo.base} has no commit to start from.",
            hint="Look at it with git log, or name another with `base`.",
        )
    ref = HEADS + claim.branch
    tip = await resolve(main, ref)
    if tip is None:
        return _Start(base, base)
    if await is_ancestor(main, tip, base):  # nothing of its own yet: start from today's base
        if tip != base:
            await update_ref(main, ref, base, old=tip, message="weft: start from the base anew")
        return _Start(base, None)
    return _Start(await merge_base(main, tip, base) or base, None)


async def _add(
    main: GitPlace, path: Path, branch: str, start: str | None, *, run_filters: bool
) -> None:
    place = main if run_filters else await filters_off(main)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        await add_worktree(place, path, branch, start=start)
    except GitFailed as error:
        if clash := _CLASH.search(error.stderr):
            raise Refused(
                f"The branch {branch} cannot be made while there is a branch {clash[1]}.",
                hint=f"Rename it (git branch -m {clash[1]} NAME), or change the setting `branch`.",
            ) from error
        raise EnvironmentFault(
            f"The worktree {path} could not be made: {error.message}",
            hint=f"git said: {error.stderr.splitlines()[0] if error.stderr else 'nothing'}",
        ) from error


async def _refuse_foreign(
    repo: Repo,
    claim: Claim,
    path: Path,
    entries: tuple[WorktreeEntry, ...],
    *,
    ours: Worktree | None,
    may_renew: bool,
) -> None:
    """Refuse a folder or branch that somebody else made."""
    at_path = _entry_at(entries, path)
    if ours is None and (at_path is not None or (path.exists() and _holds_anything(path))):
        raise Refused(
            f"{path} exists and is not Weft's worktree of {claim.task}.",
            hint="Move it away, or change the setting `worktree_path`.",
        )
    unexplained = at_path is None and path.exists() and _holds_anything(path)
    if ours is not None and unexplained and not may_renew:
        raise Refused(
            f"{path} exists, but git knows no worktree there.",
            hint="Move the folder away and try again: Weft deletes nothing that it cannot explain.",
        )
    ref = HEADS + claim.branch
    if not await ref_exists(GitPlace(repo.git_dir), ref):
        return
    elsewhere = next((e for e in entries if e.branch == ref and e is not at_path), None)
    if elsewhere is not None and elsewhere.path.exists():
        raise Refused(
            f"The branch {claim.branch} is checked out in {elsewhere.path}.",
            hint="Check something else out there, or change the setting `branch`.",
        )
    if not journal.knows_branch(repo, claim.branch, claim.task):
        raise Refused(
            f"The branch {claim.branch} exists already and was not made for {claim.task}.",
            hint=f"Rename it (git branch -m {claim.branch} NAME), or change the setting `branch`.",
        )


def _path_of(repo: Repo, claim: Claim, furnishing: Furnishing) -> Path:
    """Return the folder, after following the links on the way to it."""
    path = Path(claim.worktree)
    real, parent = path.parent.resolve(), repo.path.parent.resolve()
    if not real.is_relative_to(parent) and not furnishing.may_leave_parent:
        raise UserError(
            f"{path} leads out of {parent} through a symbolic link.",
            hint="Change `worktree_path`, or set it in your own settings to allow it.",
        )
    return path


def _entry_at(entries: tuple[WorktreeEntry, ...], path: Path) -> WorktreeEntry | None:
    wanted = {path, path.resolve()}
    return next((entry for entry in entries[1:] if entry.path in wanted), None)


def _why_unfit(repo: Repo, claim: Claim, entry: WorktreeEntry) -> EngineError | None:
    """Return why a worktree cannot be taken up as it is, or None."""
    if entry.branch != HEADS + claim.branch:
        return Refused(
            f"{entry.path} is on {entry.branch or 'no branch'}, not on {claim.branch}.",
            hint=f"Check it out there: git -C {entry.path} switch {claim.branch}",
        )
    try:
        require_worktree(repo.path, repo.git_dir, entry.path)
    except NotOurWorktree as error:
        return error
    return None


async def _make_way(
    repo: Repo, claim: Claim, known: Worktree, furnishing: Furnishing, clock: Clock
) -> None:
    """Clear the worktree of a task that is off the board, for a new one of the same name."""
    if known.task is None and furnishing.may_renew:
        await retire(repo, known, task=claim.task, now=clock.now())
        return
    whose = "a task that was removed" if known.task is None else known.task
    raise Refused(
        f"{known.path} is the worktree of {whose}.",
        hint="Keep what matters of it, then remove it:"
        f" git worktree remove {known.path} && git branch -m {known.branch} NAME",
    )


def _holds_anything(path: Path) -> bool:
    return not path.is_dir() or any(path.iterdir())
