"""Seal the audit trail in hash-chained blocks, and find what was altered since.

A block's digest covers every field of its events in order, and the digest of the block before
it. One process seals (the leader of the loops), so writers of events never wait for each other.
What is newer than the last block is not sealed yet. The chain shows alterations by whoever cannot
also rewrite the blocks; it is no proof against the owner of the file.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.clock import to_ms
from core.store.schema import EventRow, SealRow, as_tuples
from core.store.transactions import transaction

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

BLOCK: Final = 5000
"""Events of one block at most: one block is read into memory at a time."""
_START: Final = ""
_FIELDS: Final = (
    EventRow.id,
    EventRow.at_ms,
    EventRow.kind,
    EventRow.repo_path,
    EventRow.task_key,
    EventRow.worker_name,
    EventRow.run_id,
    EventRow.actor,
    EventRow.data,
)


@dataclass(frozen=True, slots=True)
class Altered:
    """A block that no longer fits: what was found, in one sentence."""

    first: int
    last: int
    sentence: str


def seal(now: datetime) -> int:
    """Seal every event that is not sealed yet; return how many blocks were made."""
    made = 0
    while True:
        with transaction():
            newest = SealRow.select().order_by(SealRow.id.desc()).first()
            after = newest.last_event if newest else 0
            rows = _events(after, None)
            if not rows:
                return made
            previous = newest.digest if newest else _START
            SealRow.create(
                first_event=rows[0][0],
                last_event=rows[-1][0],
                previous=previous,
                digest=_digest(previous, rows),
                at_ms=to_ms(now),
            )
        made += 1
        if len(rows) < BLOCK:
            return made


def verify() -> Altered | None:
    """Return the first block that was altered, or None when the whole chain holds."""
    previous, after = _START, 0
    for block in list(SealRow.select().order_by(SealRow.id)):
        if block.previous != previous:
            return _altered(block, "does not follow the one before it: a block was removed")
        rows = _events(after, block.last_event)
        if not rows or (rows[0][0], rows[-1][0]) != (block.first_event, block.last_event):
            return _altered(block, "misses its first or its last event")
        if _digest(previous, rows) != block.digest:
            return _altered(block, "holds an event that was changed, added or removed")
        previous, after = block.digest, block.last_event
    return None


def sealed_up_to() -> int:
    """Return the id of the last event that is sealed, 0 for none."""
    newest = SealRow.select(SealRow.last_event).order_by(SealRow.id.desc()).first()
    return int(newest.last_event) if newest else 0


def _events(after: int, up_to: int | None) -> list[tuple[object, ...]]:
    query = EventRow.select(*_FIELDS).where(EventRow.id > after).order_by(EventRow.id)
    if up_to is None:
        return as_tuples(query.limit(BLOCK))
    return as_tuples(query.where(EventRow.id <= up_to))


def _digest(previous: str, rows: Iterable[tuple[object, ...]]) -> str:
    found = hashlib.sha256(previous.encode())
    for row in rows:
        found.update(json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        found.update(b"\n")
    return found.hexdigest()


def _altered(block: SealRow, what: str) -> Altered:
    return Altered(
        block.first_event,
        block.last_event,
        f"The audit trail was altered: the block of events {block.first_event} to"
        f" {block.last_event} {what}.",
    )
