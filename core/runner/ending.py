"""What is done with the work when a run has ended: committed, handed over, or kept safe."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from core.conflicts.changed_files import changed_files
from core.domain.conflict import Contender
from core.domain.lock import WarningKind
from core.domain.run import RunStatus
from core.errors import EngineError, EnvironmentFault, UserError
from core.git.command import GitPlace
from core.git.commits import commit_leftovers, count_commits
from core.git.refs import HEADS, head_ref, resolve
from core.locks.touched import note_touched, warnings
from core.queue import outcomes
from core.queue.moved_base import base_at_start, look_at_base, record_moved_base
from core.runner.verdict import Verdict
from core.worktrees.elsewhere import keep_elsewhere
from core.worktrees.guard import NotOurWorktree, require_worktree
from core.worktrees.half_merge import conclude_merge
from core.worktrees.preserve import CannotPreserve, Preserved, preserve
from core.worktrees.stale_lock import clear_stale_locks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from core.clock import Clock
    from core.domain.lock import TaskWarning
    from core.runner.database_thread import DatabaseThread
    from core.runner.records import Assignment
    from core.runner.speech import Speech

logger = logging.getLogger(__name__)
_WHY: Final = {
    RunStatus.FAILED: "the run failed",
    RunStatus.ABORTED: "the run was aborted",
    RunStatus.LOST: "the run was lost",
}


async def finish(
    mine: Assignment, speech: Speech, verdict: Verdict, database: DatabaseThread, clock: Clock
) -> Verdict:
    """Write the end of a run into git and the database; return how it really ended."""
    for lock in clear_stale_locks(mine.repo.git_dir, mine.worktree):
        speech.tell("state", f"Removed {lock.name}: the process that made it is gone.")
    verdict = await _with_moved_base(mine, verdict, database, clock)
    seen = await keep_elsewhere(
        mine.repo, task=mine.task, worktree=mine.worktree, branch=mine.branch
    )
    if verdict.status is RunStatus.DONE:
        try:
            message = await _hand_over(mine, speech)
        except EngineError as error:
            verdict = Verdict(RunStatus.FAILED, str(error), verdict.exit_code)
        else:
            seen = f"{seen} {await _past_the_guard(mine, database, clock)}".strip()
            verdict = replace(verdict, reason=f"{verdict.reason} {seen}".strip())
            if seen:  # who is told that the run has ended reads on to the end, and no further
                speech.tell("error", seen)
            done = await database.call(
                outcomes.run_done,
                mine.repo,
                mine.run,
                exit_code=verdict.exit_code,
                message=message,
                reason=verdict.reason,
                now=clock.now(),
            )
            if done:
                speech.tell("state", "Done.")
                return verdict
            verdict = Verdict(RunStatus.LOST, "Its claim was taken back before it ended.")
    verdict = replace(verdict, reason=f"{verdict.reason} {seen}".strip())
    await _give_back(mine, speech, verdict, database, clock)
    return verdict


async def _with_moved_base(
    mine: Assignment, verdict: Verdict, database: DatabaseThread, clock: Clock
) -> Verdict:
    """Return the verdict with what the run did to the base by itself: then it did not end well."""
    before = await database.call(base_at_start, mine.repo, mine.task, mine.run)
    try:
        moved = await look_at_base(mine.repo, mine.worktree, before) if before else None
    except EnvironmentFault as error:
        logger.warning("the moves of %s could not be looked at: %s", mine.repo.base, error)
        return verdict
    if moved is None:
        return verdict
    await database.call(
        record_moved_base,
        mine.repo,
        moved,
        run=mine.run,
        task=mine.task,
        worker=mine.worker,
        now=clock.now(),
    )
    done = verdict.status is RunStatus.DONE
    status = RunStatus.FAILED if done else verdict.status
    reason = f"{verdict.reason} {moved.told(mine.repo)}".strip()
    return Verdict(status, reason, verdict.exit_code)


async def _past_the_guard(mine: Assignment, database: DatabaseThread, clock: Clock) -> str:
    """Return what people are told of commits that touch what another holds; its events are written.

    Such commits are refused by a hook, which an agent can leave out, and told by who watches the
    worktrees; here for when nobody does.
    """
    own = Contender(mine.task, mine.order.title, mine.worker, mine.branch, mine.worktree)
    try:
        found = await changed_files(mine.repo, [own])
    except (EnvironmentFault, LookupError, OSError) as error:  # no end of a run may wait for this
        logger.warning("what %s changed could not be looked at: %s", mine.run, error)
        return ""
    told = await database.call(_warned, mine, found.files, now=clock.now())
    return " ".join(one.sentence for one in told if one.kind is WarningKind.UNGUARDED)


def _warned(
    mine: Assignment, files: Mapping[str, Mapping[str, bool]], now: datetime
) -> tuple[TaskWarning, ...]:
    note_touched(mine.repo, files, now=now)
    return tuple(one for one in warnings(mine.repo, now=now) if one.task == mine.task)


async def _hand_over(mine: Assignment, speech: Speech) -> str:
    """Commit leftovers; return the last words of the run.

    Raises:
        UserError: The worktree is not on its branch, a merge or rebase is half done, or the
            conflict that it was asked to resolve is not.
        EnvironmentFault: The worktree is gone or git failed.
    """
    place = require_worktree(mine.repo.path, mine.repo.git_dir, mine.worktree)
    branch = HEADS + mine.branch
    head = await head_ref(place)
    if head != branch:
        raise UserError(
            f"The agent left its branch {mine.branch}: {head or 'no branch'} is checked out."
        )
    merged = await conclude_merge(place, run_filters=mine.order.run_filters)
    if merged is not None:
        speech.tell("state", f"The conflict is resolved as {merged[:10]}.")
    if mine.order.commit_leftovers:
        commit = await commit_leftovers(
            place, branch, mine.order.title + "\n", run_filters=mine.order.run_filters
        )
        if commit is not None:
            speech.tell("state", f"Committed what was left uncommitted as {commit[:10]}.")
    main = GitPlace(mine.repo.git_dir)
    tip, base = await resolve(main, branch), await resolve(main, mine.repo.base_ref)
    if tip and base and await count_commits(main, tip, without=[base]) == 0:
        speech.tell("state", "The run changed nothing on its branch.")
        return f"{speech.last} (It changed nothing on its branch.)".strip()
    return speech.last


async def _give_back(
    mine: Assignment, speech: Speech, verdict: Verdict, database: DatabaseThread, clock: Clock
) -> None:
    """Keep the work safe, then return the task to the backlog with its reason."""
    kept = await _keep(mine, speech, verdict)
    speech.tell("error", verdict.reason)
    if kept.ref:
        speech.tell("state", f"Its work is kept as {kept.ref}.")
    await database.call(
        outcomes.run_ended,
        mine.repo,
        mine.run,
        verdict.status,
        reason=verdict.reason,
        max_attempts=mine.order.max_attempts,
        now=clock.now(),
        actor="weft",
        exit_code=verdict.exit_code,
        preserved_ref=kept.ref,
    )


async def _keep(mine: Assignment, speech: Speech, verdict: Verdict) -> Preserved:
    place = None
    try:
        if mine.worktree.is_dir():
            place = require_worktree(mine.repo.path, mine.repo.git_dir, mine.worktree)
        return await preserve(
            mine.repo,
            task=mine.task,
            place=place,
            branch=mine.branch,
            why=_WHY[verdict.status],
        )
    except (NotOurWorktree, CannotPreserve, EnvironmentFault) as error:
        logger.warning("the work was left where it is: %s", error)
        speech.tell("error", f"{error} The work was left where it is.")
        return Preserved()
