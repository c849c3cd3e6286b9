"""Guardians' words on critical tasks: yes or no, with a reason, kept for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import from_ms, to_ms
from core.domain.names import fold
from core.domain.stage import Approval
from core.domain.task import TaskStatus
from core.errors import Refused
from core.events import log
from core.store.schema import ApprovalRow, TaskRow, TouchedPathRow, as_tuples
from core.store.transactions import transaction
from core.tasks import board
from core.tasks.records import ApprovalRules, row_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from core.domain.repo import Repo
    from core.domain.task import Task

REASON_MOST = 2000


def judge(
    repo: Repo,
    key: str,
    *,
    by: str,
    approved: bool,
    reason: str = "",
    rules: ApprovalRules,
    now: datetime,
) -> Task:
    """Record a guardian's yes or no; the last word counts.

    A no holds the task back until a guardian says yes, before the claim and before the merge.

    Args:
        repo: The repository.
        key: The task.
        by: The guardian, in any case.
        approved: Yes or no.
        reason: Why, in the guardian's words.
        rules: Who may, and what for.
        now: Current time.

    Raises:
        Refused: *by* is no guardian, does the task (and is not the only guardian), or nothing
            needs approval; in review each word is taken.
    """
    with transaction():
        task = board.get_task(repo, key, rules=rules)
        row = row_of(repo, key)
        lands = bool(rules.guardians) and task.status is TaskStatus.REVIEW
        if not (task.needs_approval or lands or really_needs(row, task, rules)):
            raise Refused(f"{task.key} needs no approval.")
        named = next((one for one in rules.guardians if fold(one) == fold(by)), None)
        if named is None:
            raise Refused(
                f"{by!r} is not a guardian of {repo.name}.",
                hint=f"Guardians: {', '.join(rules.guardians)}.",
            )
        others = _others_than(task.worker, rules)
        if approved and others and _is_same(named, task.worker):
            raise Refused(
                f"{named} does {task.key}: another guardian must approve it.",
                hint=f"Guardians: {', '.join(others)}.",
            )
        subject = "merge" if rules.before_merge else "claim"
        ApprovalRow.create(
            repo=repo.id,
            task=row.id,
            subject=subject,
            guardian=named,
            approved=approved,
            reason=reason[:REASON_MOST],
            at_ms=to_ms(now),
        )
        TaskRow.update(approved_by=named if approved else None, ready_ms=to_ms(now)).where(
            TaskRow.id == row.id
        ).execute()
        log.record(
            "task.approved" if approved else "task.rejected",
            now,
            actor=named,
            repo=str(repo.path),
            task=task.key,
            subject=subject,
            reason=reason[:REASON_MOST],
        )
    return board.get_task(repo, key, rules=rules)


def approvals(repo: Repo, key: str) -> tuple[Approval, ...]:
    """Return what guardians said of a task, oldest first."""
    row = row_of(repo, key)
    found = ApprovalRow.select().where(ApprovalRow.task == row.id).order_by(ApprovalRow.id)
    return tuple(
        Approval(row.key, one.subject, one.guardian, one.approved, one.reason, from_ms(one.at_ms))
        for one in found
    )


def rejections(repo: Repo, keys: Sequence[str]) -> dict[str, str]:
    """Return key → sentence for each of *keys* whose last word was a no."""
    if not keys:
        return {}
    query = (
        ApprovalRow.select(
            TaskRow.key, ApprovalRow.approved, ApprovalRow.guardian, ApprovalRow.reason
        )
        .join(TaskRow, on=(ApprovalRow.task == TaskRow.id))
        .where(ApprovalRow.repo == repo.id, ApprovalRow.subject.in_(("claim", "merge")))
        .order_by(ApprovalRow.id)
    )
    wanted = set(keys)
    last = {key: rest for key, *rest in as_tuples(query) if key in wanted}
    return {
        key: f"{guardian} said no: {reason}" if reason else f"{guardian} said no."
        for key, (approved, guardian, reason) in last.items()
        if not approved
    }


def hold_of_merge(repo: Repo, key: str, rules: ApprovalRules, *, lands: Iterable[str] = ()) -> str:
    """Return why a task may not land for its guardians, as the end of a sentence; empty if it may.

    A no counts, and so does a missing yes: that of a task which was critical before its claim was
    asked for then, where the settings have it so. What became critical since is asked for now:
    by an edit, an analysis, the settings, or files changed undeclared. Who approved a task and
    then did it is not enough, where there are other guardians.

    Args:
        repo: The repository.
        key: The task.
        rules: Who must approve what.
        lands: Files that its branch changes, if the caller has looked.
    """
    if not rules.guardians:
        return ""
    task = board.get_task(repo, key, rules=rules)
    asked = task.needs_approval or rules.touch(lands)
    if not (asked or really_needs(row_of(repo, key), task, rules)):
        return ""
    said_no = rejections(repo, [task.key])
    if said_no:
        return f"is held back: {said_no[task.key].removesuffix('.')}"
    if not task.approved_by:
        return "needs a guardian's approval"
    if _is_same(task.approved_by, task.worker) and _others_than(task.worker, rules):
        who = f"was approved only by {task.approved_by}, who did it"
        return f"{who}: another guardian must approve it"
    return ""


def _is_same(guardian: str, worker: str | None) -> bool:
    return worker is not None and fold(guardian) == fold(worker)


def _others_than(worker: str | None, rules: ApprovalRules) -> tuple[str, ...]:
    """Return the guardians who do not do the task themselves."""
    return tuple(one for one in rules.guardians if not _is_same(one, worker))


def really_needs(row: TaskRow, task: Task, rules: ApprovalRules) -> bool:
    """Whether what the task's worktree really changed needs a guardian, declared or not."""
    if not rules.guardians:
        return False
    query = TouchedPathRow.select(TouchedPathRow.path).where(TouchedPathRow.task == row.id)
    paths = [path for (path,) in as_tuples(query)]
    return rules.needs(task.priority, ()) or rules.touch(paths)
