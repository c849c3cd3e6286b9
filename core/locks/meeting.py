"""Where locks meet, and the sentences for it; pure, and light enough for a hook of git."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.domain.lock import Lock, LockOrigin
from core.locks.patterns import is_plain, matches, may_meet

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def told(lock: Lock, path: str | None = None) -> str:
    """Return who holds *path* (or the lock's own) for what until when: a whole sentence."""
    critical = " critical and" if lock.origin is LockOrigin.CRITICAL else ""
    until = ""
    if lock.expires_at is not None:
        same_day = lock.expires_at.date() == lock.locked_at.date()
        until = f" until {lock.expires_at:{'%H:%M' if same_day else '%Y-%m-%d %H:%M'}} UTC"
    shared = "" if lock.exclusive else ", shared"
    return f"{path or lock.path} is{critical} held by {lock.worker} for {lock.task}{until}{shared}."


def common_path(mine: str, theirs: str) -> str:
    """Return the narrower of two patterns that meet: what the two are really about."""
    return mine if is_plain(mine) or not is_plain(theirs) else theirs


def meeting(locks: Iterable[Lock], patterns: Sequence[str], key: str) -> list[tuple[str, Lock]]:
    """Return (path, lock) for the locks of other tasks that *patterns* may meet.

    Of several that one task holds on the same path the strictest stands for all.
    """
    found: dict[tuple[str, str], tuple[str, Lock]] = {}
    for lock in locks:
        if lock.task == key:
            continue
        for pattern in patterns:
            if may_meet(pattern, lock.path):
                path = common_path(pattern, lock.path)
                other = found.get((path, lock.task))
                if other is None or _strictness(lock) > _strictness(other[1]):
                    found[path, lock.task] = (path, lock)
                break
    return list(found.values())


def _strictness(lock: Lock) -> tuple[bool, bool]:
    return (lock.origin is LockOrigin.CRITICAL, lock.exclusive)


def commit_refusals(
    paths: Sequence[str], locks: Sequence[Lock], *, task: str, worker: str, critical: Sequence[str]
) -> tuple[str, ...]:
    """Return why a commit of *task* that changes *paths* must not be made; empty when it may.

    What another holds alone is not committed, and a critical file only by who holds it.
    """
    own = [lock.path for lock in locks if lock.task == task]
    others = [lock for lock in locks if lock.task != task and lock.exclusive]
    refused = []
    for path in paths:
        holder = next((lock for lock in others if matches(lock.path, path)), None)
        if holder is not None:
            refused.append(told(holder, path))
        elif any(matches(one, path) for one in critical) and not any(
            matches(mine, path) for mine in own
        ):
            refused.append(
                f"{path} is critical and not locked for {task}:"
                f" weft lock {path} --worker {worker} --task {task}"
            )
    return tuple(refused)
