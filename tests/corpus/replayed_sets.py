"""One known set of open branches, as a matrix and as a plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from core.conflicts.generations import open_generation
from core.conflicts.landing import land, open_ground
from core.conflicts.matrix import conflict_matrix
from core.domain.conflict import LandingMode
from core.domain.plan import StepOutcome, Strategy
from core.merging.plan import make_plan
from tests.corpus.borrowed import Borrowed, contender
from tests.corpus.checks import Checks, coarse_kinds
from tests.corpus.markers import Style, marker_counts

if TYPE_CHECKING:
    from core.domain.conflict import ConflictMatrix
    from core.domain.plan import MergePlan
    from tests.corpus.known import KnownSet

_START: Final = datetime(2026, 1, 1, tzinfo=UTC)


async def replay_set(where: Borrowed, known: KnownSet) -> Checks:
    """Compare conflicts with the base, pairs and the recommended order with what is known."""
    checks = Checks("sets", known.repo, known.name)
    if not where.has(known.base, *known.tips):
        checks.add("commits", "there", "missing", explained="the clone has not all of them")
        return checks
    names = [f"b{index}" for index in range(len(known.tips))]
    where.point({"main": known.base, **dict(zip(names, known.tips, strict=True))})
    asked = [contender(name) for name in names]
    matrix = await conflict_matrix(where.repo, asked)
    _compare_matrix(checks, matrix, known)
    await _compare_hunks(checks, where, known)
    arrived = {index: place for place, index in enumerate(known.arrival)}
    came = [
        replace(one, arrived_at=_START + timedelta(minutes=arrived.get(index, len(asked))))
        for index, one in enumerate(asked)
    ]
    _compare_plan(checks, await make_plan(where.repo, came, strategy=Strategy.MERGE), known)
    return checks


def _compare_matrix(checks: Checks, matrix: ConflictMatrix, known: KnownSet) -> None:
    checks.add("on base", known.on_base, tuple(verdict.files for verdict in matrix.against_base))
    found = {
        (int(pair.a[1:]), int(pair.b[1:])): pair.files for pair in matrix.pairs if pair.conflict
    }
    expected = {(pair.a, pair.b): pair for pair in known.pairs}
    checks.add("pairs", sorted(expected), sorted(found))
    checks.add(
        "pair paths",
        {pair: known_pair.paths for pair, known_pair in expected.items()},
        {pair: tuple(file.path for file in files) for pair, files in found.items()},
    )
    checks.add(
        "pair kinds",
        {pair: known_pair.kinds for pair, known_pair in expected.items()},
        {pair: coarse_kinds(files) for pair, files in found.items()},
    )


async def _compare_hunks(checks: Checks, where: Borrowed, known: KnownSet) -> None:
    """Count markers in the style of the records, in the merges that the matrix makes."""
    ground = await open_ground(await open_generation(where.repo), known.base, LandingMode.MERGE)
    landings = await land(ground, list(known.tips))
    for pair in known.pairs:
        merged = landings[pair.a].commit, landings[pair.b].commit
        found = await marker_counts(ground.place, merged, pair.hunks, Style.MERGE)
        checks.add("pair hunks", dict(pair.hunks), found)


def _compare_plan(checks: Checks, plan: MergePlan, known: KnownSet) -> None:
    steps = min(plan.conflict_steps, known.fewest_steps)
    checks.add("steps", steps, plan.conflict_steps)
    landed = sum(step.outcome is StepOutcome.CLEAN for step in plan.steps)
    checks.add("landed", max(landed, known.most_landed), landed)
