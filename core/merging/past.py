"""The log of merge runs: what each landed, and whether it can still be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.domain.merge_run import MergeRunState, PastMerge
from core.git.command import GitPlace
from core.git.refs import HEADS, list_refs
from core.merging.journal_entry import ended

if TYPE_CHECKING:
    from core.domain.repo import Repo

LISTED: Final = 50


async def past_merges(repo: Repo, *, limit: int = LISTED) -> tuple[PastMerge, ...]:
    """Return the newest merge runs that have ended, newest first; one git process."""
    entries = ended(repo, limit=limit)
    refs = await list_refs(GitPlace(repo.git_dir), "refs/heads") if entries else {}
    return tuple(
        PastMerge(
            name=entry.name,
            state=entry.state,
            at=entry.started_at,
            actor=entry.actor,
            result=entry.result(),
            undone=entry.undone,
            can_undo=entry.state is MergeRunState.LANDED
            and not entry.undone
            and refs.get(HEADS + entry.base) == entry.after,
        )
        for entry in entries
    )
