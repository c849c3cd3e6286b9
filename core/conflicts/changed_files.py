"""Which files each branch changes now, uncommitted work included: no merges, only trees compared.

It shares the snapshots' kept indexes with the matrix, so that a look costs a `stat` of each file.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.conflicts.generations import open_generation
from core.conflicts.snapshots import Place, Snapshot, take_snapshots
from core.git.command import GitPlace
from core.git.diff import diff_trees
from core.git.objects import trees_of
from core.git.refs import merge_base, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from core.domain.conflict import Contender
    from core.domain.repo import Repo


@dataclass(frozen=True, slots=True)
class Changes:
    """What was found, and what the next look can go on from.

    Attributes:
        files: Task → path → whether a commit of the branch holds the change. A task whose
            worktree cannot be read now, or is in mid-merge, is left out.
        folder: The generation's folder, where the snapshots' objects are.
        snapshots: By branch and worktree.
        forks: (base, head) → the tree of the commit where they parted; empty for none.
    """

    files: Mapping[str, Mapping[str, bool]]
    folder: Path
    snapshots: Mapping[Place, Snapshot]
    forks: Mapping[tuple[str, str], str] = field(default_factory=dict)


async def changed_files(
    repo: Repo, contenders: Sequence[Contender], *, former: Changes | None = None
) -> Changes:
    """Return which files each contender changes against where it left the base.

    Args:
        repo: The repository.
        contenders: The branches; tasks must differ.
        former: An earlier look, with only those snapshots whose worktrees have not changed since.

    Raises:
        EnvironmentFault: git failed.
    """
    main = GitPlace(repo.git_dir)
    base = await resolve(main, repo.base_ref) or ""
    generation = await open_generation(repo)
    still = former if former is not None and former.folder == generation.folder else None
    places = [Place(one.branch, one.worktree) for one in contenders]
    kept = still.snapshots if still else {}
    snapshots = await take_snapshots(repo, places, generation=generation, kept=kept)
    whole = [
        (one.task, taken)
        for one, taken in zip(contenders, snapshots, strict=True)
        if taken.is_whole and base
    ]
    forks = await _forks(main, base, {taken.head for _, taken in whole}, still)
    found = [(task, taken, forks[base, taken.head]) for task, taken in whole]
    found = [(task, taken, fork) for task, taken, fork in found if fork]
    heads = await trees_of(main, [taken.head for _, taken, _ in found])
    place = generation.held.around(main)
    pairs = [(fork, taken.tree) for _, taken, fork in found]
    pairs += [(fork, head) for (_, _, fork), head in zip(found, heads, strict=True)]
    differences = await diff_trees(place, pairs)
    now, then = differences[: len(found)], differences[len(found) :]
    files = {}
    for (task, _, _), changes, committed in zip(found, now, then, strict=True):
        in_commits = {(change.path, change.new_oid) for change in committed}
        files[task] = {
            change.path: (change.path, change.new_oid) in in_commits for change in changes
        }
    return Changes(files, generation.folder, dict(zip(places, snapshots, strict=True)), forks)


async def _forks(
    main: GitPlace, base: str, heads: set[str], former: Changes | None
) -> dict[tuple[str, str], str]:
    known = {} if former is None else former.forks
    found = {(base, head): known[base, head] for head in heads if (base, head) in known}
    missing = sorted(head for head in heads if (base, head) not in found)
    commits = await asyncio.gather(*(merge_base(main, base, head) for head in missing))
    parted = [commit for commit in commits if commit]
    trees = dict(zip(parted, await trees_of(main, parted), strict=True))
    return found | {
        (base, head): trees[commit] if commit else ""
        for head, commit in zip(missing, commits, strict=True)
    }
