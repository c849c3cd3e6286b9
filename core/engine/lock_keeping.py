"""What the leader does about locks: end what is over, mirror them, tell what waits for what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from core.engine import overview
from core.engine.locking import mirror_locks
from core.engine.stacking import look_at_stacks
from core.events import log
from core.locks import leases
from core.queue.waiting import note_waits

if TYPE_CHECKING:
    from datetime import datetime

    from core.engine.context import Engine

EVERY: Final = timedelta(seconds=30)
"""How often it is looked what waits when nothing has happened: memory may be free again."""


@dataclass(slots=True)
class LockKeeping:
    """Keeps in mind when it looked last; one for each process that runs the loops."""

    event: int = -1
    at: datetime | None = None

    async def keep(self, engine: Engine) -> None:
        """Do what is due; reads the board only when something happened.

        Raises:
            EngineError: A setting or the database cannot be read.
        """
        now = engine.now()
        leases.clean_expired(engine.repo, now=now)
        mirror_locks(engine)
        newest = log.last_id()
        if newest == self.event and self.at is not None and timedelta() <= now - self.at < EVERY:
            return
        await look_at_stacks(engine)
        note_waits(engine.repo, overview.board(engine).waiting, now=now)
        self.event, self.at = log.last_id(), now
