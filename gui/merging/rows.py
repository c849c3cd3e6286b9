"""What the wizard's pages show of tasks, plans and results, as rows."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from core.domain.plan import FLAKY, StepOutcome
from core.domain.task import TaskStatus
from gui.merging.step_rows import StepRow
from gui.wording import ARROW, MINUS, counted, listed, short

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.domain.plan import MergePlan, MergeResult, PlanStep, PutAside
    from core.merging.wizard import MergeWizard
    from gui.merging.requests import Start
    from gui.merging.trace import MergeTrace

WHY_NOT: Final = MappingProxyType(
    {
        TaskStatus.CLAIMED: "claimed, not begun",
        TaskStatus.IN_PROGRESS: "still being worked on",
    }
)


def choice_rows(start: Start, wizard: MergeWizard) -> list[StepRow]:
    """Return what can be chosen, and below it what cannot with the reason."""
    rows = []
    for task in start.tasks:
        worker = task.worker or ""
        if task.status is TaskStatus.REVIEW:
            rows.append(
                StepRow(
                    task.key,
                    task.title,
                    state="review",
                    word="In review",
                    note=worker,
                    why=start.held.get(task.key, ""),
                    checked=task.key in wizard.chosen,
                )
            )
        else:
            why = f"not in review: {WHY_NOT.get(task.status, task.status.label)}"
            rows.append(
                StepRow(
                    task.key,
                    task.title,
                    state=task.status.value,
                    word=task.status.label,
                    note=worker,
                    why=why,
                    checked=False,
                    enabled=False,
                )
            )
    return sorted(rows, key=lambda row: not row.enabled)


def order_rows(plan: MergePlan) -> list[StepRow]:
    """Return the steps in order, each with the reason for its place; blocked ones stay behind."""
    steps = [step for step in plan.steps if step.outcome is not StepOutcome.BLOCKED]
    blocked = [step for step in plan.steps if step.outcome is StepOutcome.BLOCKED]
    return [
        StepRow(
            step.task,
            step.title,
            number=str(number),
            state=step.outcome.value,
            why=step.why,
            movable=step.outcome is not StepOutcome.BLOCKED,
        )
        for number, step in enumerate([*steps, *blocked], start=1)
    ]


def dry_run_rows(plan: MergePlan) -> list[StepRow]:
    """Return the steps with what the dry run says of each."""
    return [
        StepRow(
            step.task,
            step.title,
            number=str(number),
            state=step.outcome.value,
            size=size_words(step),
            note="" if step.outcome is StepOutcome.CLEAN else "put aside",
            why=step.why,
        )
        for number, step in enumerate(plan.steps, start=1)
    ]


def merge_rows(plan: MergePlan, trace: MergeTrace) -> list[StepRow]:
    """Return the steps with what the merge run has done to each."""
    rows = []
    for number, step in enumerate(plan.steps, start=1):
        state, word = trace.state_of(step.task)
        rows.append(
            StepRow(
                step.task,
                step.title,
                number=str(number),
                state=state,
                word=word,
                size=size_words(step),
                why=trace.reason_of(step.task),
            )
        )
    return rows


def result_rows(result: MergeResult, titles: Mapping[str, str], *, undone: bool) -> list[StepRow]:
    """Return what landed with its commit, and what was put aside with the reason."""
    state, word = ("empty", "Taken back") if undone else ("done", "Landed")
    landed = [
        StepRow(
            one.task,
            titles.get(one.task, ""),
            state=state,
            word=word,
            size=short(one.commit),
            note="flaky check" if one.flaky else "",
            why=FLAKY if one.flaky else one.branch,
        )
        for one in result.merged
    ]
    aside = [
        StepRow(
            one.task,
            titles.get(one.task, ""),
            state="failed" if one.log else "conflict" if one.files else "blocked",
            word="Put aside",
            why=_why_aside(one),
        )
        for one in result.put_aside
    ]
    return [*landed, *aside]


def size_words(step: PlanStep) -> str:
    """Return how much a step changes, or how much of it is in conflict."""
    if not step.files:
        return ""
    files = counted(len(step.files), "file")
    if step.outcome is StepOutcome.CONFLICT:
        return f"{files}, {counted(step.hunks, 'hunk')}" if step.hunks else files
    if step.outcome is StepOutcome.CLEAN:
        return f"{files} · {line_words(step.added, step.removed)}"
    return files


def line_words(added: int, removed: int) -> str:
    """Return lines gained and lost with their signs."""
    return f"+{added} {MINUS}{removed}"


def compared_words(plan: MergePlan) -> str:
    """Return how many steps conflict, and how many would in the order of arrival."""
    now = counted(plan.conflict_steps, "conflicting step")
    if plan.conflict_steps == 0:
        now = "no conflicting step"
    arrival = plan.compared.get("arrival")
    if arrival is None:
        return now
    if arrival == plan.conflict_steps:
        return f"{now}, as by arrival"
    return f"{now} · by arrival it would be {arrival}"


def tree_words(plan: MergePlan) -> str:
    """Return the base's commit and the tree that it would hold."""
    clean = plan.clean_steps
    return (
        f"{short(plan.base_sha)} {ARROW} {short(clean[-1].tree)}" if clean else short(plan.base_sha)
    )


def _why_aside(one: PutAside) -> str:
    """Return the reason, with those files that it does not name itself."""
    unnamed = [file for file in one.files if file not in one.reason]
    return f"{one.reason}: {listed(unnamed, most=3)}" if unnamed else one.reason
