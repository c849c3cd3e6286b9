"""One known merge, as the matrix of one branch on a base."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.conflicts.generations import open_generation
from core.conflicts.landing import open_ground
from core.conflicts.matrix import conflict_matrix
from core.conflicts.sides import file_sides
from core.domain.conflict import LandingMode
from core.git.merge_tree import merge_tree
from tests.corpus.borrowed import Borrowed, contender
from tests.corpus.checks import Checks, coarse_kinds
from tests.corpus.markers import Style, marker_counts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.conflicts.landing import Ground
    from core.domain.conflict import AgainstBase, ConflictMatrix, FileSides
    from tests.corpus.known import KnownMerge


async def replay_merge(where: Borrowed, known: KnownMerge) -> Checks:
    """Merge and compare: verdict, paths, kinds, hunks, and the places of the hunks."""
    checks = Checks("merges", known.repo, known.name)
    if not where.has(known.ours, known.theirs):
        checks.add("commits", "there", "missing", explained="the clone has not all of them")
        return checks
    where.point({"main": known.ours, "branch": known.theirs})
    matrix = await conflict_matrix(where.repo, [contender("branch")])
    (verdict,) = matrix.against_base
    generation = await open_generation(where.repo)
    ground = await open_ground(generation, known.ours, LandingMode.MERGE)
    why = ""
    if verdict.files != known.paths:
        plain = await merge_tree(generation.held.place, known.ours, known.theirs)
        why = "the base's attributes" if plain.paths == known.paths else ""
    checks.add("verdict", bool(known.paths), verdict.conflict, why)
    checks.add("paths", known.paths, verdict.files, why)
    checks.add("kinds", known.kinds, coarse_kinds(verdict.details), why)
    if known.hunks:
        await _compare_hunks(checks, known, verdict, ground, why)
        checks.add("places", [], await _misplaced(where, matrix, verdict.files))
    return checks


async def _compare_hunks(
    checks: Checks, known: KnownMerge, verdict: AgainstBase, ground: Ground, why: str
) -> None:
    """Compare with what is known in one style, and with git's own count in the other."""
    pair = known.ours, known.theirs
    finer = await marker_counts(ground.place, pair, known.hunks, Style.MERGE)
    checks.add("hunks", dict(known.hunks), finer, why)
    counted = await marker_counts(ground.place, pair, verdict.files, Style.DIFF3)
    checks.add("hunks told", counted, {file.path: len(file.hunks) for file in verdict.details})


async def _misplaced(
    where: Borrowed, matrix: ConflictMatrix, paths: Iterable[str]
) -> list[tuple[str, int]]:
    """Return (path, number) of every hunk whose place does not hold its lines."""
    (state,) = matrix.branches
    wrong = []
    for path in paths:
        sides = await file_sides(where.repo, state, None, path, base_sha=matrix.base_sha)
        wrong += [(path, number) for number in _wrong_places(sides)]
    return wrong


def _wrong_places(sides: FileSides) -> list[int]:
    a, b = ((text or "").split("\n") for text in (sides.a, sides.b))
    return [
        number
        for number, hunk in enumerate(sides.hunks)
        if _lines(a, hunk.place.a) != hunk.a_lines or _lines(b, hunk.place.b) != hunk.b_lines
    ]


def _lines(side: list[str], place: tuple[int, int]) -> tuple[str, ...]:
    first, count = place
    return tuple(line.rstrip("\r") for line in side[first - 1 : first - 1 + count])
