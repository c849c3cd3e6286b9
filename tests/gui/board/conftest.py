from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.domain.task import TaskStatus
from gui.board.cards import make_cards
from gui.board.page import BoardPage
from gui.navigation import Navigation
from gui.task_drag import DragSession
from gui.theme.theme import theme
from gui.widgets.message_bar import MessageBar
from gui.workers.strip import WorkerStrip
from tests.gui.fakes import sample_board
from tests.gui.recording_client import RecordingClient

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot
    from qasync import QEventLoop


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> None:
    theme().choose("light")
    theme().apply(qapp)


@pytest.fixture
def client() -> RecordingClient:
    names = ("move_task", "reorder_task", "task_remove", "assign")
    return RecordingClient(answers=dict.fromkeys(names))


@pytest.fixture
def strip(qtbot: QtBot) -> WorkerStrip:
    made = WorkerStrip(DragSession())
    qtbot.addWidget(made)
    return made


@pytest.fixture
def page(
    qtbot: QtBot, qt_loop: QEventLoop, client: RecordingClient, strip: WorkerStrip
) -> BoardPage:
    """The board of the pictures, shown."""
    bar = MessageBar()
    qtbot.addWidget(bar)
    made = BoardPage(client, bar, Navigation(), strip.session, strip)
    strip.dropped.connect(made.assign)
    qtbot.addWidget(made)
    made.resize(1200, 760)
    view = sample_board()
    strip.show_board(view)
    made.show_board(view, make_cards(view, {}))
    made.show()
    qtbot.waitExposed(made)
    qtbot.waitUntil(lambda: made.columns[TaskStatus.BACKLOG].view.contentsSize().height() > 300)
    return made
