"""A merge that Weft began in a worktree and that the agent of its task is to finish.

The worktree is in the middle of a merge as git knows it: conflicted files with markers, their
sides in the index, `MERGE_HEAD`. What was begun is noted in the worktree's git directory, so that
it outlives the process and the run, and nobody takes files with markers for finished work.
"""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final

from core.errors import Refused, UserError
from core.git.checkout import bring_along
from core.git.command import run_git
from core.git.commits import NO_SIGNATURE
from core.git.config import filters_off
from core.git.markers import left_markers
from core.git.objects import read_blobs
from core.git.refs import is_ancestor, resolve
from core.worktrees.repo_lock import worktrees_locked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from core.git.command import GitPlace

_NOTE: Final = "weft-merge.json"
_OF_GIT: Final = ("MERGE_HEAD", "MERGE_MSG", "MERGE_MODE")


@dataclass(frozen=True, slots=True)
class HalfMerge:
    """What was begun.

    Attributes:
        head: The branch's commit when it was begun.
        heads: The commits that are merged into it.
        right_name: What those are called, such as `main`.
        message: The merge commit's message.
        prompt: What the agent is told.
        originals: Conflicted path → ids of each side's blob.
        ready: Whether the worktree is prepared whole.
    """

    head: str
    heads: tuple[str, ...]
    right_name: str
    message: str
    prompt: str
    originals: Mapping[str, tuple[str, ...]]
    ready: bool = False


@dataclass(frozen=True, slots=True)
class Conflicted:
    """The merged tree with its markers, as a commit, and the index entries of its conflicts.

    `removed` are the paths whose plain entry goes; `stages` are git's own words for the sides,
    `<mode> <object> <stage>TAB<path>`.
    """

    commit: str
    removed: tuple[str, ...]
    stages: tuple[str, ...]


async def begin_merge(
    place: GitPlace, half: HalfMerge, found: Conflicted, *, run_filters: bool
) -> None:
    """Bring a clean worktree into the middle of the merge; one that was begun before is kept.

    Raises:
        Refused: Something of the person's is in the way; nothing was changed.
    """
    async with worktrees_locked(place.common_dir):
        await _begin(place, half, found, run_filters=run_filters)


async def _begin(place: GitPlace, half: HalfMerge, found: Conflicted, *, run_filters: bool) -> None:
    former = _read(place.git_dir)
    if former is not None and former.ready:
        return
    files = place if run_filters else await filters_off(place)
    await drop_unready(files)
    _write(place.git_dir, half)
    blocked = await bring_along(files, half.head, found.commit)
    if blocked:
        _drop(place.git_dir)
        raise Refused("Uncommitted files are in the way of the merge.", reasons=blocked)
    absent = "0" * len(half.head)
    lines = [f"0 {absent}\t{path}\0" for path in found.removed]
    lines += [f"{stage}\0" for stage in found.stages]
    await run_git(
        files, "update-index", "-z", "--index-info", stdin=os.fsencode("".join(lines))
    )  # fmt: skip
    texts = ("".join(f"{head}\n" for head in half.heads), half.message, "")
    for name, text in zip(_OF_GIT, texts, strict=True):
        (place.git_dir / name).write_text(text, encoding="utf-8", newline="\n")
    _write(place.git_dir, replace(half, ready=True))


def unready(common_dir: Path) -> frozenset[Path]:
    """Return the git directories of worktrees in which a merge was begun, but never fully."""
    noted = [common_dir, *(file.parent for file in common_dir.glob(f"worktrees/*/{_NOTE}"))]
    halves = {git_dir: _read(git_dir) for git_dir in noted}
    return frozenset(git_dir for git_dir, half in halves.items() if half and not half.ready)


async def drop_unready(place: GitPlace) -> bool:
    """Take back a merge that was never fully begun; the worktree held no changes before it.

    Hold the repository's lock, as `begin_merge` does. False if there is none.
    """
    half = _read(place.git_dir)
    if half is None or half.ready:
        return False
    if await resolve(place, "HEAD") == half.head:
        await run_git(place, "read-tree", "--reset", "-u", half.head)
    for name in _OF_GIT:
        (place.git_dir / name).unlink(missing_ok=True)
    _drop(place.git_dir)
    return True


