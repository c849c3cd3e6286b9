"""A beat in the window's loop: how late it comes is how long the loop was held up.

Each block is told by the clock, by the processor time of the window's own thread, and by that of
the whole process: what only the clock shows is the machine's load, or the wait for another thread.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Final, NamedTuple

from PySide6.QtCore import QObject, Qt, QTimer

BEAT_MS: Final = 5
LOOK_S: Final = 0.004
LATE_S: Final = 0.02
"""From here on it is looked at what the thread does."""
OURS: Final = Path(__file__).parents[2]
DEEPEST: Final = 4
"""So many calls of ours are told of a block, the innermost first."""


class Block(NamedTuple):
    """One stretch in which no event came through.

    Attributes:
        wall: Seconds by the clock.
        own: Seconds of processor time of the window's thread.
        whole: The same of the whole process.
        where: What the thread was seen at, the most frequent first.
    """

    wall: float
    own: float
    whole: float
    where: tuple[str, ...]


class Beat(QObject):
    """Notes how much later than due each beat comes, and the longest block of each phase.

    The longest is the one that took most of the thread's own time: the clock alone would choose
    one in which another process ran.
    """

    def __init__(self) -> None:
        super().__init__()
        self.phase = ""
        self.late: defaultdict[str, list[float]] = defaultdict(list)
        self.longest: dict[str, Block] = {}
        self.quiet = 0
        self._due = self._own = self._whole = 0.0
        self._seen: Counter[str] = Counter()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_beat)
        self._ended = threading.Event()
        """Never set: a process that is measured ends with its measuring."""

    def begin(self, phase: str) -> None:
        """Note in *phase* from now on."""
        self.phase = phase
        self.quiet = 0
        self._again()

    def look(self) -> None:
        """Let a thread look at what the window's does while the beat is late."""
        own = threading.get_ident()
        threading.Thread(target=self._watch, args=(own,), daemon=True).start()

    def _again(self) -> None:
        self._seen = Counter()
        self._own, self._whole = time.thread_time(), time.process_time()
        self._due = time.perf_counter() + BEAT_MS / 1e3
        self._timer.start(BEAT_MS)

    def _on_beat(self) -> None:
        late = max(0.0, time.perf_counter() - self._due)
        self.late[self.phase].append(late)
        self.quiet = self.quiet + 1 if late < 2 * BEAT_MS / 1e3 else 0
        own, whole = time.thread_time() - self._own, time.process_time() - self._whole
        known = self.longest.get(self.phase)
        if known is None or own > known.own:
            seen = tuple(f"{count}: {at}" for at, count in self._seen.most_common(3))
            self.longest[self.phase] = Block(late, own, whole, seen)
        self._again()

    def _watch(self, thread: int) -> None:
        while not self._ended.wait(LOOK_S):
            if time.perf_counter() - self._due > LATE_S:
                self._seen[_calls_of(thread)] += 1


def _calls_of(thread: int) -> str:
    frame = sys._current_frames().get(thread)
    calls: list[str] = []
    while frame is not None and len(calls) < DEEPEST:
        file = Path(frame.f_code.co_filename)
        if OURS in file.parents and ".venv" not in file.parts:
            name = frame.f_code.co_name
            calls.append(f"{file.relative_to(OURS)}:{frame.f_lineno} {name}")
        frame = frame.f_back
    return " < ".join(calls)
