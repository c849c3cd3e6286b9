"""The plan: contenders in the order in which they should land, dry-run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.domain.merge_run import MergeProgress, MergeStage
from core.domain.names import fold
from core.domain.plan import MergePlan, StepOutcome
from core.errors import UsageError, UserError
from core.git.command import GitPlace
from core.git.quarantine import quarantine, with_attributes
from core.git.refs import resolve
from core.merging.branches import Branch, survey
from core.merging.dry_run import Trial, dry_run, plan_steps
from core.merging.graph import built_on, conflict_graph
from core.merging.landing import DryCommits, Lander
from core.merging.order import arrival_order, fewest_conflicts_first
from core.merging.recommendation import recommended
from core.paths import scratch_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from core.domain.conflict import Contender
    from core.domain.plan import Strategy
    from core.domain.repo import Repo
    from core.git.quarantine import Quarantine
    from core.merging.landing import Tip
    from core.merging.order import ConflictGraph


@dataclass(frozen=True, slots=True)
class Prepared:
    """The contenders as they are now, ready to be merged in memory.

    Attributes:
        base_sha: The base's commit.
        lander: Lands throw-away commits in the quarantine.
        tip: The base as what the first branch lands on.
        ready: Branches that may land, by arrival.
        blocked: Branches that may not, by arrival.
    """

    base_sha: str
    lander: Lander
    tip: Tip
    ready: tuple[Branch, ...]
    blocked: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """Branches in an order, with the reason for each place by task."""

    branches: tuple[Branch, ...]
    places: Mapping[str, str]


async def make_plan(
    repo: Repo,
    contenders: Sequence[Contender],
    *,
    strategy: Strategy,
    order: Sequence[str] | None = None,
    progress: Callable[[MergeProgress], None] | None = None,
) -> MergePlan:
    """Return the recommended order, or *order* as given, with the outcome of each step.

    Only committed heads count. The person's repository, index and worktrees are not touched.

    Args:
        repo: The repository.
        contenders: The branches to plan; what may not land now is a `blocked` step at the end.
        strategy: How branches land; it changes who collides.
        order: Task keys in a person's order; those left out follow in the recommended one.
        progress: Told of each step; it must return at once.

    Raises:
        UserError: The base branch is gone.
        UsageError: *order* names a task that is no contender.
    """
    tell = progress or _nobody
    tell(MergeProgress(MergeStage.LOOKING, "Looking at the branches", total=len(contenders)))
    async with quarantine(
        GitPlace(repo.git_dir), scratch_folder("quarantine"), drivers=repo.drivers
    ) as held:
        found = await prepare(repo, contenders, strategy, held)
        graph = await conflict_graph(found.lander, found.tip, found.ready)
        chosen = order_branches(found.ready, graph, check_order(order, contenders))
        trials = await dry_run(
            found.lander, found.tip, chosen.branches, graph, told=_counted(tell, chosen.branches)
        )
        compared = await _compare(found, graph)
    return MergePlan(
        base=repo.base,
        base_sha=found.base_sha,
        strategy=strategy,
        steps=plan_steps(trials, found.blocked, found.tip, chosen.places),
        conflict_steps=_conflicts(trials),
        compared=compared,
    )


async def prepare(
    repo: Repo, contenders: Sequence[Contender], strategy: Strategy, held: Quarantine
) -> Prepared:
    """Look at everything that the order and the dry run need; *held* takes the objects."""
    base_sha = await base_commit(repo)
    held = await with_attributes(held, base_sha, held.place.git_dir.parent / f"at-{base_sha}")
    seen = await survey(repo, contenders)
    heads = {branch.head for branch in seen.branches if branch.head}
    contains = await built_on(held.place, heads | set(seen.others.values()), base=base_sha)
    branches = _with_stacks_blocked(seen.branches, seen.others, contains)
    lander = Lander(held, strategy, DryCommits(held), contains)
    return Prepared(
        base_sha=base_sha,
        lander=lander,
        tip=await lander.start(base_sha),
        ready=tuple(branch for branch in branches if not branch.blocked),
        blocked=tuple(branch for branch in branches if branch.blocked),
    )


async def base_commit(repo: Repo) -> str:
    """Return where the base branch is.

    Raises:
        UserError: It is gone.
    """
    found = await resolve(GitPlace(repo.git_dir), repo.base_ref)
    if found is None:
        raise UserError(
            f"The base branch {repo.base} of {repo.name} is gone.",
            hint="Make it again, or name another with `weft init --base BRANCH`.",
        )
    return found


def _with_stacks_blocked(
    branches: Sequence[Branch],
    others: Mapping[str, str],
    contains: Mapping[str, frozenset[str]],
) -> tuple[Branch, ...]:
    """Block what would bring the commits of a branch along that itself may not land now."""
    held_back = dict(others) | {one.task: one.head for one in branches if one.blocked and one.head}
    return tuple(
        branch
        if branch.blocked or not (below := _below(branch, held_back, contains))
        else replace(branch, blocked=f"built on {below}, which has not landed")
        for branch in branches
    )


def _below(
    branch: Branch, held_back: Mapping[str, str], contains: Mapping[str, frozenset[str]]
) -> str:
    inside = contains.get(branch.head, frozenset())
    return ", ".join(task for task, head in held_back.items() if head in inside)


def check_order(
    order: Sequence[str] | None, contenders: Iterable[Contender]
) -> tuple[str, ...] | None:
    """Return a person's order in the tasks' own spelling.

    Raises:
        UsageError: It names a task that is no contender.
    """
    if order is None:
        return None
    known = {fold(one.task): one.task for one in contenders}
    unknown = [key for key in order if fold(key) not in known]
    if unknown:
        raise UsageError(
            f"The order names {unknown[0]!r}, which is not among the branches to merge.",
            hint="Give only keys of the chosen tasks.",
        )
    return tuple(dict.fromkeys(known[fold(key)] for key in order))


def order_branches(
    ready: Iterable[Branch], graph: ConflictGraph, wished: Sequence[str] | None
) -> Order:
    """Return the recommended order, or the wished one with what it leaves out behind it."""
    by_task = {branch.task: branch for branch in ready}
    places = {place.task: place.why for place in recommended(graph)}
    best = list(places)
    if wished is None:
        return Order(tuple(by_task[task] for task in best), places)
    first = [task for task in wished if task in by_task]
    tasks = first + [task for task in best if task not in first]
    if tasks != best:
        places = dict.fromkeys(first, "placed here by hand") | {
            task: places[task] for task in tasks[len(first) :]
        }
    return Order(tuple(by_task[task] for task in tasks), places)


async def _compare(found: Prepared, graph: ConflictGraph) -> dict[str, int]:
    by_task = {branch.task: branch for branch in found.ready}
    rules = {
        "recommended": tuple(place.task for place in recommended(graph)),
        "arrival": arrival_order(graph),
        "fewest_conflicts_first": fewest_conflicts_first(graph),
    }
    counts = {}
    for rule, tasks in rules.items():
        trials = await dry_run(found.lander, found.tip, [by_task[task] for task in tasks], graph)
        counts[rule] = _conflicts(trials)
    return counts


def _conflicts(trials: Iterable[Trial]) -> int:
    return sum(trial.attempt.outcome is StepOutcome.CONFLICT for trial in trials)


def _counted(
    tell: Callable[[MergeProgress], None], branches: Sequence[Branch]
) -> Callable[[Branch], None]:
    done = iter(range(len(branches)))

    def told(branch: Branch) -> None:
        text = f"Trying {branch.task}"
        tell(MergeProgress(MergeStage.TRYING, text, branch.task, next(done), len(branches)))

    return told


def _nobody(progress: MergeProgress) -> None:
    """Nobody wants to know."""
