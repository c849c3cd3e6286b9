"""What worktrees really changed, held against declarations and locks.

A task may change what it did not declare; that is told at once, on both cards when another works
on the same file or holds it. Files that both had declared, or that both hold as shared, were
agreed to and are no news.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from core.clock import to_ms
from core.domain.lock import Lock, TaskWarning, WarningKind
from core.domain.task import OPEN, TaskStatus
from core.events import log
from core.locks.leases import held
from core.locks.meeting import told
from core.locks.patterns import matches
from core.store.bulk import insert_rows
from core.store.schema import (
    TaskDependencyRow,
    TaskPathRow,
    TaskRow,
    TouchedPathRow,
    as_tuples,
    in_chunks,
)
from core.store.transactions import transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from core.domain.repo import Repo

MOST: Final = 2_000
"""Changed files of one task that are kept: more is a mass edit, told by its first ones."""
_NAMED: Final = 3
_AT_WORK: Final = (*sorted(state.value for state in OPEN), TaskStatus.REVIEW.value)


@dataclass(slots=True)
class _Work:
    """A task under way or in review, with what it declares and what it really changed."""

    id: int
    key: str
    worker: str
    declared: list[str] = field(default_factory=list)
    touched: dict[str, bool] = field(default_factory=dict)
    """Path → whether a commit holds the change."""
    needs: set[str] = field(default_factory=set)


def note_touched(
    repo: Repo, changed: Mapping[str, Mapping[str, bool]], *, now: datetime
) -> tuple[TaskWarning, ...]:
    """Keep what worktrees changed, and record an event for each warning that is new.

    Args:
        repo: The repository.
        changed: Task key → all paths that it changes now → whether they are committed.
        now: Current time.

    Returns:
        The new warnings; `task.undeclared`, `task.overlap` and `task.unguarded` are recorded.
    """
    works = _works(repo)
    differing = [
        work for work in works if work.key in changed and work.touched != dict(changed[work.key])
    ]
    if not differing:
        return ()
    with transaction():
        locks = held(repo, now=now)
        works = _works(repo)
        before = set(_warnings(works, locks))
        for work in works:
            if work.key in changed:
                _replace(work, changed[work.key], now)
        new = tuple(one for one in _warnings(works, locks) if one not in before)
        names = {work.key: work.worker for work in works}
        for one in new:
            log.record(
                f"task.{one.kind.value}",
                now,
                actor="weft",
                repo=str(repo.path),
                task=one.task,
                worker=names[one.task],
                paths=one.paths,
                other=one.other,
                sentence=one.sentence,
            )
    return new


def warnings(repo: Repo, *, now: datetime) -> tuple[TaskWarning, ...]:
    """Return what is to be told of changed files now, by task."""
    works = _works(repo)
    if not any(work.touched for work in works):
        return ()
    return tuple(_warnings(works, held(repo, now=now)))


def _works(repo: Repo) -> list[_Work]:
    rows = TaskRow.select(TaskRow.id, TaskRow.key, TaskRow.worker_name).where(
        TaskRow.repo == repo.id, TaskRow.status.in_(_AT_WORK)
    )
    works = {key_id: _Work(key_id, key, worker or "") for key_id, key, worker in as_tuples(rows)}
    for part in in_chunks(list(works)):
        files = TaskPathRow.select(TaskPathRow.task, TaskPathRow.pattern)
        for task, pattern in as_tuples(files.where(TaskPathRow.task.in_(part))):
            works[task].declared.append(pattern)
        touched = TouchedPathRow.select(
            TouchedPathRow.task, TouchedPathRow.path, TouchedPathRow.committed
        )
        for task, path, committed in as_tuples(touched.where(TouchedPathRow.task.in_(part))):
            works[task].touched[path] = bool(committed)
        edges = (
            TaskDependencyRow.select(TaskDependencyRow.task, TaskRow.key)
            .join(TaskRow, on=(TaskDependencyRow.needs == TaskRow.id))
            .where(TaskDependencyRow.task.in_(part))
        )
        for task, key in as_tuples(edges):
            works[task].needs.add(key)
    return list(works.values())


def _replace(work: _Work, changed: Mapping[str, bool], now: datetime) -> None:
    kept = dict(sorted(changed.items())[:MOST])
    gone = [path for path in work.touched if path not in kept]
    for part in in_chunks(gone):
        TouchedPathRow.delete().where(
            TouchedPathRow.task == work.id, TouchedPathRow.path.in_(part)
        ).execute()
    for path, committed in kept.items():
        if work.touched.get(path, committed) != committed:
            TouchedPathRow.update(committed=committed).where(
                TouchedPathRow.task == work.id, TouchedPathRow.path == path
            ).execute()
    rows = [
        {
            "task": work.id,
            "path": path,
            "declared": _covers(work.declared, path),
            "committed": committed,
            "first_ms": to_ms(now),
        }
        for path, committed in kept.items()
        if path not in work.touched
    ]
    insert_rows(TouchedPathRow, rows)
    work.touched = kept


def _warnings(works: Sequence[_Work], locks: Sequence[Lock]) -> Iterable[TaskWarning]:
    own: defaultdict[str, list[str]] = defaultdict(list)
    for lock in locks:
        own[lock.task].append(lock.path)
    agreed = {
        work.key: {path for path in work.touched if _covers((*work.declared, *own[work.key]), path)}
        for work in works
    }
    for work in works:
        yield from _undeclared(work, agreed[work.key])
        yield from _held_by_others(work, agreed[work.key], locks)
    yield from _changed_by_both(works, agreed, own)


def _undeclared(work: _Work, agreed: set[str]) -> Iterable[TaskWarning]:
    paths = tuple(sorted(set(work.touched) - agreed))
    if work.declared and paths:
        said = f"Changes {_listed(paths)}, not declared."
        yield TaskWarning(work.key, WarningKind.UNDECLARED, said, paths)


def _held_by_others(work: _Work, agreed: set[str], locks: Sequence[Lock]) -> Iterable[TaskWarning]:
    for lock in locks:
        if lock.task == work.key or lock.task in work.needs:
            continue
        paths = tuple(sorted(p for p in work.touched if p not in agreed and matches(lock.path, p)))
        if not paths:
            continue
        committed = tuple(path for path in paths if work.touched[path])
        if committed and lock.exclusive:
            said = f"Committed {_listed(committed)}: {told(lock)}"
            yield TaskWarning(work.key, WarningKind.UNGUARDED, said, committed, lock.task)
        else:
            said = f"Changes {_listed(paths)}: {told(lock)}"
            yield TaskWarning(work.key, WarningKind.OVERLAP, said, paths, lock.task)
        said = f"{work.worker} changes {_listed(paths)} for {work.key}, which this task holds."
        yield TaskWarning(lock.task, WarningKind.OVERLAP, said, paths, work.key)


def _changed_by_both(
    works: Sequence[_Work], agreed: Mapping[str, set[str]], locks: Mapping[str, Sequence[str]]
) -> Iterable[TaskWarning]:
    by_path: defaultdict[str, list[_Work]] = defaultdict(list)
    for work in works:
        for path in work.touched:
            by_path[path].append(work)
    shared: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    known = {work.key: work for work in works}
    for path, touching in by_path.items():
        for one in touching:
            for other in touching:
                if one is other or one.key in other.needs or other.key in one.needs:
                    continue
                mine, theirs = path in agreed[one.key], path in agreed[other.key]
                told_by_lock = (not mine and _covers(locks.get(other.key, ()), path)) or (
                    not theirs and _covers(locks.get(one.key, ()), path)
                )
                if not (mine and theirs) and not told_by_lock:
                    shared[one.key, other.key].append(path)
    for (key, met), paths in shared.items():
        said = f"{known[met].worker} changes {_listed(sorted(paths))} for {met} too."
        yield TaskWarning(key, WarningKind.OVERLAP, said, tuple(sorted(paths)), met)


def _covers(patterns: Iterable[str], path: str) -> bool:
    return any(matches(pattern, path) for pattern in patterns)


def _listed(paths: Sequence[str]) -> str:
    named = ", ".join(paths[:_NAMED])
    more = len(paths) - _NAMED
    return f"{named} and {more} more" if more > 0 else named
