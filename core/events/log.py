"""Write the audit trail, and read it back.

Kinds are dotted: `repo.registered`, `task.added`, `task.claimed`, `task.moved`, `run.started`,
`run.ended`, `worktree.ready`, `merge.landed`, `merge.undone`, … What a kind carries in `data`
is said where it is recorded.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from core.clock import from_ms, to_ms
from core.domain.event import Event
from core.domain.jsonable import jsonable
from core.events import bus
from core.store.link import in_transaction
from core.store.plain import add, add_all, select
from core.store.transactions import after_commit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from core.domain.repo import Repo

PAGE: Final = 1000
_ADD: Final = """\
INSERT INTO event (at_ms, kind, repo_path, task_key, worker_name, run_id, actor, data)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_READ: Final = """\
SELECT id, at_ms, kind, repo_path, task_key, worker_name, run_id, actor, data FROM event
"""
_DATA: Final = """\
SELECT data FROM event
WHERE repo_path = ? AND task_key = ? AND run_id = ? AND kind = ? ORDER BY id LIMIT 1
"""


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
    if not in_transaction():
        raise RuntimeError(f"event {kind} was recorded outside a transaction")
    text = _text(data)
    number = add(_ADD, to_ms(now), kind, repo, task, worker, run, actor, text)
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
    if not in_transaction():
        raise RuntimeError(f"events {kind} were recorded outside a transaction")
    after, at = last_id(), to_ms(now)
    rows = [(at, kind, repo, task, None, None, actor, _text(data)) for task, data in about]
    add_all(_ADD, rows)
    # The write lock is held: whatever is newer is of these.
    for row in select(f"{_READ} WHERE id > ? ORDER BY id", after):
        after_commit(partial(bus.publish, _event(row)))


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
    wanted: list[tuple[str, object]] = [("id > ?", since)]
    if repo is not None:
        wanted.append(("repo_path = ?", repo))
    if task is not None:
        wanted.append(("task_key = ?", task))
    if worker is not None:
        wanted.append(("worker_name = ?", worker))
    if between is not None:
        first, last = between
        wanted += [("at_ms >= ?", to_ms(first)), ("at_ms < ?", to_ms(last))]
    where = " AND ".join(condition for condition, _ in wanted)
    sql = f"{_READ} WHERE {where} ORDER BY id {'DESC' if newest else 'ASC'}"
    values = [value for _, value in wanted]
    rows = select(sql, *values) if limit is None else select(f"{sql} LIMIT ?", *values, limit)
    return [_event(row) for row in (reversed(rows) if newest else rows)]


def fact(repo: Repo, task: str, run: str, *, kind: str, name: str) -> str:
    """Return a text that the event *kind* of a run carries; empty without that event or text."""
    # By repository and task too: of these the index is made.
    rows = select(_DATA, str(repo.path), task, run, kind)
    return str(json.loads(rows[0][0]).get(name, "")) if rows else ""


def last_id() -> int:
    """Return the id of the newest event, 0 when there is none."""
    return int(select("SELECT coalesce(max(id), 0) FROM event")[0][0])


def _text(data: Mapping[str, object]) -> str:
    return json.dumps(jsonable(data), ensure_ascii=False, sort_keys=True)


def _event(row: tuple[Any, ...]) -> Event:
    number, at_ms, kind, repo, task, worker, run, actor, data = row
    return Event(number, from_ms(at_ms), kind, repo, task, worker, run, actor, json.loads(data))
