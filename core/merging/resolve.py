"""Resolve a conflict by decisions: a merge commit on the branch that pays, never on the base.

Against the base the commit's parents are the branch and the base: afterwards the branch merges
cleanly. Between two branches they are the branch, the base if it is new to both, and the other
branch: the one that pays is then built on the other, so every plan lands it after that, and the
decision is made once. Each branch is taken as it is committed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from core.domain.resolution import Brought, Dispute, Take
from core.errors import Refused, UsageError
from core.git.command import GitPlace
from core.git.commits import commit_tree, identity_env, with_trailers
from core.git.config import filters_off
from core.git.diff import changed_paths
from core.git.edit_tree import edit_tree, write_blob
from core.git.markers import left_markers
from core.git.quarantine import import_objects, quarantine
from core.git.refs import is_ancestor
from core.git.status import worktree_status
from core.git.worktrees import worktree_place
from core.merging.branch_commit import Advance, put_on_branch, refuse_unless_ready
from core.merging.decide import decided_text
from core.merging.early_cure import head_of
from core.merging.messages import TASK_TRAILER, person_of
from core.merging.plan import base_commit
from core.merging.trial import Trial, make_trial
from core.paths import scratch_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from core.domain.repo import Repo
    from core.domain.resolution import Decision, FileDecision
    from core.git.quarantine import Quarantine
    from core.merging.branch_commit import Spot
    from core.merging.trial import Sides

_REGULAR: Final = "100644"


async def lay_open(repo: Repo, spot: Spot, other: Spot | None) -> Dispute:
    """Return what a person has to decide between a branch and the base, or another branch.

    Nothing of the person's is touched; only committed work counts.

    Args:
        repo: The repository.
        spot: The branch that pays: left.
        other: The other branch, or None for the base: right.

    Raises:
        NotFound: A branch is gone.
        Refused: One of a pair conflicts with the base by itself: that comes first.
    """
    base = await base_commit(repo)
    dispute = Dispute(
        task=spot.task,
        branch=spot.branch,
        head=await head_of(repo, spot),
        other=other.task if other else "",
        other_head=base if other is None else await head_of(repo, other),
        base=repo.base,
        base_sha=base,
        files=(),
        note=f"{spot.task} will be built on {other.task}, and land after it." if other else "",
    )
    async with quarantine(
        GitPlace(repo.git_dir), scratch_folder("quarantine"), drivers=repo.drivers
    ) as held:
        trial = await make_trial(held, dispute)
    return with_files(dispute, trial)


def with_files(dispute: Dispute, trial: Trial) -> Dispute:
    """Return *dispute* with what *trial* left to decide."""
    return replace(dispute, files=trial.disputed())


async def resolve(
    repo: Repo,
    dispute: Dispute,
    spot: Spot,
    decisions: Sequence[FileDecision],
    *,
    now: datetime,
    run_filters: bool = False,
) -> Brought:
    """Commit the decisions on the branch that pays, and bring its worktree along.

    Args:
        repo: The repository.
        dispute: As `lay_open` returned it: the very commits that were decided on.
        spot: The same branch.
        decisions: One for each file of the dispute.
        now: Time of the commit.
        run_filters: Whether content filters may run: only in a trusted repository.

    Raises:
        UsageError: A file is not decided, not in dispute, or decided in a way it cannot be.
        Refused: Conflict markers are left, the worktree has uncommitted changes, or the branch
            has moved since.
    """
    chosen = _by_path(dispute, decisions)
    await refuse_unless_clean(repo, spot)
    async with quarantine(
        GitPlace(repo.git_dir), scratch_folder("quarantine"), drivers=repo.drivers
    ) as held:
        trial = await make_trial(held, dispute)
        tree = await _decided_tree(held, trial, chosen)
        commit = await write_resolution(repo, held, dispute, tree, now=now)
    return await put_resolution(repo, dispute, spot, commit, run_filters=run_filters)


async def write_resolution(
    repo: Repo, held: Quarantine, dispute: Dispute, tree: str, *, now: datetime
) -> str:
    """Return the merge commit of a resolved *tree*, brought over into the repository.

    Raises:
        UserError: No git identity.
    """
    me = await person_of(repo)
    place = GitPlace(repo.git_dir)
    parents = await parents_of(place, dispute)
    signed = held.place.with_env(**identity_env(me, when=now))
    commit = await commit_tree(signed, tree, parents, message_of(dispute))
    await import_objects(held, place, [commit], known=parents)
    return commit


async def put_resolution(
    repo: Repo, dispute: Dispute, spot: Spot, commit: str, *, run_filters: bool
) -> Brought:
    """Move the branch that pays to its resolution, and say what that changed.

    Raises:
        Refused: The branch has moved since, or something of the person's is in the way.
    """
    way = Advance(dispute.head, commit, f"weft: resolve with {dispute.right_name}")
    await put_on_branch(repo, spot, way, run_filters=run_filters)
    files = await changed_paths(GitPlace(repo.git_dir), dispute.head, commit)
    return Brought(
        dispute.task,
        dispute.branch,
        dispute.right_name,
        dispute.head,
        commit,
        tuple(sorted(files)),
    )


async def refuse_unless_clean(repo: Repo, spot: Spot) -> None:
    """Raise unless the branch's worktree can take a resolution: ready, and all is committed.

    Raises:
        Refused: With the uncommitted files.
    """
    await refuse_unless_ready(repo, spot)
    if spot.worktree is None:
        return
    there = await filters_off(worktree_place(repo.git_dir, spot.worktree))
    changed = (await worktree_status(there)).changed
    if changed:
        raise Refused(
            f"The worktree of {spot.task} has uncommitted changes.",
            reasons=changed,
            hint=f"Commit or discard them in {spot.worktree} first.",
        )


def _by_path(dispute: Dispute, decisions: Sequence[FileDecision]) -> dict[str, FileDecision]:
    chosen = {decision.path: decision for decision in decisions}
    known = {file.path for file in dispute.files}
    unknown = sorted(chosen.keys() - known)
    if unknown:
        raise UsageError(f"{unknown[0]} is not in dispute.")
    missing = tuple(sorted(known - chosen.keys()))
    if missing:
        raise UsageError(
            "Not every conflicted file is decided.", hint=f"Still open: {', '.join(missing)}"
        )
    if not known:
        raise Refused(f"{dispute.task} and {dispute.right_name} do not collide (any more).")
    return chosen


async def _decided_tree(held: Quarantine, trial: Trial, chosen: Mapping[str, FileDecision]) -> str:
    removed: list[str] = []
    put: dict[str, tuple[str, str]] = {}
    for sides in trial.files:
        entry = await _decided_entry(held, sides, chosen[sides.path])
        if entry is None and sides.left is None and sides.right is None:
            continue  # git only suggests something: its result stays
        removed += sides.raw
        if entry is not None:
            put[sides.path] = entry
    return await edit_tree(held.place, trial.outcome.tree, removed=removed, put=put)


async def _decided_entry(
    held: Quarantine, sides: Sides, chosen: FileDecision
) -> tuple[str, str] | None:
    """Return mode and object of the file, None when it goes."""
    mode = next((e.mode for e in (sides.left, sides.right) if e), _REGULAR)
    if chosen.whole is None:
        content = decided_text(sides, chosen.stretches)
        refuse_markers(sides, content)
        return mode, await write_blob(held.place, content)
    return await _whole_entry(held, sides, chosen.whole, mode)


async def _whole_entry(
    held: Quarantine, sides: Sides, whole: Decision, mode: str
) -> tuple[str, str] | None:
    match whole.take:
        case Take.LEFT:
            return None if sides.left is None else (sides.left.mode, sides.left.oid)
        case Take.RIGHT:
            return None if sides.right is None else (sides.right.mode, sides.right.oid)
        case Take.BOTH:
            raise UsageError(f"{sides.path} can be taken from one side only.")
        case Take.OWN:
            content = whole.text.encode("utf-8", "surrogateescape")
            refuse_markers(sides, content)
            return mode if mode.startswith("100") else _REGULAR, await write_blob(
                held.place, content
            )


def refuse_markers(sides: Sides, content: bytes) -> None:
    """Raise when *content* holds conflict markers that neither side has.

    Raises:
        Refused: With the lines.
    """
    lines = left_markers(content, *sides.texts)
    if lines:
        raise Refused(
            f"Conflict markers are left in {sides.path}.",
            reasons=tuple(f"Line {line}." for line in lines),
        )


async def parents_of(place: GitPlace, dispute: Dispute) -> list[str]:
    """Return the parents of the resolution: the branch that pays, then what comes in."""
    parents = [dispute.head]
    if dispute.other:
        heads = (dispute.head, dispute.other_head)
        if not any([await is_ancestor(place, dispute.base_sha, head) for head in heads]):
            parents.append(dispute.base_sha)
    return [*parents, dispute.other_head]


def message_of(dispute: Dispute) -> str:
    """Return the message of the resolution, with the task as a trailer."""
    subject = f"Merge {dispute.right_name} into {dispute.branch}, conflicts resolved"
    return with_trailers(subject, [(TASK_TRAILER, dispute.task)])
