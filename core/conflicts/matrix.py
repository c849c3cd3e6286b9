"""Who collides with whom: each branch against the base, then every pair, by real merges.

The way is the one that was measured (docs/decisions): every branch is landed on the base alone;
only what landed is compared in pairs, so a pair never repeats what already conflicts with the
base; of the pairs only those are merged that can conflict at all; all merges of a kind share one
process. For a branch that does conflict with the base, its own commit stands in, and a pair tells
only the paths that it adds.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.conflicts.answers import Answers, Used, answers_file, load_answers, save_answers
from core.conflicts.findings import against_base, branch_state, hot_files, pair_verdicts
from core.conflicts.generations import Generation, open_generation
from core.conflicts.landing import Ground, land, open_ground, tip_of
from core.conflicts.pairs import Side, candidate_pairs, merge_pairs
from core.conflicts.snapshots import Place, Snapshot, take_snapshots
from core.conflicts.stacks import Stacks, find_stacks
from core.conflicts.twins import twins_of_pairs
from core.domain.conflict import BranchState, ConflictMatrix, Contender, LandingMode
from core.errors import EnvironmentFault, NotFound
from core.git.command import GitPlace
from core.git.refs import resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from core.conflicts.verdicts import Files
    from core.domain.repo import Repo

    Progress = Callable[[str, int, int], None]

logger = logging.getLogger(__name__)

_BATCH: Final = 500
"""Merges per process: enough to share its caches, few enough to tell progress and to cancel."""


async def conflict_matrix(
    repo: Repo,
    contenders: Sequence[Contender],
    *,
    mode: LandingMode = LandingMode.MERGE,
    fresh: bool = False,
    progress: Progress | None = None,
) -> ConflictMatrix:
    """Return what collides now, uncommitted work included.

    The person's repository, indexes and worktrees stay as they are, and nothing of the
    repository's runs. Only what changed since the last call is worked out again, also across
    processes.

    Args:
        repo: The repository.
        contenders: The branches; tasks must differ. The order is kept, `a` of a pair is the
            earlier one.
        mode: How the branches will land.
        fresh: Use nothing that is remembered.
        progress: Told (stage, done, total) with stages `snapshots`, `base` and `pairs`.

    Returns:
        The matrix. A branch that does not exist, or that git cannot merge at all, has its
        `problem` told in `branches`; it has no verdicts in the first case, and a conflict with
        the base and no pairs in the second.

    Raises:
        NotFound: The base branch is gone.
        EnvironmentFault: git failed.
    """
    found = await look(repo, contenders, mode=mode, fresh=fresh, progress=progress)
    return found.matrix


@dataclass(frozen=True, slots=True)
class Look:
    """A matrix with the snapshots that it was made from.

    Attributes:
        matrix: What was found.
        folder: The generation's folder, where the snapshots' objects are.
        snapshots: By branch and worktree.
    """

    matrix: ConflictMatrix
    folder: Path
    snapshots: Mapping[Place, Snapshot]


async def look(
    repo: Repo,
    contenders: Sequence[Contender],
    *,
    mode: LandingMode = LandingMode.MERGE,
    fresh: bool = False,
    progress: Progress | None = None,
    former: Look | None = None,
) -> Look:
    """Return the matrix like `conflict_matrix`, with what the next look can go on from.

    Args:
        repo: The repository.
        contenders: The branches.
        mode: How the branches will land.
        fresh: Use nothing that is remembered.
        progress: Told how far it is.
        former: An earlier look, with only those snapshots whose worktrees have not changed
            since: they are not looked at again.
    """
    tell = progress or _tell_nobody
    base, generation = await asyncio.gather(
        resolve(GitPlace(repo.git_dir), repo.base_ref), open_generation(repo)
    )
    if base is None:
        raise NotFound(
            f"There is no branch {repo.base}, the base of {repo.name}.",
            hint="Name another base: weft init --base BRANCH",
        )
    matrix = _Matrix(repo, mode, base, tuple(contenders), tell)
    kept = former.snapshots if former and former.folder == generation.folder else {}
    try:
        return await matrix.look(generation, kept, fresh=fresh)
    except EnvironmentFault as fault:
        if generation.is_new:
            raise
        logger.warning("conflicts are looked for anew, without what was kept: %s", fault)
        return await matrix.look(await open_generation(repo, after=generation), {}, fresh=True)


def _tell_nobody(_stage: str, _done: int, _total: int) -> None:
    """Take progress that nobody asked for."""


class _Matrix:
    """One working out of the matrix; counts what had to be computed."""

    def __init__(
        self,
        repo: Repo,
        mode: LandingMode,
        base: str,
        contenders: tuple[Contender, ...],
        tell: Progress,
    ) -> None:
        self._repo = repo
        self._mode = mode
        self._base = base
        self._contenders = contenders
        self._tell = tell
        self._states: list[tuple[Contender, Snapshot]] = []
        self._computed = 0

    async def look(
        self, generation: Generation, kept: Mapping[Place, Snapshot], *, fresh: bool
    ) -> Look:
        """Take the snapshots and work out what collides."""
        count = len(self._contenders)
        places = [Place(contender.branch, contender.worktree) for contender in self._contenders]
        started = time.perf_counter()
        snapshots = await take_snapshots(
            self._repo,
            places,
            generation=generation,
            kept=kept,
            progress=lambda done: self._tell("snapshots", done, count),
        )
        self._states = list(zip(self._contenders, snapshots, strict=True))
        snapshot_ms = (time.perf_counter() - started) * 1000
        matrix = await self._work_out(generation, snapshot_ms, fresh=fresh)
        return Look(matrix, generation.folder, dict(zip(places, snapshots, strict=True)))

    async def _work_out(
        self, generation: Generation, snapshot_ms: float, *, fresh: bool
    ) -> ConflictMatrix:
        started = time.perf_counter()
        ground = await open_ground(generation, self._base, self._mode)
        file = answers_file(generation.folder, ground)
        answers = Answers() if fresh else await load_answers(file)
        stacking = asyncio.create_task(self._stacks(ground, answers))
        try:
            sides = await self._land(ground, answers)
            stacks = await stacking
        finally:
            stacking.cancel()
        found = await self._pairs(ground, answers, sides, stacks)
        if self._computed:
            used = Used(
                tuple(side.landing.tip for side in sides),
                tuple((sides[i].landing.commit, sides[j].landing.commit) for i, j in found),
                tuple(side.snapshot.head for side in sides),
            )
            await save_answers(file, answers.recent(used))
        if ground.ignores_case:
            found = _with_twins(found, sides)
        took_ms = (time.perf_counter() - started) * 1000
        pairs = tuple(await asyncio.to_thread(pair_verdicts, sides, found))
        against = tuple(against_base(side) for side in sides)
        return ConflictMatrix(
            base=self._repo.base,
            base_sha=self._base,
            mode=self._mode,
            branches=self._branches(sides, stacks),
            against_base=against,
            pairs=pairs,
            hot_files=hot_files(against, pairs),
            took_ms=took_ms if self._computed else 0.0,
            snapshot_ms=snapshot_ms,
            cached=not self._computed,
        )

    async def _land(self, ground: Ground, answers: Answers) -> list[Side]:
        present = [(c, s, tip_of(s, ground)) for c, s in self._states if s.head]
        new = [tip for _, _, tip in present if tip not in answers.landings]
        tips = list(dict.fromkeys(new))
        self._tell("base", 0, len(tips))
        for landing in await land(ground, tips):
            answers.landings[landing.tip] = landing
        self._tell("base", len(tips), len(tips))
        self._computed += len(tips)
        return [Side(c, s, answers.landings[tip]) for c, s, tip in present]

    async def _stacks(self, ground: Ground, answers: Answers) -> Stacks:
        heads = tuple(snapshot.head for _, snapshot in self._states if snapshot.head)
        if heads not in answers.stacks:
            answers.stacks[heads] = await find_stacks(ground.place, heads, base=ground.base)
            self._computed += bool(heads)
        return answers.stacks[heads]

    async def _pairs(
        self, ground: Ground, answers: Answers, sides: list[Side], stacks: Stacks
    ) -> dict[tuple[int, int], Files]:
        """Return the conflicted files of each pair that had to be merged, by index."""
        candidates = await asyncio.to_thread(candidate_pairs, sides, stacks)
        keys = {(i, j): (sides[i].landing.commit, sides[j].landing.commit) for i, j in candidates}
        new = [(pair, key) for pair, key in keys.items() if key not in answers.pairs]
        for start in range(0, len(new), _BATCH):
            self._tell("pairs", start, len(new))
            batch = new[start : start + _BATCH]
            asked = [(sides[i].landing, sides[j].landing) for (i, j), _ in batch]
            for (_, key), files in zip(batch, await merge_pairs(ground, asked), strict=True):
                answers.pairs[key] = files
        self._tell("pairs", len(new), len(new))
        self._computed += len(new)
        return {pair: answers.pairs[key] for pair, key in keys.items()}

    def _branches(self, sides: list[Side], stacks: Stacks) -> tuple[BranchState, ...]:
        below = {
            side.contender.task: tuple(sides[index].contender.task for index in indices)
            for side, indices in zip(sides, stacks.below, strict=True)
        }
        landings = {side.contender.task: side.landing for side in sides}
        return tuple(
            branch_state(c, s, landings.get(c.task), below.get(c.task, ())) for c, s in self._states
        )


def _with_twins(
    found: dict[tuple[int, int], Files], sides: list[Side]
) -> dict[tuple[int, int], Files]:
    """Add what two branches call the same but for case."""
    twins = twins_of_pairs([side.landing.touched for side in sides])
    return found | {pair: (*found.get(pair, ()), *files) for pair, files in twins.items()}
