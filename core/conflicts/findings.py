"""The matrix as the contract tells it, from what was worked out."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from core.domain.conflict import AgainstBase, BranchState, HotFile, PairVerdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.conflicts.landing import Landing
    from core.conflicts.pairs import Side
    from core.conflicts.snapshots import Snapshot
    from core.conflicts.verdicts import Files
    from core.domain.conflict import Contender


def branch_state(
    contender: Contender, snapshot: Snapshot, landing: Landing | None, below: tuple[str, ...]
) -> BranchState:
    """Return what is told of a branch, whether or not it could be looked at."""
    problem = snapshot.problem
    if landing is not None and landing.refused:
        problem = f"git cannot merge it: {landing.refused}"
    return BranchState(
        task=contender.task,
        worker=contender.worker,
        branch=contender.branch,
        head=snapshot.head,
        dirty=snapshot.dirty,
        files=landing.touched.paths if landing else (),
        depends_on=below,
        tree=snapshot.tree,
        resolving=snapshot.resolving,
        problem=problem,
        skipped=snapshot.skipped,
    )


def against_base(side: Side) -> AgainstBase:
    """Return the verdict of a branch alone."""
    details = (*side.landing.details, *side.landing.twins)
    return AgainstBase(
        task=side.contender.task,
        conflict=not side.landing.is_clean or bool(details),
        files=tuple(file.path for file in details),
        details=details,
    )


def pair_verdicts(
    sides: Sequence[Side], found: Mapping[tuple[int, int], Files]
) -> list[PairVerdict]:
    """Return the verdict of every pair, whether or not it had to be merged."""
    verdicts = []
    for (i, a), (j, b) in combinations(enumerate(sides), 2):
        if a.landing.refused or b.landing.refused:
            continue
        both = a.landing.touched.changes.keys() & b.landing.touched.changes.keys()
        files = found.get((i, j), ())
        verdicts.append(
            PairVerdict(a.contender.task, b.contender.task, bool(files), tuple(sorted(both)), files)
        )
    return verdicts


def hot_files(against: Sequence[AgainstBase], pairs: Sequence[PairVerdict]) -> tuple[HotFile, ...]:
    """Return the paths in which several tasks collide, with each other or with the base."""
    tasks: dict[str, set[str]] = {}
    for verdict in against:
        for path in verdict.files:
            tasks.setdefault(path, set()).add(verdict.task)
    for pair in pairs:
        for file in pair.files:
            tasks.setdefault(file.path, set()).update((pair.a, pair.b))
    several = [HotFile(path, tuple(sorted(who))) for path, who in tasks.items() if len(who) > 1]
    return tuple(sorted(several, key=lambda hot: (-len(hot.tasks), hot.path)))
