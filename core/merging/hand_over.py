"""Hand a conflict to the agent of the branch that pays: the merge is begun in its worktree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.agents.prompt import ConflictedPlace, render_resolution
from core.errors import Refused
from core.git.command import GitPlace
from core.git.edit_tree import edit_tree
from core.git.quarantine import import_objects, quarantine
from core.merging.resolve import message_of, parents_of, refuse_unless_clean
from core.merging.trial import make_trial
from core.paths import scratch_folder
from core.worktrees.guard import require_worktree
from core.worktrees.half_merge import Conflicted, HalfMerge, begin_merge

if TYPE_CHECKING:
    from core.domain.claim import Claim
    from core.domain.repo import Repo
    from core.domain.resolution import Dispute
    from core.git.quarantine import Quarantine
    from core.merging.branch_commit import Spot
    from core.merging.trial import Sides, Trial


async def begin_in_worktree(
    repo: Repo, dispute: Dispute, spot: Spot, claim: Claim, *, run_filters: bool
) -> None:
    """Begin the merge of *dispute* in the worktree of the branch that pays.

    The next run of the task is told exactly the conflicting stretches, and its end commits the
    merge if no marker is left (`core.worktrees.half_merge`).

    Raises:
        Refused: The worktree has uncommitted changes or is gone, or the branch has moved.
    """
    await refuse_unless_clean(repo, spot)
    if spot.worktree is None:
        raise Refused(f"The worktree of {spot.task} is gone.")
    place = GitPlace(repo.git_dir)
    there = require_worktree(repo.path, repo.git_dir, spot.worktree)
    async with quarantine(place, scratch_folder("quarantine"), drivers=repo.drivers) as held:
        trial = await make_trial(held, dispute)
        parents = await parents_of(place, dispute)
        found = await _conflicted(held, place, trial, dispute)
    half = HalfMerge(
        head=dispute.head,
        heads=tuple(parents[1:]),
        right_name=dispute.right_name,
        message=message_of(dispute),
        prompt=render_resolution(repo, claim, dispute, [_place(one) for one in trial.files]),
        originals={one.path: _blobs(one) for one in trial.files},
    )
    await begin_merge(there, half, found, run_filters=run_filters)


async def _conflicted(
    held: Quarantine, place: GitPlace, trial: Trial, dispute: Dispute
) -> Conflicted:
    """Bring the merged tree, and each side of its conflicts, over into the repository."""
    entries = trial.outcome.entries
    commit = held.write_commit(trial.outcome.tree, [dispute.head], "conflicts")
    kept = {f"{number}": (e.mode, e.oid) for number, e in enumerate(entries) if _is_blob(e.mode)}
    sides = await edit_tree(held.place, trial.outcome.tree, removed=(), put=kept)
    carrier = held.write_commit(sides, [commit], "sides of the conflicts")
    await import_objects(held, place, [carrier], known=[dispute.head, dispute.other_head])
    return Conflicted(
        commit,
        removed=tuple(raw for one in trial.files for raw in one.raw),
        stages=tuple(f"{e.mode} {e.oid} {int(e.stage)}\t{e.path}" for e in entries),
    )


def _is_blob(mode: str) -> bool:
    return mode.startswith(("100", "120"))


def _blobs(sides: Sides) -> tuple[str, ...]:
    both = (sides.left, sides.right)
    return tuple(entry.oid for entry in both if entry and entry.mode.startswith("100"))


def _place(sides: Sides) -> ConflictedPlace:
    hunks = sides.marked.hunks if sides.marked else ()
    return ConflictedPlace(
        sides.path,
        sides.kind,
        tuple(
            (hunk.first + 1, hunk.last + 1, _text(hunk.ours), _text(hunk.theirs)) for hunk in hunks
        ),
    )


def _text(lines: tuple[bytes, ...]) -> str:
    return b"\n".join(lines).decode("utf-8", "replace")
