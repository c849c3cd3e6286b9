"""Locks on paths and globs: taken with a claim or asked for, and ended with it.

A lock is held by a worker for a task; only the locks of other tasks are ever in the way, and
shared ones only of an exclusive one. There are two kinds:

- a lease lock carries its claim's fence and lives exactly as long as that claim: whatever ends
  the claim ends it in the same transaction, and renewing the lease moves its expiry. So nobody
  breaks one while its run lives: recovery, which ends lapsed claims, looks at the run first;
- a timed lock (fence 0) was given a time by a person, or reserves files for a task that nobody
  owns yet. It ends by that time.

Whoever claims a task takes over the locks that were reserved for it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from core.clock import from_optional_ms, to_ms
from core.domain.lock import Lock, LockOrigin, LockRules
from core.domain.names import fold
from core.domain.task import OPEN, TaskStatus
from core.errors import NotFound, Refused, UsageError
from core.events import log
from core.locks import mirror
from core.locks.meeting import meeting, told
from core.locks.patterns import check_pattern, may_meet
from core.locks.rows import Tenure, put_lock, read_locks, task_row, worker_row
from core.store.plain import select
from core.store.schema import ClaimRow, PathLockRow, as_tuples
from core.store.transactions import transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from core.domain.repo import Repo
    from core.store.schema import TaskRow

RESERVED: Final = timedelta(hours=2)
"""How long files stay reserved for a task that nobody owns, when no time is given."""
LONGEST: Final = timedelta(days=30)
TIMED: Final = 0
"""The fence of a lock that ends by time and not with a claim."""


def held(repo: Repo, *, now: datetime) -> tuple[Lock, ...]:
    """Return the locks that hold now, by path."""
    return read_locks(
        "lock.repo_id = ? AND (lock.fence <> 0 OR lock.expires_ms > ?)", repo.id, to_ms(now)
    )


def list_locks(repo: Repo) -> tuple[Lock, ...]:
    """Return every lock, by path, with those whose time is over and that nobody cleaned yet."""
    return read_locks("lock.repo_id = ?", repo.id)


def acquire(
    repo: Repo,
    key: str,
    worker: str,
    patterns: Sequence[str],
    *,
    rules: LockRules,
    shared: bool = False,
    duration: timedelta | None = None,
    now: datetime,
    actor: str,
) -> tuple[Lock, ...]:
    """Take locks for a task, all or none; what the task holds already is renewed.

    Args:
        repo: The repository.
        key: The task. The worker owns it, or nobody does: then its files are reserved.
        worker: Who shall hold them.
        patterns: Files and globs.
        rules: Which files are critical: those cannot be shared.
        shared: Hold them together with others who share them.
        duration: Until when; without it as long as the claim, or two hours without one.
        now: Current time.
        actor: Who asks.

    Raises:
        NotFound: Unknown task or worker.
        UsageError: A pattern that cannot be, none at all, or a time that cannot be.
        Refused: Another holds one of them; each reason says who, for what and until when.
    """
    wanted = _checked(patterns, duration)
    with transaction():
        tenure = _tenure(repo, key, worker, duration, now)
        reasons = [
            *_in_the_way(repo, tenure.key, wanted, shared=shared, now=now),
            *_unshareable(wanted, rules, shared=shared),
        ]
        if reasons:
            raise Refused(
                f"{tenure.worker} cannot lock this for {tenure.key}.", reasons=tuple(reasons)
            )
        for pattern in wanted:
            origin, longest = _origin(pattern, rules.critical), _longest(tenure, pattern)
            put_lock(repo, longest, pattern, origin=origin, exclusive=not shared, now=now)
        log.record(
            "lock.taken",
            now,
            actor=actor,
            repo=str(repo.path),
            task=tenure.key,
            worker=tenure.worker,
            paths=wanted,
            exclusive=not shared,
            origin=LockOrigin.ASKED.value,
            until=from_optional_ms(tenure.expires_ms),
        )
        mirror.refresh_after_commit(repo)
        return _of_task(tenure.task_id, wanted)


def release(
    repo: Repo,
    patterns: Sequence[str],
    *,
    worker: str | None = None,
    key: str | None = None,
    force: bool = False,
    now: datetime,
    actor: str,
) -> tuple[Lock, ...]:
    """Give locks back, all or none; return what they were.

    Args:
        repo: The repository.
        patterns: Exactly as they were taken.
        worker: Only locks of this worker, where others share them.
        key: Only locks for this task.
        force: Take them from whoever holds them.
        now: Current time.
        actor: Who asks.

    Raises:
        NotFound: Nothing of that name is locked.
        Refused: Another holds it, and *force* was not given.
    """
    wanted = _checked(patterns, None)
    with transaction():
        found = tuple(lock for lock in list_locks(repo) if lock.path in wanted)
        if key is not None:
            found = tuple(lock for lock in found if fold(lock.task) == fold(key))
        if worker is not None:
            own = {lock.path for lock in found if _is_of(lock, worker, key)}
            found = tuple(
                lock for lock in found if lock.path not in own or _is_of(lock, worker, key)
            )
        missing = [path for path in wanted if path not in {lock.path for lock in found}]
        if missing:
            raise NotFound(
                f"Nothing is locked as {missing[0]}.", hint="`weft locks` shows what is locked."
            )
        others = [lock for lock in found if not force and not _is_of(lock, worker, key)]
        if others:
            raise Refused(
                "Only its holder gives a lock back.",
                reasons=tuple(told(lock) for lock in others),
                hint="Name the holder with --worker, or take it away with --force.",
            )
        _delete(repo, found)
        for lock in found:
            _record_end(repo, lock, "lock.released", why="forced" if force else "", now=now,
                        actor=actor)  # fmt: skip
        mirror.refresh_after_commit(repo)
    return found


def clean_expired(repo: Repo, *, now: datetime) -> tuple[Lock, ...]:
    """End timed locks whose time is over; return what they were (called by the leader)."""
    over = "lock.repo_id = ? AND lock.fence = 0 AND lock.expires_ms <= ?"
    if not read_locks(over, repo.id, to_ms(now)):
        return ()
    with transaction():
        found = read_locks(over, repo.id, to_ms(now))
        _delete(repo, found)
        for lock in found:
            _record_end(repo, lock, "lock.expired", why="", now=now, actor="weft")
        mirror.refresh_after_commit(repo)
    return found


def end_all(repo: Repo, *, now: datetime, actor: str, why: str) -> tuple[Lock, ...]:
    """End every lock that no claim holds; return what they were.

    Those of claims end with their claims.
    """
    with transaction():
        found = read_locks("lock.repo_id = ? AND lock.fence = 0", repo.id)
        _delete(repo, found)
        for lock in found:
            _record_end(repo, lock, "lock.released", why=why, now=now, actor=actor)
        mirror.refresh_after_commit(repo)
    return found


def end_with_claim(repo: Repo, row: TaskRow, *, now: datetime, actor: str, why: str) -> bool:
    """End every lock of a task that leaves its worker; False when it held none.

    Only inside the transaction that ends its claim.
    """
    rows = select("SELECT pattern FROM path_lock WHERE task_id = ? ORDER BY pattern", row.id)
    paths = [pattern for (pattern,) in rows]
    end_patterns(repo, row, paths, now=now, actor=actor, why=why)
    return bool(paths)


def end_patterns(
    repo: Repo,
    row: TaskRow,
    patterns: Sequence[str],
    *,
    now: datetime,
    actor: str,
    why: str,
) -> None:
    """End some locks of a task; only inside a transaction."""
    if not patterns:
        return
    PathLockRow.delete().where(
        PathLockRow.task == row.id, PathLockRow.pattern.in_(patterns)
    ).execute()
    log.record(
        "lock.released",
        now,
        actor=actor,
        repo=str(repo.path),
        task=row.key,
        worker=row.worker_name,
        paths=list(patterns),
        why=why,
    )
    mirror.refresh_after_commit(repo)


def _in_the_way(
    repo: Repo, key: str, wanted: Sequence[str], *, shared: bool, now: datetime
) -> list[str]:
    return [
        told(lock, path)
        for path, lock in meeting(held(repo, now=now), wanted, key)
        if lock.exclusive or not shared
    ]


def _unshareable(wanted: Sequence[str], rules: LockRules, *, shared: bool) -> list[str]:
    if not shared:
        return []
    return [
        f"{pattern} is critical: it cannot be shared."
        for pattern in wanted
        if _origin(pattern, rules.critical) is LockOrigin.CRITICAL
    ]


def _origin(pattern: str, critical: Sequence[str]) -> LockOrigin:
    meets = any(may_meet(pattern, one) for one in critical)
    return LockOrigin.CRITICAL if meets else LockOrigin.ASKED


def _checked(patterns: Sequence[str], duration: timedelta | None) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(check_pattern(pattern) for pattern in patterns))
    if not wanted:
        raise UsageError("Nothing to lock.", hint="Name files or globs, such as src/app.py.")
    if duration is not None and not timedelta() < duration <= LONGEST:
        raise UsageError("A lock holds between a minute and 30 days.", hint="Such as --for 2h.")
    return wanted


def _tenure(repo: Repo, key: str, worker: str, duration: timedelta | None, now: datetime) -> Tenure:
    """Return how the worker would hold locks of the task: with its claim, or for a time.

    Raises:
        NotFound: Unknown task or worker.
        Refused: Another owns the task, or it is finished.
    """
    row, holder = task_row(repo, key), worker_row(repo, worker)
    query = ClaimRow.select(ClaimRow.worker, ClaimRow.fence, ClaimRow.lease_expires_ms)
    claims = as_tuples(query.where(ClaimRow.task == row.id))
    if not claims and row.status not in {TaskStatus.BACKLOG.value, *OPEN}:
        raise Refused(f"{row.key} is {TaskStatus(row.status).words}: nobody works on it any more.")
    fence, expires = TIMED, to_ms(now + (duration or RESERVED))
    for owner, claim_fence, lease_ms in claims:
        if owner != holder.id:
            raise Refused(f"{row.key} belongs to {row.worker_name}.")
        if duration is None:
            fence, expires = claim_fence, lease_ms
    return Tenure(row.id, row.key, holder.id, holder.name, fence, expires)


def _longest(tenure: Tenure, pattern: str) -> Tenure:
    """Return how a pattern is held from now on: a time does not shorten what the claim holds."""
    if tenure.fence == TIMED:
        held_so = "SELECT fence, expires_ms FROM path_lock WHERE task_id = ? AND pattern = ?"
        for fence, expires_ms in select(held_so, tenure.task_id, pattern):
            if fence != TIMED:
                return replace(tenure, fence=fence, expires_ms=expires_ms)
    return tenure


def _is_of(lock: Lock, worker: str | None, key: str | None) -> bool:
    if worker is not None:
        return fold(lock.worker) == fold(worker)
    return key is not None


def _delete(repo: Repo, locks: Iterable[Lock]) -> None:
    for lock in locks:
        task = task_row(repo, lock.task)
        PathLockRow.delete().where(
            PathLockRow.task == task.id, PathLockRow.pattern == lock.path
        ).execute()


def _record_end(repo: Repo, lock: Lock, kind: str, *, why: str, now: datetime, actor: str) -> None:
    log.record(
        kind,
        now,
        actor=actor,
        repo=str(repo.path),
        task=lock.task,
        worker=lock.worker,
        paths=[lock.path],
        why=why,
    )


def _of_task(task_id: int, patterns: Sequence[str]) -> tuple[Lock, ...]:
    own = read_locks("lock.task_id = ?", task_id)
    return tuple(lock for lock in own if lock.path in patterns)
