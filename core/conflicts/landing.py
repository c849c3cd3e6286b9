"""Each branch alone onto the base: the first half of the matrix, and what pairs are made of."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from core.conflicts.candidates import Touched, changes_by_path, folders_with_deletions
from core.conflicts.twins import twins_on_base
from core.conflicts.verdicts import Files, TrialMerge, conflicted_files, swapped
from core.domain.conflict import LandingMode
from core.errors import EnvironmentFault
from core.git.diff import diff_trees
from core.git.merge_tree import CannotMerge, MergeOutcome, merge_trees
from core.git.objects import object_facts, trees_of
from core.git.quarantine import with_attributes
from core.git.refs import merge_bases

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.conflicts.generations import Generation
    from core.conflicts.snapshots import Snapshot
    from core.git.command import GitPlace
    from core.git.quarantine import Quarantine

_IN_PLACE: Final = frozenset({"contents", "add/add", "binary"})


@dataclass(frozen=True, slots=True)
class Ground:
    """What branches land on.

    Attributes:
        held: The quarantine, with the base's attributes.
        base: The base's commit.
        mode: How branches land.
    """

    held: Quarantine
    base: str
    mode: LandingMode

    @property
    def place(self) -> GitPlace:
        """Return where to run git."""
        return self.held.place

    @property
    def ignores_case(self) -> bool:
        """Whether the repository's file system takes `README` and `readme` for one file."""
        return self.held.ignores_case

    def landed(self, tree: str, tip: str) -> str:
        """Return the commit that the base would be at after *tip* landed as *tree*."""
        parents = [self.base, tip] if self.mode is LandingMode.MERGE else [self.base]
        return self.held.write_commit(tree, parents, f"land {tip}")


async def open_ground(generation: Generation, base: str, mode: LandingMode) -> Ground:
    """Return the ground that branches are tried on in *generation*."""
    folder = generation.attributes_folder(base)
    return Ground(await with_attributes(generation.held, base, folder), base, mode)


def tip_of(snapshot: Snapshot, ground: Ground) -> str:
    """Return the commit that stands for a branch: its head, or one on top if it is dirty."""
    if not snapshot.dirty:
        return snapshot.head
    return ground.held.write_commit(snapshot.tree, [snapshot.head], "uncommitted work")


@dataclass(frozen=True, slots=True)
class Landing:
    """One branch alone on the base.

    Attributes:
        tip: The commit that landed, uncommitted work included.
        commit: What pairs are merged from: the base after the landing, or *tip* itself when it
            conflicts with the base.
        tree: The base's tree after the landing; empty when it conflicts.
        is_clean: Whether it landed.
        touched: What it changes: on the base if it landed, else since it left the base.
        details: The conflicted files; a is the branch, b the base.
        refused: Why git cannot merge it at all, or empty.
        twins: Files that the base would have in two spellings, where case is ignored.
    """

    tip: str
    commit: str
    tree: str
    is_clean: bool
    touched: Touched
    details: Files = ()
    refused: str = ""
    twins: Files = ()

    @property
    def conflicted_paths(self) -> frozenset[str]:
        """Return the paths that conflict with the base."""
        return frozenset(file.path for file in self.details)

    @property
    def is_hard_to_compare(self) -> bool:
        """Whether its paths alone do not tell which other branch it may meet.

        It fights with the base over renames or deletions, and a file that another branch adds
        may be a new target of such a rename.
        """
        return any(file.kind not in _IN_PLACE for file in self.details)


async def land(ground: Ground, tips: Sequence[str]) -> list[Landing]:
    """Land each tip on the base alone; a handful of processes for any number of them."""
    if not tips:
        return []
    outcomes = await merge_trees(ground.place, [(ground.base, tip) for tip in tips])
    done = {
        tip: outcome
        for tip, outcome in zip(tips, outcomes, strict=True)
        if isinstance(outcome, MergeOutcome)
    }
    touched = await _touched(ground, done)
    details = await _details(ground, done)
    landings = []
    for tip, outcome in zip(tips, outcomes, strict=True):
        if isinstance(outcome, CannotMerge):
            if not outcome.is_unrelated:
                raise EnvironmentFault(f"git could not merge {tip[:10]}: {outcome.reason}")
            landings.append(Landing(tip, tip, "", False, Touched({}), refused=outcome.reason))
        elif outcome.is_clean:
            commit = ground.landed(outcome.tree, tip)
            landings.append(Landing(tip, commit, outcome.tree, True, touched[tip]))
        else:
            landings.append(Landing(tip, tip, "", False, touched[tip], details[tip]))
    if ground.ignores_case:
        twins = await twins_on_base(ground, [landing.touched for landing in landings])
        return [replace(one, twins=files) for one, files in zip(landings, twins, strict=True)]
    return landings


async def _details(ground: Ground, done: Mapping[str, MergeOutcome]) -> dict[str, Files]:
    failed = [TrialMerge(ground.base, tip, m) for tip, m in done.items() if not m.is_clean]
    if not failed:
        return {}
    files = await conflicted_files(ground.place, failed)
    return {merge.theirs: swapped(found) for merge, found in zip(failed, files, strict=True)}


async def _touched(ground: Ground, done: Mapping[str, MergeOutcome]) -> dict[str, Touched]:
    """Return what each tip changes; for one that conflicts, against each of its merge bases."""
    starts = await asyncio.gather(*(_starts(ground, tip, m) for tip, m in done.items()))
    commits = list(dict.fromkeys([*done, *(start for found in starts for start in found)]))
    trees = dict(zip(commits, await trees_of(ground.place, commits), strict=True))
    ends = {tip: m.tree if m.is_clean else trees[tip] for tip, m in done.items()}
    pairs = [
        (tip, trees[start]) for tip, found in zip(done, starts, strict=True) for start in found
    ]
    diffs = await diff_trees(ground.place, [(old, ends[tip]) for tip, old in pairs])
    changes: dict[str, dict[str, tuple[str, str, str]]] = {tip: {} for tip in done}
    for (tip, _), diff in zip(pairs, diffs, strict=True):
        changes[tip].update(changes_by_path(diff))
    emptied = await _emptied(ground.place, changes, ends)
    return {tip: Touched(changes[tip], emptied[tip]) for tip in done}


async def _starts(ground: Ground, tip: str, outcome: MergeOutcome) -> tuple[str, ...]:
    if outcome.is_clean:
        return (ground.base,)
    return await merge_bases(ground.place, ground.base, tip)


async def _emptied(
    place: GitPlace,
    changes: Mapping[str, Mapping[str, tuple[str, str, str]]],
    ends: Mapping[str, str],
) -> dict[str, frozenset[str]]:
    """Return for each tip the folders that are gone from its tree; one process."""
    asked = [
        (tip, folder)
        for tip, changed in changes.items()
        for folder in sorted(folders_with_deletions(changed))
    ]
    facts = await object_facts(place, [f"{ends[tip]}:{folder}" for tip, folder in asked])
    gone: dict[str, set[str]] = {tip: set() for tip in changes}
    for (tip, folder), fact in zip(asked, facts, strict=True):
        if fact is None:
            gone[tip].add(folder)
    return {tip: frozenset(folders) for tip, folders in gone.items()}
