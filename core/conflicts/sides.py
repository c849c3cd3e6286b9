"""Both versions of one conflicted file, for showing side by side."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from core.conflicts.generations import Generation, open_generation
from core.conflicts.hunks import hunk_texts, locate, parse_marked
from core.conflicts.landing import Ground, Landing, land, open_ground, tip_of
from core.conflicts.snapshots import Snapshot, snapshot
from core.conflicts.verdicts import (
    LARGEST_TEXT_BYTES,
    TrialMerge,
    is_text,
)
from core.domain.conflict import BranchState, FileSides, HunkText, LandingMode
from core.errors import EnvironmentFault, NotFound
from core.git.command import GitPlace
from core.git.merge_tree import Stage, merge_tree
from core.git.objects import object_facts, read_blobs
from core.git.refs import HEADS, resolve
from core.git.worktrees import list_worktrees

if TYPE_CHECKING:
    from core.domain.repo import Repo


async def file_sides(
    repo: Repo,
    a: BranchState,
    b: BranchState | None,
    path: str,
    *,
    mode: LandingMode = LandingMode.MERGE,
    base_sha: str | None = None,
) -> FileSides:
    """Return a conflicted file as two branches have it, each as it stands after landing.

    Args:
        repo: The repository.
        a: A branch of the matrix; its side is `a`.
        b: The other branch, or None for the base.
        path: As the matrix names it.
        mode: The matrix's mode.
        base_sha: The matrix's base commit; where the base is now by default.

    Returns:
        The sides. `kind` is empty and there are no hunks when the two do not collide there
        (any more).

    Raises:
        NotFound: The base or a branch is gone.
        EnvironmentFault: git failed, or cannot merge one of them at all.
    """
    base = base_sha or await resolve(GitPlace(repo.git_dir), repo.base_ref)
    if base is None:
        raise NotFound(f"There is no branch {repo.base}, the base of {repo.name}.")
    generation = await open_generation(repo)
    ground = await open_ground(generation, base, mode)
    merge = await _merge(repo, generation, ground, a, b)
    return await _sides(ground.place, merge, path)


async def _merge(
    repo: Repo, generation: Generation, ground: Ground, a: BranchState, b: BranchState | None
) -> TrialMerge:
    """Make the merge again that the matrix made."""
    states = [a] if b is None else [a, b]
    tips = [tip_of(await _present(repo, generation, state), ground) for state in states]
    if b is None:
        return await _trial(ground, tips[0], ground.base)
    by_tip = {landing.tip: landing for landing in await land(ground, list(dict.fromkeys(tips)))}
    return await _trial(ground, *(_mergeable(by_tip[tip]) for tip in tips))


def _mergeable(landing: Landing) -> str:
    if landing.refused:
        raise EnvironmentFault(f"git cannot merge {landing.tip[:10]}: {landing.refused}")
    return landing.commit


async def _trial(ground: Ground, ours: str, theirs: str) -> TrialMerge:
    return TrialMerge(ours, theirs, await merge_tree(ground.place, ours, theirs))


async def _present(repo: Repo, generation: Generation, state: BranchState) -> Snapshot:
    """Return the branch's snapshot; taken anew when its objects are gone."""
    if not state.head:
        raise NotFound(f"There is no branch {state.branch}.")
    taken = Snapshot(state.head, state.tree, state.dirty)
    if not state.dirty:
        return taken
    (tree,) = await object_facts(generation.held.place, [state.tree])
    if tree is not None:
        return taken
    entries = await list_worktrees(GitPlace(repo.git_dir), main=repo.path)
    folders = [entry.path for entry in entries if entry.branch == HEADS + state.branch]
    again = await snapshot(
        repo, folders[0] if folders else None, branch=state.branch, generation=generation
    )
    if not again.head:
        raise NotFound(again.problem)
    return again


async def _sides(place: GitPlace, merge: TrialMerge, path: str) -> FileSides:
    raw = next((p for p in merge.outcome.paths if merge.plain_path(p) == path), None)
    if raw is None:
        names = [f"{merge.ours}:{path}", f"{merge.theirs}:{path}"]
        facts = await object_facts(place, names)
        oids = [fact.oid if fact and fact.kind == "blob" else None for fact in facts]
        texts = await _read(place, oids)
        return _plain(path, "", texts)
    entries = merge.outcome.sides(raw)
    (marked,) = await object_facts(place, [f"{merge.outcome.tree}:{raw}"])
    stages = (Stage.OURS, Stage.THEIRS, Stage.BASE)
    oids = [entries[stage].oid if stage in entries else None for stage in stages]
    contents = await _read(place, [*oids, marked.oid if marked else None])
    sides = _plain(path, merge.kind(path), contents[:2])
    if sides.a is None or sides.b is None:
        return sides
    return replace(sides, hunks=await asyncio.to_thread(_hunks, merge, contents))


async def _read(place: GitPlace, oids: list[str | None]) -> list[bytes | None]:
    """Return each blob; an absent one stays None, one that is too large is a NUL: not text."""
    blobs = await read_blobs(place, [oid for oid in oids if oid], limit=LARGEST_TEXT_BYTES)
    return [None if oid is None else blobs[oid] or _unreadable(blobs, oid) for oid in oids]


def _unreadable(blobs: dict[str, bytes | None], oid: str) -> bytes:
    return b"" if blobs[oid] == b"" else b"\0"


def _plain(path: str, kind: str, contents: list[bytes | None]) -> FileSides:
    odd = any(content is not None and not is_text(content) for content in contents)
    note = "It is not text, or too large to show." if odd else ""
    a, b = (_text(content) for content in contents)
    return FileSides(path, kind, a, b, (), note)


def _text(content: bytes | None) -> str | None:
    if content is None or not is_text(content):
        return None
    return content.decode("utf-8", "replace")


def _hunks(merge: TrialMerge, contents: list[bytes | None]) -> tuple[HunkText, ...]:
    ours, theirs, base, result = contents
    if result is None or ours is None or theirs is None or not is_text(result):
        return ()
    marked = parse_marked(result, merge.ours, merge.theirs)
    return hunk_texts(marked, locate(marked, ours, theirs, base))
