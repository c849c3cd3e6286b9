"""Long work in place: what it does now, for how long, how far it is, and the way out."""

from PySide6.QtCore import QElapsedTimer, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gui.theme.tokens import Space
from gui.widgets.button import ButtonKind, make_button
from gui.widgets.label import ElidedLabel, make_label
from gui.widgets.progress_line import ProgressLine

PATIENCE_MS = 150
"""Work that is over sooner leaves no trace on the screen."""
TICK_MS = 1000
MINUTE_S = 60


class WorkLine(QWidget):
    """A line of progress with its words; hidden unless work is under way.

    Signals:
        cancelled: the person pressed Cancel; whoever does the work ends it.
    """

    cancelled = Signal()

    def __init__(self, name: str, *, can_cancel: bool = True) -> None:
        """Make a line; *can_cancel* False is for places that have their own Cancel."""
        super().__init__()
        self._clock = QElapsedTimer()
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self.show)
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self._show_elapsed)
        self._text = ElidedLabel(role="muted")
        self._elapsed = make_label(role="meta")
        self.cancel_button = make_button(
            "Cancel", ButtonKind.GHOST, small=True, on_click=self.cancelled.emit
        )
        self.cancel_button.setAccessibleName(f"Cancel: {name}")
        self.cancel_button.setVisible(can_cancel)
        self._progress = ProgressLine(name)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self._text, 1)
        row.addWidget(self._elapsed)
        row.addWidget(self.cancel_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        column.addLayout(row)
        column.addWidget(self._progress)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        self.hide()

    def begin(self, text: str, *, at_once: bool = False) -> None:
        """Start the clock; the line appears when the work takes longer than a blink."""
        self._clock.start()
        self._progress.set_fraction(0.0)
        self._say(text)
        self._show_elapsed()
        self.cancel_button.setEnabled(True)
        self._tick.start()
        if at_once:
            self.show()
        elif not self.isVisible():
            self._patience.start()

    def show_step(self, text: str, step: int, steps: int) -> None:
        """Say what is being done now; *steps* 0 is 'nobody knows how many'."""
        self._say(text)
        self._progress.set_fraction(step / steps if steps > 0 else 0.0)

    def say_ending(self, text: str) -> None:
        """Say that Cancel was heard."""
        self._say(text)
        self.cancel_button.setEnabled(False)

    def end(self) -> None:
        """Take the line away."""
        self._patience.stop()
        self._tick.stop()
        self.hide()

    def text(self) -> str:
        """Return what it says it does."""
        return self._text.text()

    def fraction(self) -> float:
        """Return how far it says it is, 0 to 1."""
        return self._progress.fraction()

    def _say(self, text: str) -> None:
        self._text.setText(text)
        self.setAccessibleDescription(text)

    def _show_elapsed(self) -> None:
        self._elapsed.setText(elapsed_words(self._clock.elapsed() // 1000))


def elapsed_words(seconds: int) -> str:
    """Return a length of time as `12 s` or `3 min 5 s`."""
    if seconds < MINUTE_S:
        return f"{seconds} s"
    return f"{seconds // MINUTE_S} min {seconds % MINUTE_S} s"
