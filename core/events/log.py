"""Write the audit trail, and read it back.

Kinds are dotted: `repo.registered`, `task.added`, `task.claimed`, `task.moved`, `run.started`,
`run.ended`, `worktree.ready`, `merge.landed`, `merge.undone`, … What a kind carries in `data`
is said where it is recorded.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Final

from core.clock import from_ms, to_ms
from core.domain.event import Event
from core.domain.jsonable import jsonable
from core.events import bus
from core.store.bulk import insert_rows
from core.store.plain import insert
from core.store.schema import EventRow, database
from core.store.transactions import after_commit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.domain.repo import Repo

PAGE: Final = 1000


def record(
    kind: str,
    now: datetime,
    *,
    actor: str,
    repo: str | None = None,
    task: str | None = None,
    worker: str | None = None,
    run: str | None = None,
    **data: object,
) -> None:
    """Add one event to the present transaction; it is published once that is committed.

    Args:
        kind: Dotted kind.
        now: The caller's time.
        actor: Who asked: a worker's name, `person`, or `weft` for Weft's own loops.
        repo: Absolute path of the repository's main folder.
        task: Task key.
        worker: Worker name.
        run: Run id.
        data: Further facts, turned into JSON.

    Raises:
        RuntimeError: Outside a transaction: an event belongs to its change.
    """
    if not database.in_transaction():
        raise RuntimeError(f"event {kind} was recorded outside a transaction")
    text = json.dumps(jsonable(data), ensure_ascii=False, sort_keys=True)
    number = insert(
        EventRow,
        {
            "at_ms": to_ms(now),
            "kind": kind,
            "repo_path": repo,
            "task_key": task,
            "worker_name": worker,
            "run_id": run,
            "actor": actor,
            "data": text,
        },
    )
    at = from_ms(to_ms(now))
    event = Event(number, at, kind, repo, task, worker, run, actor, json.loads(text))
    after_commit(lambda: bus.publish(event))


def record_all(
    kind: str,
    now: datetime,
    about: Sequence[tuple[str, dict[str, object]]],
    *,
    actor: str,
    repo: str,
) -> None:
    """Add an event of the same kind for each (task key, data), as `record` does."""
    after = last_id()
    rows = [
        {
            "at_ms": to_ms(now),
            "kind": kind,
            "repo_path": repo,
            "task_key": task,
            "actor": actor,
            "data": json.dumps(jsonable(data), ensure_ascii=False, sort_keys=True),
        }
        for task, data in about
    ]
    insert_rows(EventRow, rows)
    # The write lock is held: whatever is newer is of these.
    added = EventRow.select().where(EventRow.id > after).order_by(EventRow.id)
    for event in [_event(row) for row in added]:
        after_commit(partial(bus.publish, event))


def read(
    *,
    since: int = 0,
    repo: str | None = None,
    task: str | None = None,
    worker: str | None = None,
    between: tuple[datetime, datetime] | None = None,
    limit: int | None = PAGE,
    newest: bool = False,
) -> list[Event]:
    """Return events with an id above *since*, oldest first.

    Args:
        since: Last id that the caller has.
        repo: Only of this repository.
        task: Only of this task key (with *repo*).
        worker: Only of this worker (with *repo*).
        between: Only of this stretch of time; its end is not part of it.
        limit: At most so many; None for all.
        newest: The last *limit* ones in place of the first.
    """
    query = EventRow.select().where(EventRow.id > since)
    if repo is not None:
        query = query.where(EventRow.repo_path == repo)
    if task is not None:
        query = query.where(EventRow.task_key == task)
    if worker is not None:
        query = query.where(EventRow.worker_name == worker)
    if between is not None:
        first, last = between
        query = query.where(EventRow.at_ms >= to_ms(first), EventRow.at_ms < to_ms(last))
    if newest:
        return [_event(row) for row in reversed(query.order_by(EventRow.id.desc()).limit(limit))]
    return [_event(row) for row in query.order_by(EventRow.id).limit(limit)]


def fact(repo: Repo, task: str, run: str, *, kind: str, name: str) -> str:
    """Return a text that the event *kind* of a run carries; empty without that event or text."""
    row = EventRow.get_or_none(
        EventRow.repo_path == str(repo.path),  # with the task: what the index is made of
        EventRow.task_key == task,
        EventRow.run_id == run,
        EventRow.kind == kind,
    )
    return "" if row is None else str(json.loads(row.data).get(name, ""))


def last_id() -> int:
    """Return the id of the newest event, 0 when there is none."""
    row: Sequence[int] | None = (
        EventRow.select(EventRow.id).order_by(EventRow.id.desc()).limit(1).tuples().first()
    )
    return row[0] if row else 0


def _event(row: EventRow) -> Event:
    return Event(
        id=row.id,
        at=from_ms(row.at_ms),
        kind=row.kind,
        repo=row.repo_path,
        task=row.task_key,
        worker=row.worker_name,
        run=row.run_id,
        actor=row.actor,
        data=json.loads(row.data),
    )
