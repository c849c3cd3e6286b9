"""What the leader does once a minute: seal the trail, write the logs, drop old transcripts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from core.dispatch.retention import prune_transcripts
from core.engine import figures
from core.metrics.seal import seal

if TYPE_CHECKING:
    from datetime import date, datetime

    from core.engine.context import Engine

EVERY: Final = timedelta(minutes=1)


@dataclass(slots=True)
class Housekeeping:
    """Keeps in mind when it was last done; one for each process that runs the loops."""

    last: datetime | None = None
    logged: date | None = None

    def tidy(self, engine: Engine) -> bool:
        """Do what is due; return whether it was.

        With `log_dir` set, the logs of a day are written once it is over, and at the first look
        of a process: then those of the day before.

        Raises:
            EngineError: A log cannot be written; the trail is sealed all the same.
        """
        now = engine.now()
        if self.last is not None and timedelta(0) <= now - self.last < EVERY:
            return False
        self.last = now
        seal(now)
        keep = timedelta(days=engine.settings().whole("keep_transcripts_days"))
        prune_transcripts(now=now, keep=keep)
        yesterday = now.date() - timedelta(days=1)
        if engine.settings().text("log_dir") and self.logged != yesterday:
            self.logged = yesterday
            figures.report(engine, day=yesterday.isoformat(), write=True)
        return True
