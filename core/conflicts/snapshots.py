"""The tree of a worktree as it is now, uncommitted work included, taken without touching it.

A private copy of the worktree's index is brought up to date and written as a tree into the
quarantine of a generation. The copy is kept, so the next look only has to `stat` the files; it
belongs to its generation because it names objects that only exist there. The worktree's own index,
its files and the repository's objects stay byte for byte as they were.

Content filters of the repository (`filter.*.clean`, such as LFS) do not run while looking: a
repository that an agent can write to must not start programs in our name. A changed file that such
a filter handles is therefore taken as it lies on disk, and so counts as changed even if the
filter would turn it into what is committed; two branches that both touch it collide in its
contents rather than in its pointer. Line-end and encoding rules are git's own and do apply.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import stat
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from core.conflicts.generations import Generation, open_generation
from core.errors import EnvironmentFault
from core.git.command import GitPlace
from core.git.config import filters_off
from core.git.objects import remember_trees
from core.git.private_index import (
    add_paths,
    add_tracked,
    copy_index,
    index_stamp,
    unmerged_paths,
    untracked_paths,
    with_index,
    write_tree,
)
from core.git.refs import HEADS, list_tips
from core.git.status import operation_in_progress
from core.git.worktrees import list_worktrees, worktree_place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from core.domain.repo import Repo

LARGEST_UNTRACKED_BYTES: Final = 5 * 1024 * 1024
"""A larger file that git does not know yet is left out: it is rarely meant to be committed."""
MOST_UNTRACKED: Final = 5_000
"""More new files than this are left out from there on: a folder that should be ignored."""
AT_ONCE: Final = 2
LOOK_LIMIT_S: Final = 120.0
"""One worktree may take so long: git waits for ever at a pipe that is named `.gitignore`."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A branch as it is now.

    Attributes:
        head: The branch's commit; empty when there is no such branch.
        tree: The whole tree, in the generation's quarantine or in the repository.
        dirty: Whether `tree` differs from the commit's.
        resolving: A merge, rebase or the like is half done, so only the commit was looked at.
        problem: Why only the commit (or nothing) was looked at; a whole sentence, or empty.
        skipped: Untracked paths that were left out: too large, too many, or unreadable; folders
            that are repositories of their own end in `/`.
    """

    head: str
    tree: str
    dirty: bool = False
    resolving: bool = False
    problem: str = ""
    skipped: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether everything that there is was looked at."""
        return bool(self.head) and not self.resolving and not self.problem


@dataclass(frozen=True, slots=True)
class Place:
    """Where a branch is worked on: its short name, and its worktree if there is one."""

    branch: str
    worktree: Path | None


async def snapshot(
    repo: Repo, worktree: Path | None, *, branch: str, generation: Generation | None = None
) -> Snapshot:
    """Take a snapshot of one branch.

    Args:
        repo: The repository.
        worktree: Its worktree, or None: then its commit is the snapshot.
        branch: Short name of the branch that the worktree belongs to.
        generation: Where the objects go; the present one by default.
    """
    generation = generation or await open_generation(repo)
    (taken,) = await take_snapshots(repo, [Place(branch, worktree)], generation=generation)
    return taken


async def take_snapshots(
    repo: Repo,
    places: Sequence[Place],
    *,
    generation: Generation,
    kept: Mapping[Place, Snapshot] | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[Snapshot]:
    """Take the snapshots of several branches, two at a time.

    Args:
        repo: The repository.
        places: The branches.
        generation: Where the objects go.
        kept: Snapshots of the same generation whose worktrees have not changed since; one is
            taken as it is while its branch is where it was.
        progress: Told how many are done.
    """
    known = await _known(repo, places)
    still = {
        place: taken
        for place, taken in (kept or {}).items()
        if taken.is_whole and taken.head == known.heads.get(HEADS + place.branch)
    }
    few = asyncio.Semaphore(AT_ONCE)
    done = 0

    async def take(place: Place) -> Snapshot:
        nonlocal done
        async with few:
            taken = still.get(place) or await _take(repo, place, generation, known)
        done += 1
        if progress is not None:
            progress(done)
        return taken

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(take(place)) for place in places]
    return [task.result() for task in tasks]


@dataclass(frozen=True, slots=True)
class _Known:
    """What git says of all branches at once.

    Attributes:
        heads: Full ref → commit.
        trees: Commit → tree.
        checked_out: Worktree folder → the full ref that it is on.
    """

    heads: Mapping[str, str]
    trees: Mapping[str, str]
    checked_out: Mapping[Path, str | None]


