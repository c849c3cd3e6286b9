"""The page of all workers: its buttons are for the chosen one, whatever comes and goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gui.navigation import Navigation
from gui.workers.actions import WorkerActions
from gui.workers.page import WorkersPage
from tests.gui.fakes import make_worker, sample_board
from tests.gui.recording_client import RecordingClient

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot
    from qasync import QEventLoop

    from gui.widgets.message_bar import MessageBar


@pytest.fixture
def page(qtbot: QtBot, qt_loop: QEventLoop, message_bar: MessageBar) -> WorkersPage:
    client, navigation = RecordingClient(), Navigation()
    actions = WorkerActions(client, message_bar, navigation)
    made = WorkersPage(client, message_bar, navigation, actions)
    qtbot.addWidget(made)
    made.resize(1100, 500)
    made.show_board(sample_board())
    made.show()
    return made


def name_of(page: WorkersPage) -> str | None:
    facts = page.chosen()
    return facts.worker.name if facts is not None else None


def test_the_first_worker_is_chosen_at_first(page: WorkersPage) -> None:
    assert name_of(page) == "agent-claude-1"


def test_the_buttons_stay_for_the_chosen_one_when_another_comes(page: WorkersPage) -> None:
    page.table.selectRow(1)
    assert name_of(page) == "agent-codex-1"

    workers = (make_worker("agent-auto-1"), *sample_board().workers)
    page.show_board(sample_board(workers=workers))

    assert name_of(page) == "agent-codex-1"
    assert page.table.currentIndex().row() == 2


def test_nobody_is_chosen_in_the_place_of_one_who_is_gone(page: WorkersPage) -> None:
    page.table.selectRow(1)
    first, _, *others = sample_board().workers

    page.show_board(sample_board(workers=(first, *others)))

    assert page.chosen() is None
    assert not any(one.isEnabled() for one in page.buttons.values() if one.isVisible())
    assert not page.remove.isEnabled()
