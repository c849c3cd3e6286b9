"""A full disk: the run is held until there is room again, and nothing that was said is lost."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from typing import TYPE_CHECKING, Final

from core.paths import database_file, weft_home
from core.runner.standing import DISK

if TYPE_CHECKING:
    from core.runner.speech import Speech
    from core.runner.standing import Standing
    from core.runner.tally import Tally

logger = logging.getLogger(__name__)
_LOOK_S: Final = 1.0
_SOON_S: Final = 0.2
_LEAST: Final = 512 * 1024
"""Bytes that SQLite needs for its log and its table of it."""
_REASON: Final = "The disk is full: it goes on when there is room."


class DiskRoom:
    """Watches whether what a run says can be kept; holds its processes while it cannot."""

    def __init__(self, speech: Speech, standing: Standing, tally: Tally) -> None:
        self._speech = speech
        self._standing = standing
        self._tally = tally
        self._looked = 0.0
        self._holds = False

    def look(self) -> None:
        """Hold the run when the disk has become full; let it go on when there is room."""
        if not self._holds and self._speech.is_kept:
            return
        if not self._holds:
            self._holds = True
            self._tally.facts.reason = _REASON
            self._standing.hold(DISK)
            logger.warning("the disk is full; the run is held")
        if time.monotonic() - self._looked < _LOOK_S:
            return
        self._looked = time.monotonic()
        if self._speech.keep() and has_room():
            self._holds = False
            self._tally.facts.reason = ""
            self._standing.let_go(DISK)
            self._speech.tell("state", "The disk was full; the run was held until there was room.")


async def until_kept(speech: Speech) -> None:
    """Return once the transcript holds all that was said: meanwhile the agent waits at its pipe."""
    while True:
        await asyncio.sleep(_SOON_S)
        if speech.is_kept:
            return


async def until_room() -> None:
    """Return once there is room on the disk."""
    while True:
        await asyncio.sleep(_LOOK_S)
        if has_room():
            return


def has_room(least: int = _LEAST) -> bool:
    """Whether database and transcripts have room for at least *least* bytes."""
    folders = (weft_home(), database_file().parent)
    return all(shutil.disk_usage(folder).free >= least for folder in folders)
