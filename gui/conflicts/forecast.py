"""Whom the backlog may meet: worked out after the matrix, beside it, for cards and hot files."""

from __future__ import annotations

import logging
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from core.errors import EngineError
from gui.async_slots import async_slot
from gui.conflicts.requests import predict
from gui.pacer import Pacer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.domain.conflict import ConflictMatrix
    from core.domain.prediction import Meeting
    from gui.engine_client import Client
    from gui.widgets.message_bar import MessageBar

INTERVAL_MS: Final = 5_000
MOST_LINES: Final = 3
logger = logging.getLogger(__name__)

Foreseen = MappingProxyType[str, tuple["Meeting", ...]]
NOTHING: Final[Foreseen] = MappingProxyType({})


class Forecast(QObject):
    """What is foreseen now.

    Signals:
        changed: `meetings` are other ones than before.
    """

    changed = Signal()

    def __init__(self, client: Client, message_bar: MessageBar, parent: QObject) -> None:
        super().__init__(parent)
        self.message_bar = message_bar
        self.meetings: Foreseen = NOTHING
        self._client = client
        self._matrix: ConflictMatrix | None = None
        self.pacer = Pacer(self, INTERVAL_MS)
        self.pacer.due.connect(self._on_due)

    def ask(self, matrix: ConflictMatrix) -> None:
        """Work it out anew, soon, from what the branches change now."""
        self._matrix = matrix
        self.pacer.ask()

    def in_file(self, path: str) -> tuple[str, ...]:
        """Return the tasks of the backlog that will most likely change *path*."""
        found = (key for key, met in self.meetings.items() for one in met if one.path == path)
        return tuple(dict.fromkeys(found))

    @async_slot("Look ahead")
    async def _on_due(self) -> None:
        if not self.pacer.begin():
            return
        try:
            found: Mapping[str, tuple[Meeting, ...]] = await self._client.do(predict, self._matrix)
        except EngineError as error:
            logger.warning("Nothing is foreseen: %s", error)  # the matrix tells the same trouble
        else:
            if found != self.meetings:
                self.meetings = MappingProxyType(dict(found))
                self.changed.emit()
        finally:
            self.pacer.end()


def card_lines(meetings: Foreseen) -> dict[str, tuple[str, ...]]:
    """Return for each task its few surest meetings in words."""
    return {key: tuple(one.sentence for one in met[:MOST_LINES]) for key, met in meetings.items()}
