"""Turn task rows into records, many at once with four queries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.clock import from_optional_ms
from core.domain.task import Priority, Task, TaskStatus
from core.locks.patterns import matches, may_meet
from core.locks.rows import task_row
from core.store.plain import select
from core.store.schema import TaskRow, in_chunks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.domain.repo import Repo

_PRIORITIES = tuple(Priority)
_FILES: Final = "SELECT task_id, pattern FROM task_path WHERE task_id IN (@) ORDER BY pattern"
_SKILLS: Final = "SELECT task_id, skill FROM task_skill WHERE task_id IN (@) ORDER BY skill"
_NEEDS: Final = """\
SELECT edge.task_id, task.key FROM task_dependency AS edge JOIN task ON task.id = edge.needs_id
WHERE edge.task_id IN (@) ORDER BY task.id
"""


@dataclass(frozen=True, slots=True)
class ApprovalRules:
    """Who must approve what; without guardians nothing needs approval."""

    guardians: tuple[str, ...] = ()
    critical_files: tuple[str, ...] = ()
    before_merge: bool = False

    def needs(self, priority: Priority, files: Sequence[str]) -> bool:
        """Return whether a task of *priority* that declares *files* needs a guardian."""
        if not self.guardians:
            return False
        return priority is Priority.CRITICAL or any(
            may_meet(critical, declared) for critical in self.critical_files for declared in files
        )

    def touch(self, paths: Iterable[str]) -> bool:
        """Return whether one of the real *paths* is critical and there are guardians to ask."""
        return bool(self.guardians) and any(
            matches(critical, path) for path in paths for critical in self.critical_files
        )


NO_RULES = ApprovalRules()

row_of = task_row


def records(
    repo: Repo, rows: Iterable[TaskRow], *, rules: ApprovalRules = NO_RULES
) -> tuple[Task, ...]:
    """Return the records of *rows* in their order."""
    rows = list(rows)
    ids = [row.id for row in rows]
    files = _grouped(_FILES, ids)
    skills = _grouped(_SKILLS, ids)
    needs = _grouped(_NEEDS, ids)
    return tuple(
        _record(repo, row, files[row.id], skills[row.id], needs[row.id], rules) for row in rows
    )


def _grouped(sql: str, ids: list[int]) -> defaultdict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    for part in in_chunks(ids):
        for task_id, value in select(sql.replace("@", ", ".join("?" * len(part))), *part):
            found[task_id].append(value)
    return found


def _record(
    repo: Repo,
    row: TaskRow,
    files: list[str],
    skills: list[str],
    needs: list[str],
    rules: ApprovalRules,
) -> Task:
    priority = _PRIORITIES[row.priority]
    landed = row.status == TaskStatus.DONE and row.landed_commit
    return Task(
        key=row.key,
        repo=str(repo.path),
        title=row.title,
        description=row.description,
        status=TaskStatus(row.status),
        priority=priority,
        skills=tuple(skills),
        files=tuple(files),
        depends_on=tuple(needs),
        estimate_minutes=row.estimate_minutes,
        issue_number=row.issue_number,
        worker=row.worker_name,
        branch=row.branch,
        worktree=row.worktree,
        claimed_at=from_optional_ms(row.claimed_ms),
        started_at=from_optional_ms(row.started_ms),
        completed_at=from_optional_ms(row.completed_ms),
        attempts=row.attempts,
        escalated=row.escalated,
        last_error=row.last_error,
        needs_approval=rules.needs(priority, files),
        approved_by=row.approved_by,
        position=row.position,
        base_sha=row.base_sha,
        landed_commit=row.landed_commit,
        landed_at=from_optional_ms(row.moved_ms) if landed else None,  # nothing moves it since
        stopped=bool(row.stopped),
    )
