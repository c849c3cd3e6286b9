"""Finish or drop what a killed process left: a merge run or an undo, at whatever point it died.

The move of the base is the one moment that counts. Before it nothing of the person's had changed,
so the run is dropped. After it the base holds the work, so the rest (checkouts, tasks, journal,
event) is done now. The base itself tells which it was: a git that is killed in the middle of a
ref transaction may have made some of its other refs and not the rest.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.git.command import GitPlace
from core.git.refs import (
    RefChange,
    delete_ref,
    is_ancestor,
    list_refs,
    resolve,
    update_refs,
)
from core.merging import journal
from core.merging.checkouts import follow
from core.merging.half_done import recover_branches
from core.merging.journal_entry import MERGES, has_ended, landed, may_be_undone, unfinished
from core.paths import remove_folder, scratch_folder

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from core.domain.repo import Repo
    from core.merging.journal_entry import MergeEntry

_ACTOR = "weft"
UNDONE = "undone"
"""Last part of the ref that an undo makes just before it moves the base."""


async def recover_merges(
    repo: Repo, now: datetime, *, run_filters: bool = False
) -> tuple[MergeEntry, ...]:
    """Heal what dead processes left in this repository; the living are never touched.

    A process is dead when no process has its pid and its start time, so nobody waits for a lease.
    Safe to call from several processes at once and as often as one likes.

    Args:
        repo: The repository.
        now: Current time.
        run_filters: Whether content filters may run when a checkout follows the base.

    Returns:
        The entries that were finished or dropped, as they are now.
    """
    await recover_branches(repo)
    healed = []
    for entry in unfinished(repo):
        if journal.is_abandoned(entry) and journal.take_over(entry):
            try:
                healed.append(await _heal(repo, entry, now, run_filters=run_filters))
            finally:
                journal.release(entry.id)
    undone = await _finish_undo(repo, now, run_filters=run_filters)
    _sweep_gates()
    return (*healed, *undone)


async def _heal(repo: Repo, entry: MergeEntry, now: datetime, *, run_filters: bool) -> MergeEntry:
    repo = replace(repo, base=entry.base)
    remove_folder(gate_folder(entry), ignore_errors=True)
    if not await _base_holds(repo, entry.after):
        why = f"Its process died before the landing: {entry.base} was not touched."
        return journal.close_failed(repo, entry.id, why, actor=_ACTOR, now=now)
    await _keep(repo, entry)
    notes = await follow(repo, entry.before, entry.after, run_filters=run_filters)
    return journal.close_landed(repo, entry.id, notes=notes, actor=_ACTOR, now=now)


async def _base_holds(repo: Repo, commit: str) -> bool:
    """Whether the base contains *commit*, which may be empty or never have been imported."""
    place = GitPlace(repo.git_dir)
    base = await resolve(place, repo.base_ref)
    if not commit or base is None or await resolve(place, commit) is None:
        return False
    return await is_ancestor(place, commit, base)


async def _keep(repo: Repo, entry: MergeEntry) -> None:
    """Make the refs that undo needs, if the killed git did not come to them."""
    place = GitPlace(repo.git_dir)
    present = await list_refs(place, entry.refs)
    wanted = {f"{entry.refs}/before": entry.before, f"{entry.refs}/after": entry.after}
    missing = [RefChange(ref, oid) for ref, oid in wanted.items() if ref not in present]
    if missing:
        await update_refs(place, missing, message="weft: recover merge")


async def _finish_undo(repo: Repo, now: datetime, *, run_filters: bool) -> tuple[MergeEntry, ...]:
    """Finish each undo that was killed, or forget it if its git had not moved the base."""
    if not may_be_undone(repo):
        return ()
    place = GitPlace(repo.git_dir)
    marks = [ref for ref in await list_refs(place, MERGES) if ref.endswith(f"/{UNDONE}")]
    if not marks:
        return ()
    finished = []
    for entry in landed(repo):
        mark = f"{entry.refs}/{UNDONE}"
        if entry.undone or mark not in marks:
            continue
        there = replace(repo, base=entry.base)
        if await _base_holds(there, entry.after):  # git was killed before it moved the base back
            await delete_ref(place, mark)
            continue
        await follow(there, entry.after, entry.before, run_filters=run_filters)
        finished.append(journal.close_undone(repo, entry.id, actor=_ACTOR, now=now))
    return tuple(finished)


def _sweep_gates() -> None:
    """Remove what a process left that was killed between its last word and its clean-up."""
    for folder in scratch_folder("gates").iterdir():
        if has_ended(folder.name):
            remove_folder(folder, ignore_errors=True)


def gate_folder(entry: MergeEntry) -> Path:
    """Return where the bare repository of a merge run lies while it runs."""
    return scratch_folder("gates") / entry.name
