"""How long what runs said is kept on disk; the events and the run's row stay for good."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from core.clock import to_ms
from core.dispatch.live import LIVE_VALUES
from core.paths import remove_folder, run_folder, runs_folder
from core.store.schema import RunRow, as_tuples, in_chunks

if TYPE_CHECKING:
    from datetime import datetime

logger = logging.getLogger(__name__)
_NEVER: Final = timedelta(0)


def prune_transcripts(*, now: datetime, keep: timedelta) -> int:
    """Remove the folders of runs that ended longer than *keep* ago; return how many went.

    A folder that no ended run of this database explains is left alone. Zero keeps everything.
    """
    folder = runs_folder()
    if keep <= _NEVER or not folder.is_dir():
        return 0
    there = sorted(entry.name for entry in folder.iterdir() if entry.is_dir())
    removed = 0
    for names in in_chunks(there):
        query = RunRow.select(RunRow.id).where(
            RunRow.id.in_(names),
            RunRow.status.not_in(LIVE_VALUES),
            RunRow.ended_ms < to_ms(now - keep),
        )
        for (run_id,) in as_tuples(query):
            removed += _remove(run_id)
    return removed


def _remove(run_id: str) -> bool:
    try:
        remove_folder(run_folder(run_id))
    except OSError as error:
        logger.warning("What %s said could not be removed: %s", run_id, error)
        return False
    return True
