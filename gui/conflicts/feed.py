"""Computes the matrix after changes, one at a time, and tells whoever shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from core.errors import EngineError
from gui.async_slots import async_slot
from gui.conflicts.facts import BoardFacts, MatrixFacts
from gui.conflicts.live_watch import LiveWatch
from gui.conflicts.requests import compute_matrix
from gui.engine_work import EngineWork
from gui.error_report import show_error
from gui.pacer import INTERVAL_MS, Pacer

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from core.domain.conflict import ConflictMatrix
    from core.domain.overview import BoardView
    from gui.engine_client import Client
    from gui.widgets.message_bar import MessageBar

OPERATION: Final = "Check conflicts"
STAGES: Final = {
    "snapshots": "Taking snapshots of the worktrees",
    "base": "Merging every branch with the base",
    "pairs": "Merging every pair",
}


class ConflictsFeed(QObject):
    """The matrix as it is now.

    Signals:
        begun: (asked for by a person, or the first one) a computation is under way.
        stepped: (what it does now, step, of how many).
        ended: the computation is over, however it ended.
        changed: `facts` and `board` are other ones than before.
        confirmed: computed anew, and nothing of what is shown has changed.
        failed: (sentence) there is nothing to show, and why.
    """

    begun = Signal(bool)
    stepped = Signal(str, int, int)
    ended = Signal()
    changed = Signal()
    confirmed = Signal()
    failed = Signal(str)

    def __init__(self, client: Client, message_bar: MessageBar, parent: QObject) -> None:
        super().__init__(parent)
        self.message_bar = message_bar
        self.facts: MatrixFacts | None = None
        self.board = BoardFacts()
        self._client = client
        self._last_error = ""
        self._work = EngineWork(self)
        self._work.stepped.connect(self._on_step)
        self.pacer = Pacer(self, INTERVAL_MS)
        self.pacer.due.connect(self._on_due)
        self.live = LiveWatch(client, message_bar, self)
        self.live.moved.connect(self._on_moved)
        self._is_in_sight = False

    def be_in_sight(self, in_sight: bool) -> None:
        """While somebody looks the worktrees are watched; else events alone make it compute."""
        self._is_in_sight = in_sight
        if in_sight:
            self.ask()
        else:
            self.live.stop()

    def look(self) -> None:
        """Compute soon, unless changes are told as they happen."""
        if not self.live.is_watching:
            self.ask()

    def ask(self) -> None:
        """Something may have changed: compute soon, but not more often than is of use."""
        self.pacer.ask()

    async def compute(self, *, fresh: bool = False, by_person: bool = False) -> None:
        """Compute now; when that is under way already, once more after it."""
        if not self.pacer.begin():
            return
        self.begun.emit(by_person or self.facts is None)
        try:
            asked: Awaitable[tuple[ConflictMatrix, BoardView]] = self._client.do(
                compute_matrix, fresh=fresh, progress=self._work.report
            )
            answer = await self._work.run(asked)
        except EngineError as error:
            self._take_failure(error, by_person=by_person)
        else:
            self._last_error = ""
            if answer is None:
                self.failed.emit("Called off. Re-check begins anew.")
            else:
                self._take(answer[0], BoardFacts.of(answer[1]))
        finally:
            self.pacer.end()
            self.ended.emit()

    def cancel(self) -> None:
        """End the computation that is under way."""
        self._work.cancel()

    @async_slot(OPERATION)
    async def _on_due(self) -> None:
        await self.compute()

    def _on_step(self, stage: str, step: int, steps: int) -> None:
        words = STAGES.get(stage, stage)
        self.stepped.emit(f"{words}: {step} of {steps}" if steps else words, step, steps)

    def _on_moved(self, matrix: ConflictMatrix) -> None:
        if self._is_in_sight and self.live.is_of(matrix):
            self._take(matrix, self.board)

    def _take(self, matrix: ConflictMatrix, board: BoardFacts) -> None:
        if self._is_in_sight:
            self.live.watch(matrix)
        before = self.facts
        self.facts = MatrixFacts(matrix)
        is_same = before is not None and before.shows_the_same(self.facts) and board == self.board
        self.board = board
        if is_same:
            self.confirmed.emit()
        else:
            self.changed.emit()

    def _take_failure(self, error: EngineError, *, by_person: bool) -> None:
        """Say what went wrong; the same trouble of every round in the background only once."""
        if by_person or str(error) != self._last_error:
            show_error(self.message_bar, OPERATION, error)
        self._last_error = str(error)
        self.failed.emit(f"{error} {error.hint}".strip())
