"""Take a merge run back: the base returns to exactly the commit that was kept.

The last one, or an earlier one that is the last again because those after it were taken back.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from core.clock import SystemClock
from core.errors import NotFound, Refused
from core.git.command import GitPlace
from core.git.refs import RefChange, RefMoved, resolve, update_refs
from core.merging import journal
from core.merging.checkouts import follow, refuse_if_in_the_way
from core.merging.journal_entry import landed, last_landed
from core.merging.plan import base_commit
from core.merging.recovery import UNDONE, recover_merges

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from core.clock import Clock
    from core.domain.plan import MergeResult
    from core.domain.repo import Repo
    from core.merging.journal_entry import MergeEntry


async def undo_merge(
    repo: Repo,
    run: str | None = None,
    *,
    actor: str,
    run_filters: bool = False,
    moved: Callable[[], None] | None = None,
    clock: Clock | None = None,
) -> MergeResult:
    """Put the base back to where it was before the last merge run that landed anything, or *run*.

    Its tasks go back to review; its commits stay reachable from `refs/weft/merges/…/after`. Done
    twice it changes nothing the second time and says so.

    Args:
        repo: The repository.
        run: Name of a run, as `merge_log` has it; the last one if left out.
        actor: Who asked, for the event.
        run_filters: Whether content filters may run when a checkout follows the base.
        moved: Called right after the base has moved.
        clock: Tells the time; the machine's by default.

    Returns:
        `merged` is what was taken back, `before` where the base was and `after` where it is now.

    Raises:
        NotFound: There is no such run that landed anything.
        Refused: Nothing was ever merged, a merge run is under way, the base is no longer what
            that run left, or something of the person's is in the way.
    """
    clock = clock or SystemClock()
    await recover_merges(repo, clock.now(), run_filters=run_filters)
    entry = _last(repo) if run is None else _named(repo, run)
    journal.refuse_if_busy(repo)
    if entry.undone:
        which = "The last merge run" if run is None else f"Merge run {entry.name}"
        return _taken_back(entry, f"{which} was undone before; {entry.base} stays.")
    repo = replace(repo, base=entry.base)
    await _refuse_if_built_on(repo, entry)
    await refuse_if_in_the_way(repo, entry.after, entry.before, doing="undo")
    undoing = asyncio.ensure_future(
        _move_back(repo, entry, actor, clock.now(), moved, run_filters=run_filters)
    )
    try:
        return await asyncio.shield(undoing)
    except asyncio.CancelledError:
        await undoing  # too late to stop: the base may have moved
        raise


def _last(repo: Repo) -> MergeEntry:
    entry = last_landed(repo)
    if entry is None:
        raise Refused(
            f"There is no merge run of {repo.name} to undo.",
            hint="`weft merge run` lands the tasks in review.",
        )
    return entry


def _named(repo: Repo, name: str) -> MergeEntry:
    for entry in landed(repo):
        if entry.name == name:
            return entry
    raise NotFound(
        f"No merge run {name!r} has landed anything here.", hint="List them: weft merge log"
    )


async def _refuse_if_built_on(repo: Repo, entry: MergeEntry) -> None:
    base = await base_commit(repo)
    if base == entry.after:
        return
    later = [one.name for one in landed(repo) if one.id > entry.id and not one.undone]
    if later and last_landed(repo) != entry:
        raise Refused(
            f"Later merge runs were built on {entry.name}.",
            reasons=tuple(f"{name} landed after it." for name in later),
            hint=f"Take them back first, the newest first: weft merge undo {later[0]}",
        )
    if await resolve(GitPlace(repo.git_dir), entry.before) is None:
        reason = f"The kept commit {entry.before[:12]} is gone."
    else:
        reason = f"It left {entry.after[:12]}; now {repo.base} is at {base[:12]}."
    raise Refused(
        f"{repo.base} is no longer what {_run_word(repo, entry)} left.",
        reasons=(reason,),
        hint="Take single tasks back with `git revert` on a branch of your own.",
    )


def _run_word(repo: Repo, entry: MergeEntry) -> str:
    return "the last merge run" if last_landed(repo) == entry else f"merge run {entry.name}"


async def _move_back(
    repo: Repo,
    entry: MergeEntry,
    actor: str,
    now: datetime,
    moved: Callable[[], None] | None,
    *,
    run_filters: bool,
) -> MergeResult:
    absent = "0" * len(entry.after)
    try:
        await update_refs(
            GitPlace(repo.git_dir),
            [
                RefChange(f"{entry.refs}/{UNDONE}", entry.after, absent),  # first: see recovery
                RefChange(repo.base_ref, entry.before, entry.after),
            ],
            message=f"weft: undo merge {entry.name}",
        )
    except RefMoved as error:
        raise Refused(f"{repo.base} was moved by somebody else just now.") from error
    if moved is not None:
        moved()
    notes = await follow(repo, entry.after, entry.before, run_filters=run_filters)
    done = journal.close_undone(repo, entry.id, actor=actor, now=now)
    return _taken_back(done, *notes)


def _taken_back(entry: MergeEntry, *notes: str) -> MergeResult:
    landed = entry.result()
    return replace(
        landed,
        put_aside=(),
        before=landed.after,
        after=landed.before,
        backup_ref=f"{entry.refs}/after",
        notes=notes,
    )
