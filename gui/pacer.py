"""How often the matrix is computed anew: soon after a change, and never twice at once."""

from typing import Final

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

INTERVAL_MS: Final = 2_000
SETTLE_MS: Final = 250
"""Changes come in bursts; the first of them waits for the others."""


class Pacer(QObject):
    """Turns any number of requests into few: at most one per interval, one at a time.

    Signals:
        due: begin now; say `begin` and `end` around the work.
    """

    due = Signal()

    def __init__(self, parent: QObject | None = None, interval_ms: int = INTERVAL_MS) -> None:
        super().__init__(parent)
        self.interval_ms = interval_ms
        self._since = QElapsedTimer()
        self._is_running = False
        self._asked_again = False
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.due)

    def ask(self) -> None:
        """Something has changed."""
        if self._is_running:
            self._asked_again = True
        elif not self._timer.isActive():
            self._timer.start(self._pause_ms())

    def begin(self) -> bool:
        """Note that the work begins; False when it runs already, and then it will run again."""
        if self._is_running:
            self._asked_again = True
            return False
        self._timer.stop()
        self._is_running = True
        self._asked_again = False
        self._since.start()
        return True

    def end(self) -> None:
        """Note that the work is over."""
        self._is_running = False
        if self._asked_again:
            self._asked_again = False
            self.ask()

    def stop(self) -> None:
        """Forget what was asked."""
        self._timer.stop()
        self._asked_again = False

    @property
    def is_waiting(self) -> bool:
        """Whether the work will begin after a pause."""
        return self._timer.isActive()

    @property
    def is_running(self) -> bool:
        """Whether the work is under way."""
        return self._is_running

    def _pause_ms(self) -> int:
        if not self._since.isValid():
            return min(SETTLE_MS, self.interval_ms)
        left = self.interval_ms - self._since.elapsed()
        return max(left, min(SETTLE_MS, self.interval_ms))
