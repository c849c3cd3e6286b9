"""What agents have used and what it cost."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from core.engine import workers
from core.errors import UsageError
from core.queue.usage import usage_report
from core.tasks import board

if TYPE_CHECKING:
    from core.domain.usage import UsageReport
    from core.engine.context import Engine


def usage(
    engine: Engine, *, day: str | None = None, task: str | None = None, worker: str | None = None
) -> UsageReport:
    """Return tokens and cost of the runs of a day (UTC), a task, a worker, or of all.

    Raises:
        UsageError: *day* is no date such as 2026-05-01.
        NotFound: There is no such task or worker.
    """
    chosen = _day(day) if day else None
    if chosen is not None and chosen > engine.now().date():
        raise UsageError(f"{chosen} lies ahead.", hint="The day is one in UTC.")
    key = board.get_task(engine.repo, task).key if task else None
    name = workers.get(engine, worker).name if worker else None
    return usage_report(engine.repo, task=key, worker=name, day=chosen)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no day.", hint="Write it as 2026-05-01.") from None