async def _known(repo: Repo, places: Sequence[Place]) -> _Known:
    whole = GitPlace(repo.git_dir)
    refs = [repo.base_ref, *(HEADS + place.branch for place in places)]
    tips, worktrees = await asyncio.gather(list_tips(whole, *refs), list_worktrees(whole))
    remember_trees(dict(tips.values()))
    return _Known(
        {ref: commit for ref, (commit, _) in tips.items()},
        dict(tips.values()),
        {entry.path.resolve(): entry.branch for entry in worktrees},
    )


async def _take(repo: Repo, place: Place, generation: Generation, known: _Known) -> Snapshot:
    head = known.heads.get(HEADS + place.branch)
    if head is None:
        return Snapshot("", "", problem=f"There is no branch {place.branch}.")
    committed = Snapshot(head, known.trees[head])
    if place.worktree is None:
        return committed
    problem = _worktree_problem(place, known)
    if problem:
        return replace(committed, problem=problem)
    try:
        where = worktree_place(repo.git_dir, place.worktree.resolve())
        if operation_in_progress(where.git_dir) is not None:
            return replace(committed, resolving=True)
        if known.checked_out[place.worktree.resolve()] is None:
            return replace(committed, problem="Its worktree is on no branch.")
        async with asyncio.timeout(LOOK_LIMIT_S):
            return await _look(where, committed, generation)
    except TimeoutError:
        said = f"Looking at its worktree took longer than {LOOK_LIMIT_S:.0f} s."
        return replace(committed, problem=said)
    except EnvironmentFault as fault:  # told with the branch; the others are still looked at
        if not place.worktree.is_dir():
            return replace(committed, problem=f"Its worktree {place.worktree} is gone.")
        return replace(committed, problem=f"Its worktree cannot be read: {fault}")


def _worktree_problem(place: Place, known: _Known) -> str:
    assert place.worktree is not None
    folder, ref = place.worktree.resolve(), HEADS + place.branch
    if not folder.is_dir():
        return f"Its worktree {place.worktree} is gone."
    if folder not in known.checked_out:
        return f"git knows no worktree at {place.worktree}."
    on = known.checked_out[folder]
    if on is not None and on != ref:
        return f"Its worktree is on {on.removeprefix(HEADS)}."
    return ""


async def _look(place: GitPlace, committed: Snapshot, generation: Generation) -> Snapshot:
    """Write the worktree's tree with a private index that nobody else is using."""
    name = hashlib.sha256(os.fsencode(place.git_dir)).hexdigest()[:16]
    stamp = index_stamp(place.git_dir)
    kept = generation.folder / f"{name}.{stamp}.index"
    mine = generation.folder / f"{name}.{uuid.uuid4().hex}.working"
    try:
        kept.rename(mine)  # whoever renames it has it; others copy anew
    except FileNotFoundError:
        if await unmerged_paths(place):
            return replace(committed, resolving=True)
        copy_index(place.git_dir, mine)
    try:
        private = with_index(generation.held.around(await filters_off(place)), mine)
        tree, skipped = await _write(private, mine)
        if mine.exists():
            mine.replace(kept)
    finally:
        mine.unlink(missing_ok=True)
    _drop_former(generation.folder, name, kept)
    return Snapshot(committed.head, tree, tree != committed.tree, skipped=skipped)


async def _write(place: GitPlace, index: Path) -> tuple[str, tuple[str, ...]]:
    """Return the tree of everything, and what was left out.

    New files go into a second copy: in the kept one they would stay known even after the person
    has told git to ignore them.
    """
    await add_tracked(place)
    assert place.work_tree is not None
    taken, skipped = _sort_out(place.work_tree, await untracked_paths(place))
    if not taken:
        return await write_tree(place), skipped
    second = index.with_suffix(".untracked")
    try:
        if index.exists():
            shutil.copy2(index, second)
        everything = place.with_env(GIT_INDEX_FILE=str(second))
        await add_paths(everything, taken)
        return await write_tree(everything), skipped
    finally:
        second.unlink(missing_ok=True)


def _sort_out(work_tree: Path, paths: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return which untracked paths are taken into a snapshot, and which are left out."""
    taken: list[str] = []
    skipped: list[str] = []
    for path in paths:
        wanted = len(taken) < MOST_UNTRACKED and _is_small_file(work_tree / path)
        (taken if wanted and not path.endswith("/") else skipped).append(path)
    return tuple(taken), tuple(skipped)


def _is_small_file(file: Path) -> bool:
    try:
        about = file.lstat()
    except OSError:
        return False
    if stat.S_ISLNK(about.st_mode):
        return True
    is_file = stat.S_ISREG(about.st_mode) and about.st_size <= LARGEST_UNTRACKED_BYTES
    return is_file and os.access(file, os.R_OK)


def _drop_former(folder: Path, name: str, kept: Path) -> None:
    for file in folder.glob(f"{name}.*.index"):
        if file != kept:
            file.unlink(missing_ok=True)
