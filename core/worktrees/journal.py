"""The journal of worktrees: what was begun, so that a kill at any instant can be put right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.clock import from_ms, to_ms
from core.domain.names import fold
from core.domain.run import LIVE
from core.domain.worktree import STANDING, Worktree, WorktreeState, check_worktree_move
from core.events import log
from core.store.schema import ClaimRow, RunRow, TaskRow, WorktreeRow
from core.store.transactions import transaction

if TYPE_CHECKING:
    from datetime import datetime

    from core.domain.repo import Repo

_STANDING = [state.value for state in STANDING]


def begin(
    repo: Repo, *, task: str, worker: str, path: Path, branch: str, base_sha: str, now: datetime
) -> Worktree:
    """Record that a worktree is being made, or made again; its state is `creating` then."""
    with transaction():
        row = _standing_row(repo, path)
        task_row = _task_row(repo, task)
        if row is None:
            row = WorktreeRow.create(
                repo=repo.id,
                task=None if task_row is None else task_row.id,
                worker_name=worker,
                path=str(path),
                branch=branch,
                state=WorktreeState.CREATING.value,
                base_sha=base_sha,
                created_ms=to_ms(now),
            )
        else:
            _move(row, WorktreeState.CREATING)
            row.task = task_row
            row.worker_name, row.branch, row.base_sha = worker, branch, base_sha
            row.save()
        log.record(
            "worktree.creating",
            now,
            actor="weft",
            repo=str(repo.path),
            task=task,
            worker=worker,
            path=str(path),
            branch=branch,
        )
        return _record(row)


def mark(
    repo: Repo,
    worktree: Worktree,
    new: WorktreeState,
    *,
    now: datetime,
    setup_log: str = "",
    preserved_ref: str = "",
) -> Worktree:
    """Move a worktree to *new* with the event `worktree.<state>`; nothing if it is there."""
    with transaction():
        row = WorktreeRow.get_by_id(worktree.id)
        if row.state == new.value:
            return _record(row)
        _move(row, new)
        row.setup_log = setup_log or row.setup_log
        row.preserved_ref = preserved_ref or row.preserved_ref
        row.save()
        log.record(
            f"worktree.{new.value}",
            now,
            actor="weft",
            repo=str(repo.path),
            task=worktree.task,
            worker=worktree.worker,
            path=str(worktree.path),
            branch=worktree.branch,
            preserved_ref=row.preserved_ref,
        )
        return _record(row)


def note_renewed(
    repo: Repo,
    worktree: Worktree,
    *,
    why: str,
    preserved_ref: str,
    aside: Path | None,
    now: datetime,
) -> None:
    """Record where that is kept which stood at the place of a worktree to be made anew."""
    with transaction():
        log.record(
            "worktree.renewed",
            now,
            actor="weft",
            repo=str(repo.path),
            task=worktree.task,
            worker=worktree.worker,
            path=str(worktree.path),
            why=why,
            preserved_ref=preserved_ref,
            aside="" if aside is None else str(aside),
        )


def find(repo: Repo, path: Path) -> Worktree | None:
    """Return the standing worktree at *path*, or None."""
    row = _standing_row(repo, path)
    return None if row is None else _record(row)


def standing(repo: Repo) -> tuple[Worktree, ...]:
    """Return every worktree of the repository whose folder may be there, oldest first."""
    query = WorktreeRow.select().where(
        WorktreeRow.repo == repo.id, WorktreeRow.state.in_(_STANDING)
    )
    return tuple(_record(row) for row in query.order_by(WorktreeRow.id))


def knows_branch(repo: Repo, branch: str, task: str) -> bool:
    """Whether *branch* was made by Weft for *task*, at any time."""
    row = _task_row(repo, task)
    if row is None:
        return False
    query = WorktreeRow.select(WorktreeRow.id).where(
        WorktreeRow.repo == repo.id, WorktreeRow.branch == branch, WorktreeRow.task == row.id
    )
    return bool(query.exists())


def owner(repo: Repo, task: str) -> str | None:
    """Return why somebody may be at work in the task's worktree now, or None: a whole sentence."""
    row = _task_row(repo, task)
    if row is None:
        return None
    run = RunRow.get_or_none(
        RunRow.task == row.id, RunRow.status.in_([status.value for status in LIVE])
    )
    if run is not None:
        return f"Run {run.id} of {row.key} is {run.status}."
    if ClaimRow.select().where(ClaimRow.task == row.id).exists():
        return f"{row.worker_name} owns {row.key}."
    return None


def _task_row(repo: Repo, task: str) -> TaskRow | None:
    found: TaskRow | None = TaskRow.get_or_none(
        TaskRow.repo == repo.id, TaskRow.key_folded == fold(task)
    )
    return found


def _standing_row(repo: Repo, path: Path) -> WorktreeRow | None:
    found: WorktreeRow | None = (
        WorktreeRow.select()
        .where(
            WorktreeRow.repo == repo.id,
            WorktreeRow.path == str(path),
            WorktreeRow.state.in_(_STANDING),
        )
        .order_by(WorktreeRow.id.desc())
        .first()
    )
    return found


def _move(row: WorktreeRow, new: WorktreeState) -> None:
    old = WorktreeState(row.state)
    if old is not new:
        check_worktree_move(row.path, old, new)
    row.state = new.value


def _record(row: WorktreeRow) -> Worktree:
    return Worktree(
        id=row.id,
        task=None if row.task is None else row.task.key,
        worker=row.worker_name,
        path=Path(row.path),
        branch=row.branch,
        state=WorktreeState(row.state),
        base_sha=row.base_sha,
        created_at=from_ms(row.created_ms),
        setup_log=row.setup_log,
        preserved_ref=row.preserved_ref,
    )
