"""The real window over agents that flood it: how late its loop comes to what is due.

Usage: flooded_window.py REPO RUN STOP SHOT. Prints `ready` once the transcript of RUN is open, and
once the file STOP is there, as JSON, what a beat every 5 ms has found in each phase: `following`
the end, and `using` it (scrolling, filtering, searching, copying). SHOT is a picture of the end.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer

from gui.app import make_application
from gui.main_window import MainWindow
from gui.workers.transcript_panel import TranscriptPanel
from gui.workers.transcript_text import Shown
from tests.benchmarks.beat import Beat

if TYPE_CHECKING:
    from collections.abc import Callable

LOOK_MS: Final = 100
PHASE_S: Final = 12.0
"""How long it only follows before it is used; the agents talk longer than twice this."""
ACT_MS: Final = 700


class Watcher(QObject):
    """Opens the transcript, uses it, and ends the window when that is wanted."""

    def __init__(self, window: MainWindow, run: str, stop: Path, shot: Path) -> None:
        super().__init__(window)
        self.beat = Beat()
        self.panel: TranscriptPanel | None = None
        self._window = window
        self._run = run
        self._stop = stop
        self._shot = shot
        self._acts: list[Callable[[], object]] = []
        self._act_timer = self._every(ACT_MS, self._act)
        self._act_timer.stop()
        self._look_timer = self._every(LOOK_MS, self._look)

    def _every(self, pause_ms: int, act: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.timeout.connect(act)
        timer.start(pause_ms)
        return timer

    def _look(self) -> None:
        if self.panel is None:
            self._open()
        elif self._stop.exists():
            self._show_the_end(self.panel)

    def _show_the_end(self, panel: TranscriptPanel) -> None:
        """Leave once the last line is in sight."""
        if self._act_timer.isActive():
            self._act_timer.stop()
            self.beat.begin("")
            panel.shown.chosen.emit(list(Shown).index(Shown.ALL))
        panel.text.go_to_end()
        if "took" in panel.text.document().lastBlock().text():
            self._window.grab().save(str(self._shot))
            self._look_timer.stop()  # the panel goes with the window
            self._window.leave()

    def _open(self) -> None:
        from gui.workspace import Workspace

        workspace = self._window.findChild(Workspace)
        view = None if workspace is None else workspace.feed.view
        if workspace is None or view is None or workspace.activity is None:
            return  # until the pages are made, as they are by the time that a person clicks
        run = next((run for run in view.runs if run.id == self._run), None)
        if run is None or run.pid is None:
            return
        workspace.panels.open_run(run)
        self._begin()

    def _begin(self) -> None:
        panel = self._window.drawer.content()
        assert isinstance(panel, TranscriptPanel)
        self.panel = panel
        text, shown = panel.text, panel.shown
        self._acts = [
            lambda: text.verticalScrollBar().setValue(text.verticalScrollBar().maximum() // 2),
            lambda: panel.search.setText("line 1"),
            panel.find_next,
            lambda: panel.find_next(backwards=True),
            lambda: shown.chosen.emit(list(Shown).index(Shown.WORDS)),
            lambda: shown.chosen.emit(list(Shown).index(Shown.OUTPUT)),
            lambda: shown.chosen.emit(list(Shown).index(Shown.ALL)),
            panel.copy_all,
            text.go_to_end,
        ]
        self.beat.begin("following")
        QTimer.singleShot(round(PHASE_S * 1e3), self, self._use)
        tell("ready")

    def _use(self) -> None:
        self.beat.begin("using")
        self._act_timer.start()

    def _act(self) -> None:
        act = self._acts.pop(0)
        self._acts.append(act)
        act()


def tell(text: str) -> None:
    """Print one line for the benchmark."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(repo: str, run: str, stop: str, shot: str) -> None:
    app = make_application()
    window = MainWindow()
    window.resize(1280, 800)
    window.show()
    from gui.startup import live

    watcher = Watcher(window, run, Path(stop), Path(shot))
    live(app, window, Path(repo), demo=False)
    tell(json.dumps(watcher.beat.late))


if __name__ == "__main__":
    main(*sys.argv[1:])
