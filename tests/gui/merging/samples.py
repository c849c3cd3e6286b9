"""Records as the engine would hand them out for a merge of five branches."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.domain.landed import LandedWorktree
from core.domain.merge_run import MergeProgress, MergeRunState, MergeStage, PastMerge
from core.domain.plan import (
    MergedTask,
    MergePlan,
    MergeResult,
    PlanStep,
    PutAside,
    StepOutcome,
    Strategy,
)
from core.domain.task import Task, TaskStatus
from gui.merging.requests import Start
from tests.gui.conflicts.samples import task

BASE = "8f21c0e4b1a2c3d4e5f60718293a4b5c6d7e8f90"
TREE = "4d9b7aa5b1a2c3d4e5f60718293a4b5c6d7e8f90"
REVIEW = TaskStatus.REVIEW
TASKS: tuple[Task, ...] = (
    task("issue-3", "Session expiry on all devices", REVIEW, "agent-claude-1"),
    task("issue-6", "Faster product search", REVIEW, "agent-codex-1"),
    task("issue-5", "Checkout form in one step", REVIEW, "human-ana"),
    task("issue-4", "Cart totals as one service", REVIEW, "agent-claude-1"),
    task("issue-10", "Rate-limit the search endpoint", REVIEW, "agent-codex-1"),
    task("issue-7", "Validate addresses", TaskStatus.IN_PROGRESS, "agent-codex-1"),
    task("issue-9", "Product image cache", TaskStatus.CLAIMED, "agent-gemini-1"),
)
START = Start("main", TASKS, "merge", "pytest -q", {})
EMPTY = Start("main", (), "merge", "", {})
_O = StepOutcome
_STEPS = {
    "issue-3": (_O.CLEAN, 7, 118, 40, 0, "nobody near it"),
    "issue-6": (_O.CLEAN, 4, 77, 61, 0, "nobody near it"),
    "issue-5": (_O.CLEAN, 9, 210, 96, 0, "before issue-4: a person's work is dearer to redo"),
    "issue-4": (_O.CONFLICT, 3, 0, 0, 4, "after issue-5: its agent is still at work"),
    "issue-10": (_O.BLOCKED, 2, 0, 0, 0, "built on issue-7, which is not in review"),
}
TITLES = {one.key: one.title for one in TASKS}


def step(key: str, position: int) -> PlanStep:
    outcome, files, added, removed, hunks, why = _STEPS.get(
        key, (_O.CLEAN, 2, 20, 4, 0, "nobody near it")
    )
    paths = tuple(f"src/{key}/file_{n}.py" for n in range(files))
    return PlanStep(
        position,
        key,
        f"worker/someone/{key}",
        "c" * 40,
        outcome,
        paths,
        TREE,
        why,
        TITLES.get(key, key),
        added,
        removed,
        hunks,
    )


def plan(*keys: str, strategy: Strategy = Strategy.MERGE) -> MergePlan:
    steps = tuple(step(key, position) for position, key in enumerate(keys or _STEPS, start=1))
    conflicts = sum(one.outcome is _O.CONFLICT for one in steps)
    return MergePlan(
        "main",
        BASE,
        strategy,
        steps,
        conflicts,
        {"recommended": 1, "arrival": 2, "fewest_conflicts_first": 1},
    )


RESULT = MergeResult(
    merged=tuple(
        MergedTask(key, f"worker/someone/{key}", f"{number}a4f0c2{'0' * 33}")
        for number, key in enumerate(("issue-3", "issue-6", "issue-5"), start=1)
    ),
    put_aside=(
        PutAside("issue-4", "conflicts with what landed before it", ("src/cart/totals.py",), ""),
        PutAside("issue-10", "built on issue-7, which is not in review", (), ""),
    ),
    base="main",
    before=BASE,
    after="3a4f0c2" + "0" * 33,
    backup_ref="refs/weft/merges/20260701T093000Z-17/before",
    notes=("Your checkout has uncommitted changes in src/app.py, so it was not brought along.",),
)
_AT = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
PAST = tuple(
    PastMerge(
        name,
        MergeRunState.LANDED,
        _AT - timedelta(hours=number),
        "person",
        RESULT,
        undone=number == 1,
        can_undo=number == 0,
    )
    for number, name in enumerate(
        ("20260701T093000Z-17", "20260701T083000Z-9", "20260701T073000Z-5")
    )
)
UNDONE = MergeResult(
    merged=RESULT.merged,
    put_aside=(),
    base="main",
    before=RESULT.after,
    after=RESULT.before,
    backup_ref="refs/weft/merges/20260701T093000Z-17/after",
    notes=("3 tasks are in review again.",),
)
NOTHING = MergeResult(
    merged=(),
    put_aside=(),
    base="main",
    before=BASE,
    after=BASE,
    backup_ref="",
    notes=("Cancelled: main was not touched.",),
)
FAILED_CHECK = MergeResult(
    merged=RESULT.merged[:1],
    put_aside=(PutAside("issue-6", "the check failed with status 1", (), "/tmp/check.log"),),
    base="main",
    before=BASE,
    after=RESULT.merged[0].commit,
    backup_ref=RESULT.backup_ref,
)
LOG = (
    "tests/test_search.py F                                              [100%]",
    "",
    "=================================== FAILURES ===================================",
    "    def test_ranking():",
    ">       assert ranked(QUERY)[0].name == 'tea'",
    "E       AssertionError: assert 'teapot' == 'tea'",
    "",
    "1 failed, 41 passed in 3.02s",
)


def news(stage: MergeStage, key: str = "", done: int = 0, text: str = "") -> MergeProgress:
    log = "/tmp/check.log" if stage is MergeStage.CHECKING else ""
    said = text or f"{stage.value.capitalize()} {key}"
    return MergeProgress(stage, said, key, done, 5, log)


LANDED_WORKTREES = tuple(
    LandedWorktree(key, Path("/trees") / key, f"worker/someone/{key}", kept)
    for key, kept in (
        ("issue-3", ""),
        ("issue-6", "It holds 2 uncommitted files."),
        ("issue-5", ""),
    )
)
TIDIED = tuple(replace(one, removed=not one.kept_because) for one in LANDED_WORKTREES)
