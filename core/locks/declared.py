"""Locks that follow from what a task declares: taken with its claim, kept in step with edits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import from_optional_ms
from core.domain.lock import Lock, LockOrigin, LockRules
from core.domain.task import OPEN
from core.events import log
from core.locks import mirror
from core.locks.leases import end_patterns
from core.locks.meeting import meeting
from core.locks.patterns import is_plain, matches, may_meet
from core.locks.rows import Tenure, put_lock, read_locks, task_row
from core.store.schema import ClaimRow, PathLockRow, as_tuples

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from core.domain.repo import Repo
    from core.store.schema import TaskRow


def take_declared(
    repo: Repo,
    tenure: Tenure,
    files: Sequence[str],
    rules: LockRules,
    around: Sequence[Lock],
    *,
    now: datetime,
    actor: str,
) -> tuple[str, ...]:
    """Take the locks of a task that was just claimed; only inside the claim's transaction.

    The caller has looked whether anything forbids it. A declared file that still meets another's
    is what a person agreed to, or what the settings allow: then both hold it as shared.

    Args:
        repo: The repository.
        tenure: The task and its new claim, whose lease and fence the locks carry.
        files: What it declares.
        rules: The settings.
        around: All locks that hold now.
        now: Current time.
        actor: Who claims.

    Returns:
        The patterns that are locked now.
    """
    if any(lock.task == tenure.key for lock in around):
        PathLockRow.update(worker=tenure.worker_id).where(
            PathLockRow.task == tenure.task_id
        ).execute()
    wanted = _wanted(files, rules.critical)
    if not wanted:
        return ()
    for pattern, origin in wanted.items():
        met = [lock for _, lock in meeting(around, (pattern,), tenure.key)]
        exclusive = origin is LockOrigin.CRITICAL or (rules.overlap != "allow" and not met)
        _share(repo, [lock for lock in met if lock.exclusive], now=now, actor=actor)
        put_lock(repo, tenure, pattern, origin=origin, exclusive=exclusive, now=now)
    _record_taken(repo, tenure, wanted, now=now, actor=actor)
    return tuple(wanted)


def follow_edit(
    repo: Repo, row: TaskRow, files: Sequence[str], *, now: datetime, actor: str
) -> None:
    """Bring the declared locks of a task under way in step with what it declares now.

    What another holds exclusively is not locked; the watcher tells when both really change it.
    """
    if row.status not in OPEN:
        return
    query = ClaimRow.select(ClaimRow.worker, ClaimRow.fence, ClaimRow.lease_expires_ms)
    for worker_id, fence, expires_ms in as_tuples(query.where(ClaimRow.task == row.id)):
        name = row.worker_name or ""
        tenure = Tenure(row.id, row.key, worker_id, name, fence, expires_ms)
        _follow(repo, row, tenure, files, now=now, actor=actor)


def _follow(
    repo: Repo,
    row: TaskRow,
    tenure: Tenure,
    files: Sequence[str],
    *,
    now: datetime,
    actor: str,
) -> None:
    around = read_locks("lock.repo_id = ?", repo.id)
    mine = {lock.path: lock for lock in around if lock.task == row.key}
    added: dict[str, LockOrigin] = {}
    for pattern in files:
        met = [lock for _, lock in meeting(around, (pattern,), row.key)]
        if pattern in mine or any(lock.exclusive for lock in met):
            continue
        added[pattern] = LockOrigin.DECLARED
        put_lock(repo, tenure, pattern, origin=added[pattern], exclusive=not met, now=now)
    dropped = [
        lock.path
        for lock in mine.values()
        if lock.origin is LockOrigin.DECLARED and lock.path not in files
    ]
    if added:
        _record_taken(repo, tenure, added, now=now, actor=actor)
    end_patterns(repo, row, dropped, now=now, actor=actor, why="no longer declared")


def _wanted(files: Sequence[str], critical: Sequence[str]) -> dict[str, LockOrigin]:
    """Return what to lock: the declared patterns, and the critical part of each."""
    wanted = dict.fromkeys(files, LockOrigin.DECLARED)
    for pattern in files:
        for one in critical:
            if may_meet(pattern, one):
                is_wider = matches(pattern, one) or not is_plain(pattern)
                wanted[one if is_wider else pattern] = LockOrigin.CRITICAL
    return wanted


def _share(repo: Repo, locks: Sequence[Lock], *, now: datetime, actor: str) -> None:
    """Turn others' exclusive locks, that a person agreed to meet, into shared ones."""
    for lock in locks:
        PathLockRow.update(exclusive=False).where(
            PathLockRow.task == task_row(repo, lock.task).id, PathLockRow.pattern == lock.path
        ).execute()
        log.record(
            "lock.shared",
            now,
            actor=actor,
            repo=str(repo.path),
            task=lock.task,
            worker=lock.worker,
            paths=[lock.path],
        )


def _record_taken(
    repo: Repo, tenure: Tenure, taken: Mapping[str, LockOrigin], *, now: datetime, actor: str
) -> None:
    log.record(
        "lock.taken",
        now,
        actor=actor,
        repo=str(repo.path),
        task=tenure.key,
        worker=tenure.worker,
        paths=list(taken),
        critical=[path for path, origin in taken.items() if origin is LockOrigin.CRITICAL],
        origin=LockOrigin.DECLARED.value,
        until=from_optional_ms(tenure.expires_ms),
    )
    mirror.refresh_after_commit(repo)
