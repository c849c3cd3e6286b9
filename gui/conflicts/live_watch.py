"""Has the engine watch the worktrees while somebody looks, and hands on what moves."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.errors import EngineError
from gui.async_slots import start
from gui.conflicts.requests import follow_matrix

if TYPE_CHECKING:
    import asyncio

    from core.domain.conflict import ConflictMatrix
    from gui.engine_client import Client
    from gui.widgets.message_bar import MessageBar

logger = logging.getLogger(__name__)


class LiveWatch(QObject):
    """At most one watching at a time, of the branches of one matrix.

    Signals:
        moved: (ConflictMatrix) as it is now; delivered on the window's thread.
    """

    moved = Signal(object)

    def __init__(self, client: Client, message_bar: MessageBar, parent: QObject) -> None:
        super().__init__(parent)
        self.message_bar = message_bar
        self._client = client
        self._watching: asyncio.Task[None] | None = None
        self._of: object = None

    @property
    def is_watching(self) -> bool:
        """Whether changes are told as they happen."""
        return self._watching is not None and not self._watching.done()

    def watch(self, matrix: ConflictMatrix) -> None:
        """Watch the branches of *matrix*; those that are watched already go on."""
        wanted = branches_of(matrix)
        if self.is_watching and wanted == self._of:
            return
        self.stop()
        if matrix.branches:
            self._of = wanted
            self._watching = start(self, "Watch the worktrees", self._follow())

    def stop(self) -> None:
        """Watch nothing."""
        if self._watching is not None:
            self._watching.cancel()
        self._watching, self._of = None, None

    def is_of(self, matrix: ConflictMatrix) -> bool:
        """Whether *matrix* is of the branches that are watched: what comes late is not."""
        return branches_of(matrix) == self._of

    async def _follow(self) -> None:
        try:
            await self._client.do(follow_matrix, tell=self.moved.emit)
        except EngineError as error:
            # Whoever shows the matrix computes it from time to time, and tells of trouble then.
            logger.warning("The worktrees are not watched: %s", error)


def branches_of(matrix: ConflictMatrix) -> object:
    """Return what tells the branches of one matrix from those of another."""
    return matrix.base, matrix.mode, tuple((one.task, one.branch) for one in matrix.branches)
