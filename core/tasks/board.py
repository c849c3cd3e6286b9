"""Create, edit, order and remove tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.clock import to_ms
from core.domain.names import check_name, fold
from core.domain.task import OPEN, NewTask, Priority, Task, TaskStatus
from core.errors import Refused, UsageError, UserError
from core.events import log
from core.locks import declared
from core.locks.patterns import check_pattern
from core.store.plain import fetch
from core.store.schema import (
    RepoRow,
    TaskDependencyRow,
    TaskPathRow,
    TaskRow,
    TaskSkillRow,
)
from core.store.transactions import transaction
from core.tasks.dependencies import set_dependencies
from core.tasks.moves import shift
from core.tasks.records import NO_RULES, ApprovalRules, records, row_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from core.domain.repo import Repo

TITLE_MOST: Final = 300
TEXT_MOST: Final = 200_000
ISSUE_MOST: Final = 2**53
_CANDIDATES: Final = """\
repo_id = ? AND status = 'backlog' ORDER BY priority, position, id LIMIT ? OFFSET ?\
"""
STEP: Final = 1024
"""Between two positions of a column, so that a card fits in."""


@dataclass(frozen=True, slots=True)
class TaskChanges:
    """What an edit changes; None leaves a field as it is, an empty tuple empties it."""

    title: str | None = None
    description: str | None = None
    priority: Priority | None = None
    files: tuple[str, ...] | None = None
    depends_on: tuple[str, ...] | None = None
    skills: tuple[str, ...] | None = None
    estimate_minutes: int | None = None
    issue_number: int | None = None


def add_task(repo: Repo, new: NewTask, *, now: datetime, actor: str) -> Task:
    """Add a task at the end of the backlog; without a key it gets the next `task-N`.

    Raises:
        UsageError: A key, title, file or estimate that cannot be.
        UserError: The key is taken.
        NotFound: An unknown dependency.
    """
    columns = columns_of(new, now)
    with transaction():
        key = check_name("task key", new.key) if new.key else _next_key(repo)
        _refuse_taken(repo, key)
        row = TaskRow.create(
            repo=repo.id,
            key=key,
            key_folded=fold(key),
            position=last_position(repo, TaskStatus.BACKLOG) + STEP,
            **columns,
        )
        _set_files(row, new.files)
        _set_skills(row, new.skills)
        set_dependencies(repo, row, new.depends_on)
        log.record("task.added", now, actor=actor, repo=str(repo.path), task=key, title=row.title)
    return get_task(repo, key)


def columns_of(new: NewTask, now: datetime) -> dict[str, object]:
    """Return what a new task's row holds beside key and position.

    Raises:
        UsageError: A title, text or estimate that cannot be.
    """
    return {
        "title": _checked_title(new.title),
        "description": _checked_text(new.description),
        "status": TaskStatus.BACKLOG.value,
        "priority": new.priority.rank,
        "estimate_minutes": _checked_estimate(new.estimate_minutes),
        "issue_number": _checked_issue(new.issue_number),
        "created_ms": to_ms(now),
        "moved_ms": to_ms(now),
    }


def edit_task(repo: Repo, key: str, changes: TaskChanges, *, now: datetime, actor: str) -> Task:
    """Change fields of a task; the event names which.

    Raises:
        NotFound: Unknown task or dependency.
        UsageError: A value that cannot be, or nothing to change.
    """
    with transaction():
        row = row_of(repo, key)
        changed = _apply(repo, row, changes)
        if not changed:
            raise UsageError(
                f"Nothing to change in {row.key}.", hint="Name a field, such as --title."
            )
        row.save()
        if "files" in changed:
            declared.follow_edit(repo, row, changes.files or (), now=now, actor=actor)
        log.record(
            "task.edited", now, actor=actor, repo=str(repo.path), task=row.key, fields=changed
        )
    return get_task(repo, key)


def remove_task(repo: Repo, key: str, *, now: datetime, actor: str) -> Task:
    """Remove a task that nobody owns and nobody waits for; return what it was.

    Raises:
        Refused: A worker owns it, its work is in review, or others depend on it.
    """
    with transaction():
        task = get_task(repo, key)
        row = row_of(repo, key)
        reasons = _reasons_to_keep(task, row)
        if reasons:
            raise Refused(f"{task.key} cannot be removed.", reasons=reasons)
        row.delete_instance()
        log.record(
            "task.removed", now, actor=actor, repo=str(repo.path), task=task.key, title=task.title
        )
    return task


def get_task(repo: Repo, key: str, *, rules: ApprovalRules = NO_RULES) -> Task:
    """Return one task, its key taken in any case."""
    return records(repo, [row_of(repo, key)], rules=rules)[0]


def list_tasks(
    repo: Repo,
    *,
    status: Sequence[TaskStatus] = (),
    worker: str | None = None,
    rules: ApprovalRules = NO_RULES,
) -> tuple[Task, ...]:
    """Return tasks column by column, in the order of the board."""
    query = TaskRow.select().where(TaskRow.repo == repo.id)
    if status:
        query = query.where(TaskRow.status.in_([state.value for state in status]))
    if worker is not None:
        query = query.where(TaskRow.worker_name == worker)
    rank = {state.value: number for number, state in enumerate(TaskStatus)}
    rows = sorted(
        query,
        key=lambda row: (
            rank[row.status],
            # What was finished last is looked at first.
            -(row.moved_ms) if row.status == TaskStatus.DONE else 0,
            row.position,
            row.id,
        ),
    )
    return records(repo, rows, rules=rules)


def candidates(
    repo: Repo, *, offset: int, limit: int, rules: ApprovalRules = NO_RULES
) -> tuple[Task, ...]:
    """Return a stretch of the backlog in the order of claiming: priority, then place."""
    rows = fetch(TaskRow, _CANDIDATES, repo.id, limit, offset)
    return records(repo, rows, rules=rules)


def around(
    repo: Repo, chosen: Sequence[Task], *, rules: ApprovalRules = NO_RULES
) -> tuple[Task, ...]:
    """Return *chosen* and what they depend on."""
    known = {fold(task.key) for task in chosen}
    needed = {fold(key) for task in chosen for key in task.depends_on} - known
    if not needed:
        return tuple(chosen)
    rows = TaskRow.select().where(TaskRow.repo == repo.id, TaskRow.key_folded.in_(needed))
    return (*chosen, *records(repo, rows, rules=rules))


def reorder(repo: Repo, key: str, place: int, *, now: datetime, actor: str) -> None:
    """Put a task at *place* (0 is the top) among the tasks of its own column."""
    with transaction():
        row = row_of(repo, key)
        others = list(
            TaskRow.select()
            .where(TaskRow.repo == repo.id, TaskRow.status == row.status, TaskRow.id != row.id)
            .order_by(TaskRow.position, TaskRow.id)
        )
        others.insert(max(0, min(place, len(others))), row)
        for number, other in enumerate(others, start=1):
            if other.position != number * STEP:
                TaskRow.update(position=number * STEP).where(TaskRow.id == other.id).execute()
        log.record("task.ordered", now, actor=actor, repo=str(repo.path), task=row.key, place=place)


def retry(repo: Repo, key: str, *, now: datetime, actor: str) -> Task:
    """Give a task new attempts: review → backlog, and an escalated one is free again.

    Raises:
        Refused: It is neither in review nor escalated nor failed before.
    """
    with transaction():
        row = row_of(repo, key)
        if row.status == TaskStatus.REVIEW:
            shift(repo, row, TaskStatus.BACKLOG, now=now, actor=actor, data={"why": "retry"})
        elif row.status != TaskStatus.BACKLOG or not (row.escalated or row.last_error):
            raise Refused(
                f"{row.key} is {TaskStatus(row.status).label.lower()}; only a task in review or a"
                " failed one is retried."
            )
        else:
            log.record("task.retried", now, actor=actor, repo=str(repo.path), task=row.key)
        TaskRow.update(
            attempts=0, escalated=False, stopped=False, last_error=None, ready_ms=to_ms(now)
        ).where(TaskRow.id == row.id).execute()
    return get_task(repo, key)


def _apply(repo: Repo, row: TaskRow, changes: TaskChanges) -> list[str]:
    changed: list[str] = []
    plain = {
        "title": None if changes.title is None else _checked_title(changes.title),
        "description": None if changes.description is None else _checked_text(changes.description),
        "priority": None if changes.priority is None else changes.priority.rank,
        "estimate_minutes": _checked_estimate(changes.estimate_minutes),
        "issue_number": _checked_issue(changes.issue_number),
    }
    for name, value in plain.items():
        if value is not None and getattr(row, name) != value:
            setattr(row, name, value)
            changed.append(name)
    if changes.files is not None:
        _set_files(row, changes.files)
        changed.append("files")
    if changes.skills is not None:
        _set_skills(row, changes.skills)
        changed.append("skills")
    if changes.depends_on is not None:
        set_dependencies(repo, row, changes.depends_on)
        changed.append("depends_on")
    return changed


def _reasons_to_keep(task: Task, row: TaskRow) -> tuple[str, ...]:
    reasons = []
    if task.status in OPEN:
        reasons.append(f"{task.worker} is at work on it: release it first.")
    if task.status is TaskStatus.REVIEW:
        reasons.append(f"Its work in {task.branch} has not landed: merge or retry it first.")
    waiting = TaskDependencyRow.select().where(TaskDependencyRow.needs == row.id)
    reasons += [f"{edge.task.key} depends on it." for edge in waiting]
    return tuple(reasons)


def _next_key(repo: Repo) -> str:
    row = RepoRow.get_by_id(repo.id)
    number = row.next_number
    while _taken(repo, f"task-{number}"):
        number += 1
    RepoRow.update(next_number=number + 1).where(RepoRow.id == repo.id).execute()
    return f"task-{number}"


def _taken(repo: Repo, key: str) -> bool:
    return bool(
        TaskRow.select().where(TaskRow.repo == repo.id, TaskRow.key_folded == fold(key)).exists()
    )


def _refuse_taken(repo: Repo, key: str) -> None:
    if _taken(repo, key):
        raise taken_key(repo, key)


def taken_key(repo: Repo, key: str) -> UserError:
    """Return the refusal of a key that a task has already."""
    return UserError(
        f"There is already a task {key!r} in {repo.name}.",
        hint="Choose another key, or leave it out to get the next free one.",
    )


def last_position(repo: Repo, status: TaskStatus) -> int:
    """Return the position of the last card of a column, 0 when it is empty."""
    row = (
        TaskRow.select(TaskRow.position)
        .where(TaskRow.repo == repo.id, TaskRow.status == status.value)
        .order_by(TaskRow.position.desc())
        .first()
    )
    return row.position if row else 0


def _set_files(row: TaskRow, files: Iterable[str]) -> None:
    TaskPathRow.delete().where(TaskPathRow.task == row.id).execute()
    for pattern in dict.fromkeys(check_pattern(name) for name in files):
        TaskPathRow.create(task=row.id, pattern=pattern)


def _set_skills(row: TaskRow, skills: Iterable[str]) -> None:
    TaskSkillRow.delete().where(TaskSkillRow.task == row.id).execute()
    for skill in dict.fromkeys(check_name("skill", name.strip().lower()) for name in skills):
        TaskSkillRow.create(task=row.id, skill=skill)


def _checked_title(title: str) -> str:
    plain = " ".join(title.split())
    if not plain:
        raise UsageError("A task needs a title.", hint="Say in a few words what is to be done.")
    if len(plain) > TITLE_MOST:
        raise UsageError(
            f"A title has at most {TITLE_MOST} letters; this one has {len(plain)}.",
            hint="Put the rest into the description.",
        )
    return _checked_text(plain)


def _checked_text(text: str) -> str:
    if len(text) > TEXT_MOST:
        raise UsageError(f"A description has at most {TEXT_MOST} letters.")
    # NUL cannot be stored; lone surrogates cannot be written as UTF-8.
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _checked_estimate(minutes: int | None) -> int | None:
    if minutes is not None and not 0 < minutes <= 60 * 24 * 365:
        raise UsageError("An estimate is between 1 minute and a year.", hint="Such as 45m or 2h.")
    return minutes


def _checked_issue(number: int | None) -> int | None:
    if number is not None and not 0 < number <= ISSUE_MOST:
        raise UsageError(f"{number} cannot be the number of an issue.", hint="Such as 12.")
    return number
