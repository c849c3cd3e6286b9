"""Add many tasks together: a few statements for all, where one by one takes a dozen each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.domain.names import check_name, fold
from core.domain.task import TaskStatus
from core.errors import UserError
from core.events import log
from core.locks.patterns import check_pattern
from core.store.bulk import insert_rows
from core.store.schema import RepoRow, TaskPathRow, TaskRow, TaskSkillRow, as_tuples
from core.store.transactions import transaction
from core.tasks import board

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.domain.repo import Repo
    from core.domain.task import NewTask


@dataclass(slots=True)
class _Batch:
    """What is to be written, and what numbers the next one gets."""

    taken: set[str]
    number: int
    position: int
    rows: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, tuple[str, ...]] = field(default_factory=dict)
    skills: dict[str, tuple[str, ...]] = field(default_factory=dict)


def add_tasks(
    repo: Repo, tasks: Sequence[NewTask], *, now: datetime, actor: str
) -> tuple[str | UserError, ...]:
    """Add tasks, without their dependencies, in one transaction.

    Returns:
        For each its key, or why it cannot be taken; that does not stop the others.
    """
    with transaction():
        batch = _begun(repo)
        results = tuple(_planned(repo, batch, new, now) for new in tasks)
        _write(repo, batch)
        log.record_all(
            "task.added",
            now,
            [(row["key"], {"title": row["title"]}) for row in batch.rows],
            actor=actor,
            repo=str(repo.path),
        )
    return results


def _begun(repo: Repo) -> _Batch:
    keys = TaskRow.select(TaskRow.key_folded).where(TaskRow.repo == repo.id)
    return _Batch(
        taken={key for (key,) in as_tuples(keys)},
        number=RepoRow.get_by_id(repo.id).next_number,
        position=board.last_position(repo, TaskStatus.BACKLOG),
    )


def _planned(repo: Repo, batch: _Batch, new: NewTask, now: datetime) -> str | UserError:
    try:
        columns = board.columns_of(new, now)
        files = tuple(dict.fromkeys(check_pattern(name) for name in new.files))
        skills = tuple(
            dict.fromkeys(check_name("skill", name.strip().lower()) for name in new.skills)
        )
        key = check_name("task key", new.key) if new.key else _next_key(batch)
        if fold(key) in batch.taken:
            raise board.taken_key(repo, key)
    except UserError as error:
        return error
    batch.taken.add(fold(key))
    batch.position += board.STEP
    placed = {"repo": repo.id, "key": key, "key_folded": fold(key), "position": batch.position}
    batch.rows.append({**placed, **columns})
    batch.files[fold(key)], batch.skills[fold(key)] = files, skills
    return key


def _next_key(batch: _Batch) -> str:
    while fold(f"task-{batch.number}") in batch.taken:
        batch.number += 1
    batch.number += 1
    return f"task-{batch.number - 1}"


def _write(repo: Repo, batch: _Batch) -> None:
    insert_rows(TaskRow, batch.rows)
    keys = TaskRow.select(TaskRow.key_folded, TaskRow.id).where(TaskRow.repo == repo.id)
    ids = dict(as_tuples(keys))
    insert_rows(
        TaskPathRow,
        [{"task": ids[key], "pattern": one} for key, names in batch.files.items() for one in names],
    )
    insert_rows(
        TaskSkillRow,
        [{"task": ids[key], "skill": one} for key, names in batch.skills.items() for one in names],
    )
    RepoRow.update(next_number=batch.number).where(RepoRow.id == repo.id).execute()