async def outstanding(place: GitPlace) -> HalfMerge | None:
    """Return the merge that is still to be finished here; None when there is none (any more)."""
    half = _read(place.git_dir)
    if half is None:
        return None
    if not _is_merging(place.git_dir) and not await _why_unfinished(place, half):
        _drop(place.git_dir)
        return None
    return half


async def conclude_merge(place: GitPlace, *, run_filters: bool) -> str | None:
    """Commit the merge that was begun here, if no marker is left; None if none was begun.

    An agent that has committed it itself is only checked.

    Raises:
        UserError: Markers are left, or the merge was given up.
    """
    half = _read(place.git_dir)
    if half is None:
        return None
    if not half.ready:
        raise UserError(f"The merge of {half.right_name} was never fully begun: ask again.")
    if _is_merging(place.git_dir):
        await _refuse_markers_on_disk(place, half)
        quiet = (place if run_filters else await filters_off(place)).with_config(NO_SIGNATURE)
        await run_git(quiet, "add", "--all")
        await run_git(
            quiet, "commit", "--quiet", "--no-verify", "--cleanup=verbatim", "-F", "-",
            stdin=half.message.encode("utf-8", "surrogateescape"),
        )  # fmt: skip
    why = await _why_unfinished(place, half)
    if why:
        raise UserError(why)
    _drop(place.git_dir)
    return await resolve(place, "HEAD")


async def _why_unfinished(place: GitPlace, half: HalfMerge) -> str:
    tip = await resolve(place, "HEAD")
    assert tip is not None
    for head in half.heads:
        if not await is_ancestor(place, head, tip):
            return f"The merge of {half.right_name} was given up: it is not on the branch."
    names = {path: f"{tip}:{path}" for path in half.originals}
    found = await read_blobs(place, names.values())
    return await _markers(place, half, {path: found[name] for path, name in names.items()})


async def _refuse_markers_on_disk(place: GitPlace, half: HalfMerge) -> None:
    assert place.work_tree is not None
    found = await asyncio.to_thread(_on_disk, place.work_tree, half.originals)
    why = await _markers(place, half, found)
    if why:
        raise UserError(why)


def _on_disk(folder: Path, paths: Iterable[str]) -> dict[str, bytes | None]:
    files = {path: folder / path for path in paths}
    return {
        path: file.read_bytes() if file.is_file() and not file.is_symlink() else None
        for path, file in files.items()
    }


async def _markers(place: GitPlace, half: HalfMerge, found: Mapping[str, bytes | None]) -> str:
    """Return which markers are left, as a sentence; empty when none is."""
    originals = await read_blobs(place, {oid for oids in half.originals.values() for oid in oids})
    for path, content in sorted(found.items()):
        lines = left_markers(content or b"", *(originals[oid] for oid in half.originals[path]))
        if lines:
            return f"Conflict markers are left in {path}, line {lines[0]}."
    return ""


def _is_merging(git_dir: Path) -> bool:
    return (git_dir / "MERGE_HEAD").exists()


def _read(git_dir: Path) -> HalfMerge | None:
    file = git_dir / _NOTE
    if not file.is_file():
        return None
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        found["heads"] = tuple(found["heads"])
        found["originals"] = {path: tuple(oids) for path, oids in found["originals"].items()}
        return HalfMerge(**found)
    except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError):
        return None  # an agent can write there: what is no note of ours says nothing


def _write(git_dir: Path, half: HalfMerge) -> None:
    building = git_dir / f"{_NOTE}.new"
    building.write_text(json.dumps(asdict(half)), encoding="utf-8", newline="\n")
    building.replace(git_dir / _NOTE)


def _drop(git_dir: Path) -> None:
    (git_dir / _NOTE).unlink(missing_ok=True)
