"""The windows that are measured, each in a process of its own: `python window_process.py WHAT`.

| what | prints as JSON |
| --- | --- |
| bare | `painted`: monotonic time at the first paint of an empty QMainWindow |
| weft | the same of Weft's own window |
| board N | seconds to show N cards, to lay all of them out and to move one; bytes of the view |
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
from typing_extensions import override

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from core.domain.overview import BoardView
    from core.domain.task import Task
    from gui.board.page import BoardPage

MOVES = 7
QUIET_TURNS = 50


def bare() -> None:
    """Show the least window that Qt has."""

    class Bare(QMainWindow):
        @override
        def paintEvent(self, event: QPaintEvent) -> None:
            super().paintEvent(event)
            QTimer.singleShot(0, app.quit)
            painted.append(time.monotonic())

    painted: list[float] = []
    app = QApplication(sys.argv[:1])
    window = Bare()
    window.resize(1280, 800)
    window.show()
    app.exec()
    tell(painted=painted[0])


def weft() -> None:
    """Show Weft's window as its command does, up to the first frame."""
    from gui.app import make_application
    from gui.main_window import MainWindow

    painted: list[float] = []
    app = make_application()
    window = MainWindow()
    window.painted.connect(lambda: painted.append(time.monotonic()))
    window.painted.connect(app.quit)
    window.show()
    app.exec()
    tell(painted=painted[0])


def board(count: int) -> None:
    """Show *count* cards, then move one from column to column."""
    import psutil
    from PySide6.QtWidgets import QWidget

    from core.domain.task import TaskStatus
    from gui.app import make_application
    from gui.board.cards import make_cards
    from gui.board.page import BoardPage
    from gui.navigation import Navigation
    from gui.task_drag import DragSession
    from gui.widgets.message_bar import MessageBar
    from tests.gui.recording_client import RecordingClient

    app = make_application()
    page = BoardPage(RecordingClient(), MessageBar(), Navigation(), DragSession(), QWidget())
    page.resize(1280, 800)
    page.show()
    page.grab()
    tasks = many_tasks(count)
    view = board_of(tasks)
    cards = make_cards(view, {})
    process = psutil.Process()
    before = process.memory_info().rss
    began = time.perf_counter()
    page.show_board(view, cards)
    paint(app, page)
    shown = time.perf_counter() - began
    settle(app, page)
    settled = time.perf_counter() - began
    used = process.memory_info().rss - before
    moves = []
    for number in range(MOVES):
        status = TaskStatus.CLAIMED if number % 2 == 0 else TaskStatus.BACKLOG
        moved = board_of((replace(tasks[0], status=status), *tasks[1:]))
        cards = make_cards(moved, {})
        began = time.perf_counter()
        page.show_board(moved, cards)
        paint(app, page)
        moves.append(time.perf_counter() - began)
        settle(app, page)
    tell(shown=shown, settled=settled, used=used, moved=statistics.median(moves))
    page.close()
    app.processEvents()


def paint(app: QApplication, page: BoardPage) -> None:
    """Paint the page, each column with a card on top."""
    tops = [column.view for column in page.columns.values()]
    while not all(view.indexAt(QPoint(40, 10)).isValid() for view in tops):
        app.processEvents()
    page.grab()


def settle(app: QApplication, page: BoardPage) -> None:
    """Let the lists, which lay their cards out in batches, come to an end."""
    quiet, seen = 0, None
    while quiet < QUIET_TURNS:
        app.processEvents()
        now = [column.view.verticalScrollBar().maximum() for column in page.columns.values()]
        quiet, seen = (quiet + 1 if now == seen else 0), now


def many_tasks(count: int) -> tuple[Task, ...]:
    """Return *count* tasks over all columns, half of them in the backlog."""
    from core.domain.task import TaskStatus
    from tests.gui.fakes import make_task

    columns = (TaskStatus.BACKLOG, *list(TaskStatus)[1:], *[TaskStatus.BACKLOG] * 3)
    return tuple(
        make_task(
            f"task-{number}",
            f"Task {number} with a title of ordinary length{' and some more' * (number % 3)}",
            columns[number % len(columns)],
            worker=f"agent-{number % 9}",
            files=(f"src/module{number}.py",),
        )
        for number in range(count)
    )


def board_of(tasks: tuple[Task, ...]) -> BoardView:
    """Return the board of *tasks*."""
    from tests.gui.fakes import sample_board

    return sample_board(tasks=tasks, runs=(), waiting=())


def tell(**figures: float) -> None:
    """Print what was measured."""
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["board", count]:
            board(int(count))
        case [what]:
            {"bare": bare, "weft": weft}[what]()
