"""A card on its way: what is dragged, and what dropping it on a place would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QByteArray, QMimeData, QObject, Signal

if TYPE_CHECKING:
    from core.domain.overview import BoardView
    from core.domain.task import Task

MIME_TASK: Final = "application/x-weft-task"


@dataclass(frozen=True, slots=True)
class DropAnswer:
    """What a place says to a card over it; *worker* is who would take it, if anybody."""

    accepts: bool
    words: str
    worker: str | None = None


class DragSession(QObject):
    """The one drag under way, so that every place can say at once whether it would take it.

    Signals:
        started: (Task) a card has been lifted.
        ended: it was dropped, or put back.
    """

    started = Signal(object)
    ended = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.task: Task | None = None

    def begin(self, task: Task) -> None:
        """Tell all places that *task* has been lifted."""
        self.task = task
        self.started.emit(task)

    def held(self, view: BoardView) -> Task | None:
        """Return the lifted card as *view* has it: others may have taken it meanwhile."""
        if self.task is not None:
            key = self.task.key
            self.task = next((task for task in view.tasks if task.key == key), self.task)
        return self.task

    def end(self) -> None:
        """Tell all places that the drag is over; safe to call twice."""
        if self.task is not None:
            self.task = None
            self.ended.emit()


def task_mime(key: str) -> QMimeData:
    """Return what a dragged card carries: its key, for Weft and as text for other programs."""
    mime = QMimeData()
    mime.setData(MIME_TASK, QByteArray(key.encode()))
    mime.setText(key)
    return mime


def dragged_key(mime: QMimeData) -> str | None:
    """Return the key that *mime* carries, or None when it is no card of Weft's."""
    if not mime.hasFormat(MIME_TASK):
        return None
    return bytes(mime.data(MIME_TASK).data()).decode()
