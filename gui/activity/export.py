"""Write what the activity page shows into a file: CSV, which every spreadsheet reads."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from core.domain.jsonable import jsonable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.domain.event import Event
    from core.domain.figures import Span

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def events_csv(events: Sequence[Event]) -> str:
    """Return events as CSV, the oldest first."""
    head = ("id", "at", "kind", "task", "worker", "run", "actor", "data")
    rows = [
        (
            event.id,
            jsonable(event.at),
            event.kind,
            event.task,
            event.worker,
            event.run,
            event.actor,
            json.dumps(jsonable(event.data), ensure_ascii=False, sort_keys=True),
        )
        for event in events
    ]
    return _csv(head, rows)


def spans_csv(spans: Sequence[Span]) -> str:
    """Return stretches of work as CSV."""
    head = ("started_at", "ended_at", "worker", "task", "outcome", "run", "stage")
    rows = [
        (
            jsonable(span.started_at),
            jsonable(span.ended_at),
            span.worker,
            span.task,
            span.outcome,
            span.run,
            span.stage,
        )
        for span in spans
    ]
    return _csv(head, rows)


def _csv(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return out.getvalue()


def _safe(cell: object) -> object:
    """Keep other people's words from being run as a formula by the spreadsheet."""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return "" if cell is None else cell
